#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <new>
#include <utility>

#include "exchange/codec/codec.h"
#include "exchange/engine/engine.h"

using namespace mla;
using namespace mla::engine;
using namespace mla::codec;

namespace {

// What this program has allocated. The size stands in front of each block.
constexpr std::size_t kFront = alignof(std::max_align_t);
std::atomic<std::size_t> g_live{0}, g_peak{0};

void* counted(std::size_t size) {
  void* block = std::malloc(size + kFront);
  if (block == nullptr) throw std::bad_alloc();
  *static_cast<std::size_t*>(block) = size;
  const std::size_t live = g_live += size;
  if (live > g_peak) g_peak = live;
  return static_cast<char*>(block) + kFront;
}
void uncounted(void* pointer) {
  if (pointer == nullptr) return;
  void* block = static_cast<char*>(pointer) - kFront;
  g_live -= *static_cast<std::size_t*>(block);
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
// A sanitizer's runtime brings these too, and they would not come to ours.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counted(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return counted(size);
}
void operator delete(void* pointer) noexcept {
  uncounted(pointer);
}
void operator delete[](void* pointer) noexcept {
  uncounted(pointer);
}
void operator delete(void* pointer, std::size_t) noexcept {
  uncounted(pointer);
}
void operator delete[](void* pointer, std::size_t) noexcept {
  uncounted(pointer);
}

namespace {

/// An engine and one peer that reads nothing. *loop-confined*
class Attack {
 public:
  explicit Attack(LinkRole role) {
    message_.reserve(256 << 10);
    actions_.reserve(16);
    step(LinkUp{kLink, role, 1 << 20, {}, {}});
    if (role == LinkRole::child)
      encode(Hello{.node = NodeId{1}, .heartbeat_ms = 1000, .path = {NodeId{1}}}, message_);
    else
      encode(Welcome{.node = NodeId{1}, .heartbeat_ms = 1000, .path = {NodeId{1}}}, message_);
    encode(DefineObject{Handle{1}, "[[\"T\"],1]"}, message_);
    send();
    step(LinkWritable{kLink, 0});
    base_ = g_live;
    received_ = peak_ = 0;
  }
  Engine& engine() { return engine_; }
  bool closed() const { return closed_; }
  void open(ContractKind kind) {
    step(OpenContract{.id = ContractId{++contracts_}, .kind = kind, .tag = TagDescriptor("T")});
    base_ = g_live;
  }
  void add(const Frame& frame) {
    encode(frame, message_);
    if (message_.size() > 100 << 10) send();
  }
  void bytes(std::vector<std::byte> raw) {
    message_.insert(message_.end(), raw.begin(), raw.end());
    send();
  }
  void send() {
    if (message_.empty()) return;
    received_ += message_.size();
    now_ += std::chrono::milliseconds(1);
    step(LinkFrames{kLink, message_});
    message_.clear();
  }
  std::size_t received() const { return received_; }
  std::size_t peak() const { return peak_; }
  bool within_promise() const { return peak_ <= (64 << 10) + 4 * received_; }

