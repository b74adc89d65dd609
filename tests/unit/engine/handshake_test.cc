#include <catch2/catch.hpp>

#include "tests/unit/engine/rig.h"

namespace handshake_test {

using namespace mla;
using namespace mla::engine;
using namespace mla::engine::test;
using namespace mla::codec;

namespace {
Hello hello(std::uint64_t node, std::uint64_t connection = 1) {
  return {.node = NodeId{node}, .connection = connection, .heartbeat_ms = 1000, .path = {NodeId{node}}};
}
}  // namespace

TEST_CASE("a child that says HELLO is answered WELCOME with the path, and is ready") {
  Rig rig;
  const LinkId link = rig.up(LinkRole::child);
  CHECK_FALSE(rig.far[link].ready);
  rig.send(link, hello(1));
  CHECK(rig.far[link].ready);
  const auto welcome = rig.got<Welcome>(link);
  REQUIRE(welcome.size() == 1);
  CHECK(welcome[0].protocol == 1);
  CHECK(welcome[0].path == std::vector{NodeId{100}});
}

TEST_CASE("versions 1 to 2 meet version 1, versions 2 to 3 do not") {
  Rig rig;
  const LinkId a = rig.up(LinkRole::child), b = rig.up(LinkRole::child), c = rig.up(LinkRole::child);
  Hello m = hello(1);
  m.protocol_min = 1, m.protocol_max = 2;
  rig.send(a, m);
  REQUIRE(rig.got<Welcome>(a).size() == 1);
  CHECK(rig.got<Welcome>(a)[0].protocol == 1);
  m.node = NodeId{2}, m.protocol_min = 2, m.protocol_max = 3;
  rig.send(b, m);
  CHECK(rig.far[b].closed == ErrorCode::version_mismatch);
  m.node = NodeId{3}, m.protocol_min = 0, m.protocol_max = 0;
  rig.send(c, m);
  CHECK(rig.far[c].closed == ErrorCode::version_mismatch);
}

TEST_CASE("a second link of one node with a lower or equal number is refused, the first goes on") {
  Rig rig;
  const LinkId first = rig.up(LinkRole::child), second = rig.up(LinkRole::child);
  rig.send(first, hello(1, 7));
  rig.send(second, hello(1, 7));
  CHECK(rig.far[second].closed == ErrorCode::duplicate_id);
  CHECK_FALSE(rig.far[first].closed);
  REQUIRE_FALSE(rig.got<Close>(second).empty());
  CHECK(rig.got<Close>(second)[0].code == ErrorCode::duplicate_id);
}

TEST_CASE("P5 a second link of one node with a higher number replaces the first at once") {
  Rig rig;
  const auto o = object("1");
  const LinkId first = rig.up(LinkRole::child), second = rig.up(LinkRole::child);
  rig.send(first, hello(1, 7));
  rig.define(first, 1, o);
  rig.send(first, Interest{.handle = Handle{1}, .fresh = true, .observes = true});
  CHECK(rig.engine.info().objects == 1);
  rig.send(second, hello(1, 8));
  CHECK(rig.far[first].closed == ErrorCode::replaced);
  CHECK(rig.far[first].lost == ErrorCode::replaced);
  CHECK(rig.far[second].ready);
  CHECK(rig.engine.info().objects == 0);
  CHECK(rig.engine.info().links.size() == 1);
  rig.step(LinkDown{first});
  CHECK(rig.engine.info().links.size() == 1);
}

TEST_CASE("a process that is refused as duplicate draws itself a new id") {
  Rig rig;
  const LinkId link = rig.up(LinkRole::parent);
  const auto said = rig.got<Hello>(link);
  REQUIRE(said.size() == 1);
  CHECK(said[0].node == NodeId{100});
  rig.send(link, Close{ErrorCode::duplicate_id, ""});
  CHECK(rig.engine.node() != NodeId{100});
  const LinkId again = rig.up(LinkRole::parent);
  CHECK(rig.got<Hello>(again).at(0).node == rig.engine.node());
  CHECK(rig.got<Hello>(again)[0].connection > said[0].connection);
}

TEST_CASE("a node of the own path, or of the own id, is refused: would_loop") {
  Rig rig;
  rig.parent(50);
  const LinkId above = rig.up(LinkRole::child), self = rig.up(LinkRole::child);
  rig.send(above, hello(50));
  rig.send(self, hello(100));
  CHECK(rig.far[above].closed == ErrorCode::would_loop);
  CHECK(rig.far[self].closed == ErrorCode::would_loop);
}

TEST_CASE("a parent whose path comes through here is left by the greatest of the circle") {
  const std::uint64_t other = GENERATE(50, 200);
  Rig rig;
  const LinkId link = rig.parent(other);
  rig.send(link, Path{{NodeId{7}, NodeId{100}, NodeId{other}}});
  if (other == 50)
    CHECK(rig.far[link].closed == ErrorCode::would_loop);
  else
    CHECK_FALSE(rig.far[link].closed);
}

TEST_CASE("a tree of sixteen levels takes no seventeenth") {
  Limits limits;
  Rig rig(limits);
  const LinkId link = rig.parent(50);
  std::vector<NodeId> path;
  for (std::uint64_t i = 1; i <= 14; ++i) path.push_back(NodeId{i});
  path.push_back(NodeId{50});
  rig.send(link, Path{path});
  CHECK_FALSE(rig.far[link].closed);
  CHECK(rig.engine.info().path.size() == 16);
  const LinkId child = rig.up(LinkRole::child);
  rig.send(child, hello(70));
  CHECK(rig.far[child].closed == ErrorCode::too_deep);
  path.insert(path.begin(), NodeId{15});
  rig.send(link, Path{path});
  CHECK(rig.far[link].closed == ErrorCode::too_deep);
}

TEST_CASE("a peer that says nothing is cut when the time for its HELLO is up") {
  Rig rig;
  const LinkId link = rig.up(LinkRole::child);
  rig.wait(milliseconds(4999));
  CHECK_FALSE(rig.far[link].closed);
  rig.wait(milliseconds(1));
  CHECK(rig.far[link].closed == ErrorCode::handshake_timeout);
}

TEST_CASE("a silent peer is cut after three of its heartbeats, one that answers is not") {
  Rig rig;
  const LinkId silent = rig.child(1, 1 << 20, 1000), alive = rig.child(2, 1 << 20, 1000);
  for (int i = 0; i < 29; ++i) {
    rig.wait(milliseconds(100));
    rig.send(alive, Pong{0});
  }
  CHECK_FALSE(rig.far[silent].closed);
  rig.wait(milliseconds(100));
  CHECK(rig.far[silent].closed == ErrorCode::link_silent);
  rig.send(alive, Pong{0});
  rig.wait(milliseconds(2900));
  CHECK_FALSE(rig.far[alive].closed);
}

TEST_CASE("pings leave with the own heartbeat, and one waits on a stalled link") {
  Rig rig;
  const LinkId link = rig.child(1, 1 << 20, 100000);
  rig.wait(milliseconds(20000));
  CHECK(rig.got<Ping>(link).size() == 2);
  rig.step(LinkWritable{link, 0});
  rig.wait(milliseconds(100000));
  rig.step(LinkWritable{link, 1 << 20});
  CHECK(rig.got<Ping>(link).size() == 3);
}

TEST_CASE("a frame that has no place costs the link that said it") {
  Rig rig;
  SECTION("before HELLO") {
    const LinkId link = rig.up(LinkRole::child);
    rig.send(link, Ping{1});
    CHECK(rig.far[link].closed == ErrorCode::unexpected_frame);
  }
  SECTION("a second HELLO") {
    const LinkId link = rig.child(1);
    rig.send(link, hello(1, 99));
    CHECK(rig.far[link].closed == ErrorCode::unexpected_frame);
  }
  SECTION("WELCOME from a child") {
    const LinkId link = rig.up(LinkRole::child);
    rig.send(link, Welcome{.node = NodeId{1}, .path = {NodeId{1}}});
    CHECK(rig.far[link].closed == ErrorCode::unexpected_frame);
  }
  SECTION("HELLO from the parent") {
    const LinkId link = rig.up(LinkRole::parent);
    rig.send(link, hello(1));
    CHECK(rig.far[link].closed == ErrorCode::unexpected_frame);
  }
  SECTION("ASSIGN from a child") {
    const LinkId link = rig.child(1);
    rig.define(link, 1, object("1"));
    rig.send(link, Assign{Handle{1}, {1, NodeId{1}}, {}, true});
    CHECK(rig.far[link].closed == ErrorCode::unexpected_frame);
  }
  SECTION("INTEREST and CARRY from the parent") {
    const LinkId link = rig.parent();
    rig.define(link, 1, object("1"));
    const bool carry = GENERATE(true, false);
    if (carry)
      rig.send(link, StateFrame{.handle = Handle{1}, .version = {1}, .carry = true});
    else
      rig.send(link, Interest{.handle = Handle{1}});
    CHECK(rig.far[link].closed == ErrorCode::unexpected_frame);
  }
  SECTION("a name that was never given") {
    const LinkId link = rig.child(1);
    rig.send(link, Interest{.handle = Handle{9}});
    CHECK(rig.far[link].closed == ErrorCode::bad_handle);
  }
  SECTION("a path that does not end with the parent") {
    const LinkId link = rig.parent();
    rig.send(link, Path{{NodeId{3}}});
    CHECK(rig.far[link].closed == ErrorCode::bad_frame);
  }
}

TEST_CASE("P13 what comes before WELCOME, one message, and the number of links are bounded") {
  Limits limits;
  limits.links = 2;
  Rig rig(limits);
  const LinkId early = rig.up(LinkRole::child);
  rig.step(LinkFrames{early, std::vector<std::byte>((16 << 10) + 1)});
  CHECK(rig.far[early].closed == ErrorCode::message_too_large);
  const LinkId ready = rig.child(1);
  rig.step(LinkFrames{ready, std::vector<std::byte>((128 << 10) + 1)});
  CHECK(rig.far[ready].closed == ErrorCode::message_too_large);
  rig.child(2), rig.child(3);
  const LinkId third = rig.up(LinkRole::child);
  CHECK(rig.far[third].closed == ErrorCode::too_many_links);
}

TEST_CASE("P11 a stalled link, a slow one and a hostile one delay nobody else") {
  Rig rig;
  const auto o = object("1");
  const LinkId stalled = rig.child(1, 0), slow = rig.child(2), good = rig.child(3), hostile = rig.child(4);
  for (LinkId link : {stalled, slow, good}) {
    rig.define(link, 1, o);
    rig.send(link, Interest{.handle = Handle{1}, .fresh = true, .observes = true});
  }
  rig.open(ContractKind::object_expose, o);
  std::size_t most = 0;
  for (std::int64_t i = 1; i <= 200; ++i) {
    rig.now += milliseconds(1);
    rig.send(hostile, Pong{1}, Need{Handle{77}});
    rig.step(LinkWritable{slow, 100});
    const std::size_t before = rig.got<StateFrame>(good).size();
    const Instant at = rig.now;
    rig.publish(bytes(20000, static_cast<unsigned char>(i)));
    CHECK(rig.now == at);
    CHECK(rig.got<StateFrame>(good).size() == before + 1);  // in the step itself
    rig.step(LinkWritable{good, 1 << 20});
    for (const auto& link : rig.engine.info().links) most = std::max(most, link.queued_bytes);
  }
  CHECK(most < 1000);
  rig.step(LinkWritable{stalled, 1 << 20});
  const auto late = rig.got<StateFrame>(stalled);
  REQUIRE(late.size() == 1);
  CHECK(late[0].nth == 200);
}

}  // namespace handshake_test
