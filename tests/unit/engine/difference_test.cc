#include <catch2/catch.hpp>

#include <string>

#include "exchange/codec/compressor.h"
#include "exchange/codec/difference.h"
#include "tests/unit/engine/rig.h"

namespace engine_difference_test {

using namespace mla;
using namespace mla::engine;
using namespace mla::engine::test;
using namespace mla::codec;

// An exchange and one peer that reads and writes differences.
namespace {

std::vector<std::byte> data(std::size_t size, std::size_t changed) {
  std::vector<std::byte> all(size);
  for (std::size_t i = 0; i < size; ++i) all[i] = static_cast<std::byte>(i * i / 7);
  all[changed] = std::byte{0xff};
  return all;
}

PayloadPtr payload(std::size_t changed) {
  return std::make_shared<const Payload>(Payload{{"BYTES"}, data(1000, changed)});
}

struct Far {
  Rig rig;
  ObjectPtr o = object("\"o\"");
  LinkId link{};

  /// It observes what we expose.
  void observes(std::vector<std::string> codecs) {
    link = rig.up(LinkRole::child);
    rig.send(link, Hello{.node = NodeId{7}, .connection = 1, .heartbeat_ms = 10000, .path = {NodeId{7}}, .codecs = std::move(codecs)});
    rig.open(ContractKind::object_expose, o);
    rig.send(link, DefineObject{{1}, o->canonical()}, Interest{.handle = {1}, .fresh = true, .observes = true});
  }
  StateFrame publishes(std::size_t changed) {
    rig.publish(payload(changed));
    return rig.got<StateFrame>(link).back();
  }

