#include <catch2/catch.hpp>

#include "tests/unit/engine/rig.h"

namespace later_peer_test {
using namespace mla;
using namespace mla::engine;
using namespace mla::engine::test;
using namespace mla::codec;

// A peer of the next version: it offers the versions 1 and 2, ends every frame with fields that we do not know, and says
// frames between them of kinds that we do not know.
namespace {

std::byte operator""_b(unsigned long long value) { return static_cast<std::byte>(value); }

/// {"x": [1, 2]}, tag 1 of 9, false: what a later version may have there.
const std::vector<std::byte> kTrailing{0xa1_b, 0x61_b, 0x78_b, 0x82_b, 0x01_b, 0x02_b, 0xc1_b, 0x09_b, 0xf4_b};
constexpr std::uint8_t kTrailingItems = 3;
/// Kinds 80 (streams, reserved) and 40000, with a value of each type.
const std::vector<std::byte> kUnknown{0x83_b, 0x18_b, 0x50_b, 0x01_b, 0xf6_b,                                // [80, 1, null]
                                      0x84_b, 0x19_b, 0x9c_b, 0x40_b, 0x80_b, 0xa0_b, 0x61_b, 0x21_b};  // [40000, [], {}, "!"]
constexpr std::uint64_t kUnknownFrames = 2;

struct LaterPeer {
  Rig& rig;
  LinkId link;
  std::uint64_t unknown = 0;  // frames it has said