 private:
  static constexpr LinkId kLink{1};
  void step(const Event& event) {
    g_peak = g_live.load();
    engine_.step(now_, event, actions_);
    if (base_ && g_peak > base_) peak_ = std::max(peak_, g_peak - base_);
    for (const auto& a : actions_) closed_ |= std::holds_alternative<CloseLink>(a);
    actions_.clear();
    actions_.shrink_to_fit();
  }
  Engine engine_{Config{.node = NodeId{100}}};
  Instant now_{std::chrono::hours(1)};
  std::vector<std::byte> message_;
  Actions actions_;
  std::uint64_t contracts_ = 0;
  std::size_t base_ = 0, received_ = 0, peak_ = 0;
  bool closed_ = false;
};

void print(const char* what, const Attack& a) {
  std::cout << what << ": " << a.received() << " B received, peak " << a.peak() << " B, "
            << static_cast<double>(a.peak()) / static_cast<double>(std::max<std::size_t>(a.received(), 1))
            << " per byte\n";
}

}  // namespace

TEST_CASE("P14 a peer's pings, states, parts and noise take at most 64 KiB and four times their size") {
  Attack child(LinkRole::child);
  SECTION("pings") {
    for (std::uint64_t i = 0; i < 100000; ++i) child.add(Ping{i});
    child.send();
    print("pings", child);
    CHECK(child.within_promise());
  }
  SECTION("states of no term") {
    for (int i = 0; i < 20000; ++i)
      child.add(StateFrame{.handle = Handle{1}, .epoch = {1, NodeId{1}}, .version = {i}});
    child.send();
    print("fenced states", child);
    CHECK(child.within_promise());
  }
  SECTION("parts, begun again and again") {
    for (int n = 0; n < 8; ++n)
      for (std::uint64_t at = 0; at < 5; ++at) {
        child.add(Part{Handle{1}, at * 60000, std::vector<std::byte>(60000)});
        child.send();
      }
    print("parts", child);
    CHECK(child.within_promise());
  }
  SECTION("a state far above the limit") {
    for (std::uint64_t at = 0; at < 100; ++at) {
      child.add(Part{Handle{1}, at * 60000, std::vector<std::byte>(60000)});
      child.send();
    }
    print("oversized", child);
    CHECK(child.peak() <= 4 << 20);
    CHECK_FALSE(child.closed());
  }
  SECTION("interest of one object that changes for ever") {
    for (std::uint64_t i = 0; i < 50000; ++i)
      child.add(Interest{.handle = Handle{1}, .fresh = true, .observes = (i & 1) != 0, .exposes = Exposure{}});
    child.send();
    print("interest", child);
    CHECK(child.within_promise());
  }
  SECTION("declining for ever") {
    child.add(Interest{.handle = Handle{1}, .fresh = true, .exposes = Exposure{}});
    child.send();
    for (int i = 0; i < 20000; ++i) {
      child.add(Giveup{Handle{1}, {}, GiveupReason::declined, "", 3'600'000});
      child.send();
    }
    print("declining", child);
    CHECK(child.within_promise());
  }
  SECTION("names given and taken back") {
    for (std::uint64_t i = 2; i < 50000; ++i) {
      child.add(DefineObject{Handle{i}, "[[],1]"});
      child.add(Interest{.handle = Handle{i}, .fresh = true, .observes = true});
      child.add(Release{Handle{i}});
    }
    child.send();
    print("names given and taken back", child);
    CHECK(child.within_promise());
  }
  SECTION("noise") {
    child.bytes(std::vector<std::byte>(100 << 10, std::byte{0x9b}));
    print("noise", child);
    CHECK(child.closed());
    CHECK(child.within_promise());
  }
}

TEST_CASE("P14 a parent's assignments and paths take at most 64 KiB and four times their size") {
  Attack parent(LinkRole::parent);
  SECTION("paths") {
    for (std::uint64_t i = 0; i < 20000; ++i) parent.add(Path{{NodeId{1000 + i}, NodeId{1}}});
    parent.send();
    print("paths", parent);
    CHECK(parent.within_promise());
  }
  SECTION("terms that never end") {
    parent.open(ContractKind::tag_expose);
    for (std::uint64_t i = 1; i < 50000; ++i)
      parent.add(Assign{Handle{1}, {i, NodeId{1}}, {}, true});
    parent.send();
    print("terms", parent);
    CHECK(parent.within_promise());
  }
  SECTION("states, seen by ten observers") {
    for (int i = 0; i < 10; ++i) parent.open(ContractKind::tag_observe);
    for (int i = 1; i < 20000; ++i)
      parent.add(StateFrame{.handle = Handle{1}, .epoch = {1, NodeId{1}}, .version = {i}});
    parent.send();
    print("states to ten observers", parent);
    CHECK(parent.within_promise());
  }
}

// Records cost more than the few bytes that make them; what bounds them is their number.
TEST_CASE("P13 an object that a peer names costs at most 128 B, with interest 1 KiB, a tag 512 B") {
  Attack child(LinkRole::child);
  constexpr std::size_t kMany = 9000;
  SECTION("named") {
    for (std::uint64_t i = 2; i < kMany; ++i) child.add(DefineObject{Handle{i}, "[[]," + std::to_string(i) + "]"});
    child.send();
    print("objects named", child);
    CHECK(child.peak() / kMany <= 128);
  }
  SECTION("observed") {
    for (std::uint64_t i = 2; i < kMany; ++i) {
      child.add(DefineObject{Handle{i}, "[[]," + std::to_string(i) + "]"});
      child.add(Interest{.handle = Handle{i}, .fresh = true, .observes = true});
    }
    child.send();
    print("objects observed", child);
    CHECK(child.peak() / kMany <= 1024);
  }
  SECTION("tags") {
    for (std::uint64_t i = 2; i < kMany; ++i) child.add(Tag{std::to_string(i), true, {}});
    child.send();
    print("tags observed", child);
    CHECK(child.peak() / kMany <= 512);
  }
  CHECK_FALSE(child.closed());
}

// What a router pays for an object: named by both links, exposed on one, observed on the other, one state held.
TEST_CASE("1B: an object of one tag, two links and 64 bytes of state costs at most 512 B") {
  // The first ones make the room that others use again (buffers of messages above all); it is not theirs.
  constexpr std::uint64_t kFirst = 12000, kAll = 24000;
  Engine engine{Config{.node = NodeId{100}}};
  Instant now{std::chrono::hours(1)};
  Actions actions;
  std::size_t states = 0;
  const auto step = [&](const Event& event) {
    engine.step(now, event, actions);
    for (const auto& a : actions) {
      const auto* send = std::get_if<SendFrames>(&a);
      if (!send) continue;
      Decoder decoder(*send->message);
      for (Frame frame; decoder.next(frame) == Decoder::Outcome::frame;)
        states += std::holds_alternative<StateFrame>(frame);
    }
    std::exchange(actions, {});
  };
  constexpr LinkId kExposer{1}, kObserver{2};
  constexpr std::size_t kRoom = std::size_t{1} << 30;
  std::vector<std::byte> message;
  const auto say = [&](LinkId link, const auto& frame, bool last = false) {
    encode(frame, message);
    if (message.size() < 60'000 && !last) return;
    step(LinkFrames{link, message});
    message.clear();
  };
  for (const LinkId link : {kExposer, kObserver}) {
    step(LinkUp{link, LinkRole::child, kRoom, {}, {}});
    say(link, Hello{.node = NodeId{link.value}, .heartbeat_ms = 3'600'000, .path = {NodeId{link.value}}}, true);
  }
  const auto name = [](std::uint64_t i) { return "[[\"a tag of a size\"],\"object" + std::to_string(100000 + i) + "\"]"; };
  REQUIRE(name(1).size() <= 40);
  const std::vector<std::byte> data(64, std::byte{'7'});
  const auto make = [&](std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t i = from; i <= to; ++i) {
      say(kExposer, DefineObject{Handle{i}, name(i)});
      say(kExposer, Interest{.handle = Handle{i}, .fresh = true, .exposes = Exposure{}}, i == to);
    }
    for (std::uint64_t i = from; i <= to; ++i) {
      say(kObserver, DefineObject{Handle{i}, name(i)});
      say(kObserver, Interest{.handle = Handle{i}, .fresh = true, .observes = true}, i == to);
    }
    // Elected in the order in which they were asked for: the epochs tell.
    for (std::uint64_t i = from; i <= to; ++i) {
      StateFrame state{.handle = Handle{i}, .epoch = {i, NodeId{100}}, .nth = 1, .format = {"JSON"}, .body = data};
      state.version = Version{static_cast<std::int64_t>(i), 0};
      say(kExposer, state, i == to);
    }
    // At rest: what elections need for a while is gone.
    for (int i = 0; i < 10; ++i) {
      now += std::chrono::seconds(2);
      step(DeadlineReached{});
    }
    return g_live.load();
  };
  const std::size_t before = make(1, kFirst), after = make(kFirst + 1, kAll);
  CHECK(states == kAll);
  const double each = static_cast<double>(after - before) / (kAll - kFirst);
  std::cout << "an object: " << each << " B\n";
  CHECK(each <= 512);
}
