#include <catch2/catch.hpp>
#include <string>

#include "tests/unit/engine/rig.h"

// Other limits while an engine runs.
namespace mla::engine::test {

TEST_CASE("1C: other limits hold for what comes, and what is there stays") {
  Rig rig;
  Limits limits;
  const LinkId first = rig.child(7), second = rig.child(8);
  CHECK(rig.far[first].ready);
  limits.links = 2;
  limits.tags_per_object = 2;
  rig.step(Reconfigured{limits});
  const LinkId third = rig.child(9);
  CHECK(rig.far[third].closed == ErrorCode::too_many_links);
  CHECK_FALSE(rig.far[first].closed.has_value());

  // Two tags still pass, three do not any more.
  rig.define(first, 1, object("\"a\"", {"x", "y"}));
  CHECK_FALSE(rig.far[first].closed.has_value());
  rig.define(second, 1, object("\"b\"", {"x", "y", "z"}));
  CHECK(rig.far[second].closed == ErrorCode::too_many_tags);

  limits.links = 10;
  rig.step(Reconfigured{limits});
  CHECK(rig.far[rig.child(9)].ready);
}

TEST_CASE("1C: another heartbeat is announced on links that come, and kept on those that are there") {
  Rig rig;
  Limits limits;
  const LinkId before = rig.child(7);
  limits.heartbeat = milliseconds(500);
  rig.step(Reconfigured{limits});
  const LinkId after = rig.child(8);
  const auto announced = [&](LinkId link) {
    for (const auto& frame : rig.far[link].frames)
      if (const auto* welcome = std::get_if<codec::Welcome>(&frame)) return welcome->heartbeat_ms;
    return 0u;
  };
  CHECK(announced(before) == 10000);
  CHECK(announced(after) == 500);
}

TEST_CASE("1C: a longer time for handshakes is given to those under way too") {
  Rig rig;
  Limits limits;
  const LinkId silent = rig.up(LinkRole::child);
  limits.handshake = seconds(20);
  rig.step(Reconfigured{limits});
  rig.now += seconds(6);
  rig.step(DeadlineReached{});
  CHECK_FALSE(rig.far[silent].closed.has_value());
  rig.now += seconds(15);
  rig.step(DeadlineReached{});
  CHECK(rig.far[silent].closed == ErrorCode::handshake_timeout);
}

}  // namespace mla::engine::test