  template <class... Frames>
  void say(const Frames&... frames) {
    std::vector<std::byte> message = kUnknown;
    const auto add = [&](const auto& frame) {
      std::vector<std::byte> one;
      encode(frame, one);
      REQUIRE(std::to_integer<int>(one[0]) >> 5 == 4);  // an array of less than 24 items, also when longer
      REQUIRE((std::to_integer<int>(one[0]) & 31) + kTrailingItems < 24);
      one[0] = static_cast<std::byte>(std::to_integer<int>(one[0]) + kTrailingItems);
      message.insert(message.end(), one.begin(), one.end());
      message.insert(message.end(), kTrailing.begin(), kTrailing.end());
      message.insert(message.end(), kUnknown.begin(), kUnknown.end());
      unknown += kUnknownFrames;
    };
    unknown += kUnknownFrames;
    (add(frames), ...);
    rig.step(LinkFrames{link, message});
    REQUIRE_FALSE(rig.far[link].closed);
    CHECK(rig.engine.info().frames_skipped == unknown);
  }
};

Hello hello(std::uint32_t least, std::uint32_t most) {
  return {.protocol_min = least, .protocol_max = most, .node = NodeId{7}, .connection = 1, .heartbeat_ms = 1000,
          .path = {NodeId{7}}, .codecs = {"delta-of-next-year"}};
}

std::vector<std::byte> text(std::string_view s) {
  const auto* bytes = reinterpret_cast<const std::byte*>(s.data());
  return {bytes, bytes + s.size()};
}

}  // namespace

TEST_CASE("1B: a child of the versions 1 to 2 is welcomed with 1, and served though it says more than we know") {
  Rig rig;
  const auto o = object("\"a\"", {TagDescriptor("T")}), p = object("\"b\"");
  LaterPeer peer{rig, rig.up(LinkRole::child)};
  peer.say(hello(1, 2));
  REQUIRE(rig.far[peer.link].ready);
  REQUIRE(rig.got<Welcome>(peer.link).size() == 1);
  CHECK(rig.got<Welcome>(peer.link)[0].protocol == 1);

  // It observes what we expose, by a tag and by itself.
  rig.open(ContractKind::object_expose, o);
  peer.say(Tag{.tag = "\"T\"", .observes = true}, DefineObject{{1}, o->canonical()},
           Interest{.handle = {1}, .fresh = true, .observes = true});
  rig.publish(bytes(10, 'a'));
  REQUIRE(rig.got<StateFrame>(peer.link).size() == 1);
  CHECK(rig.got<StateFrame>(peer.link)[0].body == std::vector<std::byte>(10, static_cast<std::byte>('a')));

  // It exposes what we observe.
  rig.open(ContractKind::object_observe, p);
  peer.say(DefineObject{{2}, p->canonical()}, Interest{.handle = {2}, .fresh = true, .exposes = Exposure{1, 1}});
  const auto assigned = rig.got<Assign>(peer.link);
  REQUIRE(assigned.size() == 1);
  CHECK(assigned[0].want);
  peer.say(Part{{2}, 0, text("in two ")},
           StateFrame{.handle = {2}, .epoch = assigned[0].epoch, .version = {1000, 0}, .nth = 1,
                      .format = {"TEXT"}, .parts_bytes = 7, .body = text("pieces"), .confirm = true});
  const auto arrived = rig.told<StateArrived>();
  REQUIRE_FALSE(arrived.empty());
  CHECK(arrived.back().state.text() == "in two pieces");
  CHECK(arrived.back().state.synchronized());

  peer.say(Ping{5}, Fresh{.handle = {2}, .epoch = assigned[0].epoch, .version = {1000, 0}, .age_us = 9});
  CHECK(rig.got<Pong>(peer.link).back() == Pong{5});
  CHECK_FALSE(rig.told<StateArrived>().back().state.synchronized());
  peer.say(Giveup{.handle = {2}, .epoch = assigned[0].epoch}, Interest{.handle = {2}, .gone = true}, Release{{2}});
  CHECK(rig.got<Close>(peer.link).empty());
}

TEST_CASE("1B: a parent that says more than we know is followed as one of version 1") {
  Rig rig;
  const auto o = object("\"a\""), p = object("\"b\"");
  LaterPeer peer{rig, rig.up(LinkRole::parent)};
  const auto said = rig.got<Hello>(peer.link);
  REQUIRE(said.size() == 1);
  CHECK(said[0].protocol_min == 1);
  CHECK(said[0].protocol_max == 1);
  peer.say(Welcome{.protocol = 1, .node = NodeId{50}, .heartbeat_ms = 10000, .path = {NodeId{50}}});
  REQUIRE(rig.far[peer.link].ready);
  CHECK(rig.engine.info().path == std::vector{NodeId{50}, NodeId{100}});

  rig.open(ContractKind::object_observe, o);
  rig.open(ContractKind::object_expose, p);
  peer.say(Path{{NodeId{40}, NodeId{50}}}, DefineObject{{1}, o->canonical()},
           StateFrame{.handle = {1}, .epoch = {3, NodeId{40}}, .version = {3, 0}, .nth = 1, .format = {"TEXT"},
                      .body = text("from above"), .confirm = true});
  CHECK(rig.engine.info().path == std::vector{NodeId{40}, NodeId{50}, NodeId{100}});
  REQUIRE(rig.told<StateArrived>().size() == 1);
  CHECK(rig.told<StateArrived>()[0].state.text() == "from above");

  peer.say(DefineObject{{2}, p->canonical()}, Assign{{2}, {4, NodeId{40}}, {3, 9}, true}, Floor{{2}, {3, 12}});
  REQUIRE(rig.told<Elected>().size() == 1);
  rig.publish(bytes(3));
  REQUIRE(rig.got<StateFrame>(peer.link).size() == 1);
  CHECK(rig.got<StateFrame>(peer.link)[0].version > Version{3, 12});
  peer.say(Want{{2}, false}, Withdraw{{2}, {4, NodeId{40}}, EndReason::unobserved});
  REQUIRE(rig.told<Withdrawn>().size() == 1);
  CHECK(rig.told<Withdrawn>()[0].reason == EndReason::unobserved);
  CHECK(rig.got<Close>(peer.link).empty());
}

TEST_CASE("1B: a peer of the versions 2 to 3 is refused with version_mismatch, and nobody else is disturbed") {
  Rig rig;
  const LinkId other = rig.child(1);
  SECTION("a child") {
    const LinkId link = rig.up(LinkRole::child);
    rig.send(link, hello(2, 3));
    CHECK(rig.far[link].closed == ErrorCode::version_mismatch);
    REQUIRE(rig.got<Close>(link).size() == 1);
    CHECK(rig.got<Close>(link)[0].code == ErrorCode::version_mismatch);
    CHECK(rig.got<Welcome>(link).empty());
    CHECK_FALSE(rig.far[link].ready);
  }
  SECTION("a parent that chose 2") {
    const LinkId link = rig.up(LinkRole::parent);
    rig.send(link, Welcome{.protocol = 2, .node = NodeId{50}, .heartbeat_ms = 1000, .path = {NodeId{50}}});
    CHECK(rig.far[link].closed == ErrorCode::version_mismatch);
    CHECK_FALSE(rig.far[link].ready);
  }
  CHECK(to_string(ErrorCode::version_mismatch) == "version_mismatch");
  CHECK(static_cast<int>(ErrorCode::version_mismatch) == 603);
  rig.send(other, Ping{3});
  CHECK(rig.got<Pong>(other).back() == Pong{3});
}

}  // namespace later_peer_test
