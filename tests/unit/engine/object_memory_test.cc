#include <catch2/catch.hpp>
#include <iostream>
#include <string>
#include <utility>

#include "exchange/codec/codec.h"
#include "exchange/engine/engine.h"
#include "tests/unit/engine/counted_memory.h"

using namespace mla;
using namespace mla::engine;
using namespace mla::codec;

namespace {

/// A router, and what it pays for an object: named by both links, exposed on one, observed on the other, one state held.
/// *loop-confined*
class Router {
 public:
  Router() {
    for (const LinkId link : {kExposer, kObserver}) {
      step(LinkUp{link, LinkRole::child, kRoom, {}, {}});
      say(link, Hello{.node = NodeId{link.value}, .heartbeat_ms = 3'600'000, .path = {NodeId{link.value}}}, true);
    }
  }

  /// Objects of these numbers are exposed, and all wait for what they have to do with each other.
  void ask(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t i = from; i <= to; ++i) {
      say(kExposer, DefineObject{Handle{i}, name(i)});
      say(kExposer, Interest{.handle = Handle{i}, .fresh = true, .exposes = Exposure{}}, i == to);
    }
    for (std::uint64_t i = from; i <= to; ++i) {
      say(kObserver, DefineObject{Handle{i}, name(i)});
      say(kObserver, Interest{.handle = Handle{i}, .fresh = true, .observes = true}, i == to);
    }
  }
  /// Elected in the order in which they were asked for: the epochs tell.
  void answer(std::uint64_t from, std::uint64_t to) {
    const std::vector<std::byte> data(64, std::byte{'7'});
    for (std::uint64_t i = from; i <= to; ++i) {
      StateFrame state{.handle = Handle{i}, .epoch = {i, NodeId{100}}, .nth = 1, .format = {"JSON"}, .body = data};
      state.version = Version{static_cast<std::int64_t>(i), 0};
      say(kExposer, state, i == to);
    }
  }
  /// What elections need for a while is gone then.
  void rest() {
    for (int i = 0; i < 10; ++i) {
      now_ += std::chrono::seconds(2);
      step(DeadlineReached{});
    }
  }
  void take_nothing() {
    for (const LinkId link : {kExposer, kObserver}) step(LinkWritable{link, 0});
  }
  void take(LinkId link) { step(LinkWritable{link, kRoom}); }
  std::size_t states() const { return states_; }

  static constexpr LinkId kExposer{1}, kObserver{2};
  static std::string name(std::uint64_t i) {
    return "[[\"a tag of a size\"],\"object" + std::to_string(100000 + i) + "\"]";
  }

 private:
  static constexpr std::size_t kRoom = std::size_t{1} << 30;

  void step(const Event& event) {
    engine_.step(now_, event, actions_);
    for (const auto& a : actions_) {
      const auto* send = std::get_if<SendFrames>(&a);
      if (!send) continue;
      Decoder decoder(*send->message);
      for (Frame frame; decoder.next(frame) == Decoder::Outcome::frame;) states_ += std::holds_alternative<StateFrame>(frame);
    }
    std::exchange(actions_, {});
  }
  void say(LinkId link, const Frame& frame, bool last = false) {
    encode(frame, message_);
    if (message_.size() < 60'000 && !last) return;
    step(LinkFrames{link, message_});
    message_.clear();
  }

  Engine engine_{Config{.node = NodeId{100}}};
  Instant now_{std::chrono::hours(1)};
  Actions actions_;
  std::vector<std::byte> message_;
  std::size_t states_ = 0;
};

}  // namespace

// An allocator adds to this: with jemalloc's sizes, its own tables and those that have just grown it is less than 512 bytes.
TEST_CASE("1B: an object of one tag, two links and 64 bytes of state asks for at most 440 B") {
  // The first ones make the room that others use again (buffers of messages above all); it is not theirs.
  constexpr std::uint64_t kFirst = 12000, kAll = 24000;
  REQUIRE(Router::name(kAll).size() <= 40);
  Router router;
  const auto make = [&](std::uint64_t from, std::uint64_t to) {
    router.ask(from, to);
    router.answer(from, to);
    router.rest();
    return live_bytes();
  };
  const std::size_t before = make(1, kFirst), after = make(kFirst + 1, kAll);
  CHECK(router.states() == kAll);
  const double each = static_cast<double>(after - before) / (kAll - kFirst);
  std::cout << "an object: " << each << " B\n";
  CHECK(each <= 440);
}

#ifndef __EMSCRIPTEN__  // where pages are not given back at all
// Else it would leave holes: pages that few blocks of those that stay keep from the system.
TEST_CASE("1B: what objects have for a while is not of the size of what they have for good") {
  constexpr std::uint64_t kMany = 20000;
  Router router;
  begin_peak();
  // They all begin at once, and links take what there is to say when everything is there.
  router.take_nothing();
  router.ask(1, kMany);
  router.take(Router::kExposer);
  router.answer(1, kMany);
  const std::size_t all_at_once = live_bytes();
  router.take(Router::kObserver);
  router.rest();
  CHECK(router.states() == kMany);
  CHECK(live_bytes() < all_at_once);
  constexpr std::size_t kSlabs = 14336;  // larger blocks have pages of their own
  for (const SizeClass& c : size_classes()) {
    if (c.block > kSlabs || c.live < 4 * kMany) continue;
    INFO("blocks of " << c.block << ": " << c.live << " B at rest, " << c.peak << " B for a while");
    CHECK(static_cast<double>(c.peak) <= 1.1 * static_cast<double>(c.live));
  }
}

TEST_CASE("1B: objects that all waited at once take as much at rest as those that came one after the other") {
  static constexpr std::uint64_t kMany = 20000;
  const auto at_rest = [](bool all_at_once) {
    const std::size_t before = live_bytes();
    Router router;
    if (all_at_once) router.take_nothing();
    router.ask(1, kMany);
    router.take(Router::kExposer);
    router.answer(1, kMany);
    router.take(Router::kObserver);
    router.rest();
    CHECK(router.states() == kMany);
    return (live_bytes() - before) / kMany;
  };
  const std::size_t one_by_one = at_rest(false), all_at_once = at_rest(true);
  INFO(one_by_one << " B, " << all_at_once << " B");
  CHECK(all_at_once <= one_by_one + 4);
}
#endif