  /// It has what we observe.
  void exposes() {
    link = rig.parent();
    rig.open(ContractKind::object_observe, o);
    rig.define(link, 1, o);
  }
  static StateFrame state(std::uint64_t nth, std::size_t changed) {
    return {.handle = {1}, .epoch = {5, NodeId{50}}, .version = {static_cast<std::int64_t>(nth)}, .nth = nth, .body = data(1000, changed)};
  }
  static StateFrame spliced(std::uint64_t nth, std::size_t changed, std::uint64_t base_nth, std::size_t base_changed) {
    StateFrame s = state(nth, changed);
    s.base_nth = base_nth;
    s.checksum = checksum(s.body);
    s.body.clear();
    splice(data(1000, base_changed), data(1000, changed), s.body);
    return s;
  }
  std::size_t needs() const { return rig.got<Need>(link).size(); }
  std::vector<std::byte> newest() const {
    const auto arrived = rig.told<StateArrived>();
    if (arrived.empty()) return {};
    const auto bytes = arrived.back().state.data();
    return {bytes.begin(), bytes.end()};
  }
};

}  // namespace

TEST_CASE_METHOD(Far, "a large state leaves in full, the next as a difference to it, and after NEED in full again") {
  observes({"splice"});
  const StateFrame first = publishes(1);
  CHECK_FALSE(first.base_nth);
  CHECK(first.body.size() == 1000);
  const StateFrame second = publishes(2);
  CHECK(second.base_nth == first.nth);
  CHECK_FALSE(second.zstd);
  CHECK(second.body.size() < 20);
  std::vector<std::byte> rebuilt;
  REQUIRE(unsplice(first.body, second.body, 1000, rebuilt));
  CHECK(rebuilt == data(1000, 2));
  CHECK(second.checksum == checksum(rebuilt));
  CHECK(rig.engine.info().links[0].differences_out == 1);

  const Handle ours = second.handle;
  rig.send(link, Need{{1}});
  const StateFrame again = rig.got<StateFrame>(link).back();
  CHECK(again.handle == ours);
  CHECK(again.nth == second.nth);
  CHECK_FALSE(again.base_nth);
  CHECK(again.body == data(1000, 2));
  CHECK(publishes(3).base_nth == again.nth);
}

TEST_CASE_METHOD(Far, "who says that it reads nothing else gets every state in full") {
  observes({"delta-of-next-year"});
  for (std::size_t i = 1; i < 5; ++i) {
    const StateFrame s = publishes(i);
    CHECK_FALSE(s.base_nth);
    CHECK_FALSE(s.zstd);
    CHECK(s.body == data(1000, i));
  }
}

TEST_CASE_METHOD(Far, "interest that ends and begins anew starts with a full state") {
  observes({"splice"});
  publishes(1);
  CHECK(publishes(2).base_nth);
  rig.send(link, Interest{.handle = {1}, .gone = true});
  rig.send(link, Interest{.handle = {1}, .fresh = true, .observes = true});
  publishes(3);
  const auto all = rig.got<StateFrame>(link);
  REQUIRE(all.size() > 2);
  CHECK_FALSE(all[2].base_nth);
}

TEST_CASE_METHOD(Far, "a difference is applied to what is here, and where that is something else a full state is asked for, once") {
  exposes();
  rig.send(link, state(1, 1));
  CHECK(newest() == data(1000, 1));
  rig.send(link, spliced(2, 2, 1, 1));
  CHECK(newest() == data(1000, 2));
  CHECK(needs() == 0);
  rig.send(link, spliced(4, 4, 3, 3));  // the third never came
  rig.send(link, spliced(5, 5, 4, 4));
  CHECK(newest() == data(1000, 2));
  CHECK(needs() == 1);
  CHECK(rig.engine.info().bases_missed == 2);
  rig.send(link, state(5, 5));
  CHECK(newest() == data(1000, 5));
  rig.send(link, spliced(6, 6, 5, 5));
  CHECK(newest() == data(1000, 6));
  rig.send(link, spliced(9, 9, 8, 8));
  CHECK(needs() == 2);
}

TEST_CASE_METHOD(Far, "what comes of a difference is not taken when its sum is another") {
  exposes();
  rig.send(link, state(1, 1));
  StateFrame bent = spliced(2, 2, 1, 1);
  bent.body.back() ^= std::byte{1};
  rig.send(link, bent);
  CHECK(newest() == data(1000, 1));
  CHECK(needs() == 1);
}

TEST_CASE_METHOD(Far, "a difference that is older than what is here asks for nothing") {
  exposes();
  rig.send(link, state(5, 5));
  rig.send(link, spliced(4, 4, 3, 3));
  CHECK(needs() == 0);
  CHECK(newest() == data(1000, 5));
}

TEST_CASE_METHOD(Far, "compressed states are taken, whole and as differences, and large ones that shrink leave so") {
  exposes();
  Compressor compressor;
  const std::vector<std::byte> dull(5000, std::byte{'x'});
  StateFrame whole = state(1, 1);
  whole.zstd = true;
  REQUIRE(compressor.compress(dull, {}, 4000, whole.body));
  rig.send(link, whole);
  CHECK(newest() == dull);
  std::vector<std::byte> next = dull;
  for (std::size_t i = 0; i < next.size(); i += 500) next[i] = std::byte{'y'};
  StateFrame change = state(2, 2);
  change.zstd = true;
  change.base_nth = 1;
  change.checksum = checksum(next);
  REQUIRE(compressor.compress(next, dull, 4000, change.body));
  CHECK(change.body.size() < 200);
  rig.send(link, change);
  CHECK(newest() == next);

  // On to a child that reads it: as it came.
  const LinkId below = rig.up(LinkRole::child);
  rig.send(below, Hello{.node = NodeId{8}, .connection = 1, .heartbeat_ms = 10000, .path = {NodeId{8}}, .codecs = {"zstd", "splice"}});
  rig.send(below, DefineObject{{1}, o->canonical()}, Interest{.handle = {1}, .fresh = true, .observes = true});
  REQUIRE(rig.got<StateFrame>(below).size() == 1);
  CHECK(rig.got<StateFrame>(below)[0].zstd);
  for (std::size_t i = 0; i < next.size(); i += 700) next[i] = std::byte{'z'};
  StateFrame further = state(3, 3);
  further.zstd = true;
  further.base_nth = 2;
  further.checksum = checksum(next);
  std::vector<std::byte> before(newest());
  REQUIRE(compressor.compress(next, before, 4000, further.body));
  rig.send(link, further);
  REQUIRE(rig.got<StateFrame>(below).size() == 2);
  CHECK(rig.got<StateFrame>(below)[1].body == further.body);
  CHECK(rig.got<StateFrame>(below)[1].base_nth == 2u);
}

TEST_CASE_METHOD(Far, "P14 a base without a sum, an encoded CARRY, and what was not offered end the link") {
  SECTION("a base without a sum") {
    exposes();
    StateFrame s = spliced(2, 2, 1, 1);
    s.checksum.reset();
    rig.send(link, s);
    CHECK(rig.far[link].closed == ErrorCode::unexpected_frame);
  }
  SECTION("an encoded CARRY") {
    observes({});
    StateFrame s = spliced(2, 2, 1, 1);
    s.carry = true;
    rig.send(link, s);
    CHECK(rig.far[link].closed == ErrorCode::unexpected_frame);
  }
  SECTION("what was not offered") {
    Engine plain(Config{.node = NodeId{100}, .reads = {.splice = true}});
    Actions actions;
    plain.step(rig.now, LinkUp{LinkId{1}, LinkRole::parent, 1 << 20, {}, {}}, actions);
    std::vector<std::byte> message;
    encode(Welcome{.node = NodeId{50}, .heartbeat_ms = 1000, .path = {NodeId{50}}}, message);
    encode(DefineObject{{1}, o->canonical()}, message);
    StateFrame s = spliced(2, 2, 1, 1);
    s.zstd = true;
    encode(s, message);
    actions.clear();
    plain.step(rig.now, LinkFrames{LinkId{1}, message}, actions);
    bool closed = false;
    for (const Action& a : actions)
      if (const auto* c = std::get_if<CloseLink>(&a)) closed = c->code == ErrorCode::unexpected_frame;
    CHECK(closed);
  }
}

}  // namespace engine_difference_test
