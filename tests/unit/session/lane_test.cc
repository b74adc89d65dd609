#include <catch2/catch.hpp>

#include "exchange/session/lane.h"

namespace lane_test {
using namespace mla;
using namespace mla::session;
using namespace mla::codec;

namespace {
const Epoch kOne{1, NodeId{1}}, kTwo{2, NodeId{1}};

Outgoing state(std::int64_t version, std::size_t size = 1) {
  return {.stamp = {kOne, {version}},
          .payload = std::make_shared<const Payload>(Payload{{}, std::vector<std::byte>(size)})};
}
template <class T>
T pop(Lane& lane) {
  Lane::Item item = lane.pop();
  auto* frame = std::get_if<Frame>(&item);
  REQUIRE(frame);
  REQUIRE(std::holds_alternative<T>(*frame));
  return std::get<T>(*frame);
}
std::int64_t pop_state(Lane& lane) {
  Lane::Item item = lane.pop();
  REQUIRE(std::holds_alternative<Outgoing>(item));
  return std::get<Outgoing>(item).stamp.version.items()[0];
}
}  // namespace

TEST_CASE("a term that never left needs no withdrawal, another does") {
  Lane lane;
  lane.push(Assign{{}, kOne, {}, true});
  lane.push(Withdraw{{}, kTwo});
  lane.push(Withdraw{{}, kOne});
  CHECK(pop<Withdraw>(lane).epoch == kTwo);
  CHECK(lane.empty());
}

TEST_CASE("states that nothing parts any more are one, as fresh as was said last (P3)") {
  Lane lane;
  lane.push(state(1));
  lane.push(Assign{{}, kOne, {}, true});
  lane.push(state(2));
  lane.push(Withdraw{{}, kOne});
  Outgoing fresh = state(2);
  fresh.kind = Outgoing::Kind::fresh;
  fresh.payload.reset();
  fresh.synced_at = Instant{std::chrono::seconds(3)};
  lane.push(fresh);
  REQUIRE(lane.items().size() == 1);
  CHECK(std::get<Outgoing>(lane.items()[0]).synced_at == fresh.synced_at);
  CHECK(pop_state(lane) == 2);
  CHECK(lane.empty());
}

TEST_CASE("a state that must go when room is short is not the one whose freshness is said behind it (P1)") {
  Lane lane;
  const auto freshness = [](std::int64_t version) {
    Outgoing fresh = state(version);
    fresh.kind = Outgoing::Kind::fresh;
    fresh.payload.reset();
    return fresh;
  };
  lane.push(state(1, 100));
  lane.push(Withdraw{{}, kOne});
  lane.push(freshness(1));
  lane.push(Withdraw{{}, kTwo});
  lane.push(state(2, 100));
  lane.push(Withdraw{{}, Epoch{3, NodeId{1}}});
  lane.push(freshness(2));
  lane.push(Withdraw{{}, Epoch{4, NodeId{1}}});
  lane.push(freshness(2));
  CHECK(lane.extra() > 100);
  lane.shed();
  CHECK(lane.extra() == 0);
  std::vector<std::int64_t> left;
  while (!lane.empty()) {
    const Lane::Item item = lane.pop();
    if (const auto* s = std::get_if<Outgoing>(&item)) left.push_back(s->stamp.version.items()[0] * 10 + (s->kind == Outgoing::Kind::fresh));
  }
  CHECK(left == std::vector<std::int64_t>{20, 21});
}

TEST_CASE("the last want counts, and is told with the assignment that waits") {
  Lane lane;
  lane.push(Want{{}, true});
  lane.push(Want{{}, false});
  CHECK_FALSE(pop<Want>(lane).want);
  CHECK(lane.empty());
  lane.push(Assign{{}, kOne, {}, false});
  lane.push(Want{{}, true});
  CHECK(pop<Assign>(lane).want);
  CHECK(lane.empty());
}

TEST_CASE("floors only rise while they wait, also within an assignment") {
  Lane lane;
  lane.push(Floor{{}, {5}});
  lane.push(Floor{{}, {3}});
  CHECK(pop<Floor>(lane).floor == Version{5});
  lane.push(Assign{{}, kOne, {4}, false});
  lane.push(Floor{{}, {9}});
  CHECK(pop<Assign>(lane).floor == Version{9});
  CHECK(lane.empty());
}

TEST_CASE("states between two ends are of no use") {
  Lane lane;
  lane.push(End{});
  lane.push(state(1));
  lane.push(End{});
  pop<End>(lane);
  CHECK(lane.empty());
}

TEST_CASE("an end does not take the place of one before other control") {
  Lane lane;
  lane.push(End{});
  lane.push(Assign{{}, kOne, {}, true});
  lane.push(End{});
  pop<End>(lane);
  pop<Assign>(lane);
  pop<End>(lane);
  CHECK(lane.empty());
}

TEST_CASE("pull, need and started are said once") {
  Lane lane;
  for (int i = 0; i < 3; ++i) {
    lane.push(Pull{});
    lane.push(Need{});
    lane.push(Started{{}, kOne, {1}});
  }
  lane.push(Started{{}, kTwo, {1}});
  pop<Pull>(lane);
  pop<Need>(lane);
  CHECK(pop<Started>(lane).epoch == kOne);
  CHECK(pop<Started>(lane).epoch == kTwo);
  CHECK(lane.empty());
}

TEST_CASE("of confirmations the last one is told, behind all that was said before it") {
  Lane lane;
  lane.push(Confirmed{{}, kOne, {1}, 3});
  lane.push(Interest{.observes = true});
  lane.push(Confirmed{{}, kOne, {2}, 4});
  pop<Interest>(lane);
  CHECK(pop<Confirmed>(lane) == Confirmed{{}, kOne, {2}, 4});
  CHECK(lane.empty());
}

TEST_CASE("what was confirmed under an interest that has ceased is not told") {
  for (const Interest& ceased : {Interest{.gone = true}, Interest{.fresh = true, .observes = true}}) {
    Lane lane;
    lane.push(Confirmed{{}, kOne, {1}, 3});
    lane.push(ceased);
    pop<Interest>(lane);
    CHECK(lane.empty());
  }
}

TEST_CASE("of standings the last one is told") {
  Lane lane;
  lane.push(StandingTold{{}, StandingKind::unexposed, ""});
  lane.push(StandingTold{{}, StandingKind::declined, "busy"});
  CHECK(pop<StandingTold>(lane).reason == "busy");
  CHECK(lane.empty());
}

TEST_CASE("of interest records the last one is told") {
  Lane lane;
  lane.push(Interest{.observes = true});
  lane.push(Interest{.observes = true, .exposes = Exposure{}});
  const auto told = pop<Interest>(lane);
  CHECK(told.exposes);
  CHECK_FALSE(told.fresh);
  CHECK(lane.empty());
}

TEST_CASE("that interest had ceased shows in the record that takes its place") {
  Lane lane;
  const bool gone = GENERATE(true, false);
  lane.push(Interest{.gone = gone});
  lane.push(Interest{.observes = true});
  CHECK(pop<Interest>(lane).fresh);
  CHECK(lane.empty());
}

TEST_CASE("no interest record passes a state") {
  Lane lane;
  lane.push(Interest{.observes = true});
  lane.push(state(1));
  lane.push(Interest{.observes = false});
  CHECK(pop<Interest>(lane).observes);
  CHECK(pop_state(lane) == 1);
  CHECK_FALSE(pop<Interest>(lane).observes);
}

TEST_CASE("P3 of many states kept in order behind control the newest stays, and the lane stays short") {
  Lane lane;
  for (int i = 0; i < 200; ++i) lane.push(state(i));
  CHECK_FALSE(lane.overfull());
  CHECK(lane.items().size() <= Lane::kMaxItems / 2 + 1);
  std::int64_t last = -1;
  while (!lane.empty()) {
    const std::int64_t version = pop_state(lane);
    CHECK(version > last);
    last = version;
  }
  CHECK(last == 199);
}

TEST_CASE("P13 control that cannot be folded makes the lane overfull") {
  Lane lane;
  for (std::uint64_t i = 0; i <= Lane::kMaxItems; ++i) {
    CHECK_FALSE(lane.overfull());
    lane.push(Giveup{{}, {i, NodeId{1}}});
  }
  CHECK(lane.overfull());
}

TEST_CASE("P13 one state and a few control frames are a lane's common measure, all else counts") {
  Lane lane;
  lane.push(state(1, 5000));
  for (std::uint64_t i = 0; i < 4; ++i) lane.push(Giveup{{}, {i, NodeId{1}}});
  CHECK(lane.extra() == 0);
  lane.push(state(2, 3000));
  CHECK(lane.extra() >= 5000);
  CHECK(lane.extra() < 8000);
  lane.shed();
  CHECK(lane.extra() == 0);
  for (int i = 0; i < 4; ++i) pop<Giveup>(lane);
  CHECK(pop_state(lane) == 2);
  CHECK(lane.empty());
}

}  // namespace lane_test
