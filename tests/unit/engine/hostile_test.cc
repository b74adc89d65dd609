#include <catch2/catch.hpp>
#include <limits>

#include "tests/unit/engine/rig.h"

namespace hostile_test {

// What a peer may try, and what it costs: its link, nobody else's.
using namespace mla;
using namespace mla::engine;
using namespace mla::engine::test;
using namespace mla::codec;

namespace {
constexpr std::uint64_t kFar = std::uint64_t{1} << 40;

Interest observing(std::uint64_t handle) {
  return {.handle = Handle{handle}, .fresh = true, .observes = true};
}
Interest exposing(std::uint64_t handle) {
  return {.handle = Handle{handle}, .fresh = true, .exposes = Exposure{}};
}
}  // namespace

TEST_CASE("P14 an epoch at the end of its range costs the link that announced it, and the tree goes on") {
  Rig rig;
  const auto o = object("1");
  const LinkId good = rig.child(1), bad = rig.child(2);
  rig.define(bad, 1, o);
  Interest m = observing(1);
  SECTION("as heard of") { m.heard = {std::numeric_limits<std::int64_t>::max(), NodeId{2}}; }
  SECTION("as its own term") { m.active = Epoch{std::numeric_limits<std::int64_t>::max(), NodeId{2}}; }
  SECTION("in what it holds") { m.avail = Stamp{{std::numeric_limits<std::int64_t>::max(), NodeId{2}}, {1}}; }
  SECTION("just beyond what is believed") { m.heard = {kFar + 1, NodeId{2}}; }
  rig.send(bad, m);
  CHECK(rig.far[bad].closed == ErrorCode::bad_frame);
  CHECK_FALSE(rig.far[good].closed);

  rig.open(ContractKind::object_observe, o);
  rig.open(ContractKind::object_expose, o);
  REQUIRE(rig.told<Elected>().size() == 1);
  CHECK(rig.told<Elected>()[0].epoch.counter <= kFar + 1);
  rig.publish(bytes(1));
  REQUIRE(rig.told<StateArrived>().size() == 1);
  CHECK(rig.told<StateArrived>()[0].state.version() > Version{});
}

TEST_CASE("a peer far ahead is believed step by step, so that healthy exchanges find together again") {
  Rig rig;
  const auto o = object("1");
  LinkId link = rig.child(1);
  rig.define(link, 1, o);
  Interest m = observing(1);
  m.heard = {2 * kFar, NodeId{1}};
  rig.send(link, m);
  CHECK(rig.far[link].closed == ErrorCode::bad_frame);
  link = rig.child(1);
  rig.define(link, 1, o);
  rig.send(link, m);
  CHECK_FALSE(rig.far[link].closed);
}

TEST_CASE("P14 a link cannot walk the epochs to their end in steps") {
  Rig rig;
  const auto o = object("1");
  const LinkId link = rig.child(1);
  rig.define(link, 1, o);
  Interest m = observing(1);
  for (std::uint64_t i = 1; i < 100; ++i) {
    m.heard = {i * kFar, NodeId{1}};
    rig.send(link, m);
  }
  CHECK(rig.far[link].closed == ErrorCode::bad_frame);
  rig.open(ContractKind::object_observe, o);
  rig.open(ContractKind::object_expose, o);
  CHECK(rig.told<Elected>()[0].epoch.counter < 10 * kFar);
}

TEST_CASE("versions at the end of their range are answered stale, and nothing breaks") {
  Rig rig;
  const auto o = object("1");
  const LinkId link = rig.child(1);
  rig.define(link, 1, o);
  Interest m = observing(1);
  m.floor = *Version::from(std::vector<std::int64_t>(16, std::numeric_limits<std::int64_t>::max()));
  rig.send(link, m);
  rig.open(ContractKind::object_expose, o);
  rig.publish(bytes(1));
  rig.publish(bytes(2));
  const auto answers = rig.told<Published>();
  REQUIRE(answers.size() == 2);
  CHECK(answers[1].outcome == PublishOutcome::stale);
  CHECK_FALSE(rig.far[link].closed);
}

TEST_CASE("P13 pings and paths do not pile up before a peer that reads nothing") {
  Rig rig;
  const LinkId parent = rig.parent(), child = rig.child(1, 0);
  rig.step(LinkWritable{child, 1});  // the welcome leaves
  const std::size_t before = rig.engine.info().links[1].queued_bytes;
  for (std::uint64_t i = 0; i < 10000; ++i) {
    rig.send(child, Ping{i});
    rig.send(parent, Path{{NodeId{200 + i}, NodeId{50}}});
  }
  REQUIRE(rig.engine.info().links.size() == 2);
  CHECK(rig.engine.info().links[1].queued_bytes < before + 200);
  rig.step(LinkWritable{child, 100000});
  REQUIRE(rig.got<Pong>(child).size() == 1);
  CHECK(rig.got<Pong>(child)[0].sequence == 9999);
  REQUIRE_FALSE(rig.got<Path>(child).empty());
  CHECK(rig.got<Path>(child).back().ids.front() == NodeId{200 + 9999});
}

TEST_CASE("P13 declining again and again leaves one deadline") {
  Rig rig;
  const auto o = object("1");
  const LinkId link = rig.child(1);
  rig.define(link, 1, o);
  rig.send(link, exposing(1));
  for (int i = 0; i < 1000; ++i) {
    rig.now += milliseconds(1);
    rig.send(link, Giveup{Handle{1}, {}, GiveupReason::declined, "no", 3'600'000});
  }
  std::size_t woken = 0;
  rig.wait(seconds(1));
  const Instant end = rig.now + std::chrono::hours(2);
  rig.step(LinkDown{link});
  const LinkId again = rig.child(1, 1 << 20, 3'600'000);
  rig.step(LinkDown{again});
  while (auto next = rig.engine.next_deadline()) {
    if (*next > end) break;
    rig.now = *next;
    rig.step(DeadlineReached{});
    ++woken;
  }
  CHECK(woken <= 3);
}

TEST_CASE("P13 a peer that names and takes back objects holds no more of them than it has names") {
  Limits limits;
  limits.objects_per_link = 10;
  Rig rig(limits);
  SECTION("as a child, with its interest") {
    const LinkId link = rig.child(1);
    for (std::uint64_t i = 1; i <= 100; ++i) {
      rig.define(link, i, object(std::to_string(i).c_str()));
      rig.send(link, observing(i), Release{Handle{i}});
    }
    CHECK(rig.engine.info().objects <= 10);
    CHECK_FALSE(rig.far[link].closed);
  }
  SECTION("as a parent, with its assignments") {
    rig.open_tag(ContractKind::tag_expose, "T");
    const LinkId link = rig.parent();
    for (std::uint64_t i = 1; i <= 100; ++i) {
      rig.define(link, i, object(std::to_string(i).c_str(), {{"T"}}));
      rig.send(link, Assign{Handle{i}, {i, NodeId{50}}, {}, true}, Release{Handle{i}});
    }
    CHECK(rig.told<Elected>().size() == 100);
    CHECK(rig.engine.info().objects <= 10);
    CHECK_FALSE(rig.far[link].closed);
  }
}

TEST_CASE("P13 the terms of a parent that withdraws none do not pile up") {
  Rig rig;
  const auto o = object("1");
  rig.open(ContractKind::object_expose, o);
  const LinkId link = rig.parent();
  rig.define(link, 1, o);
  for (std::uint64_t i = 1; i <= 1000; ++i) rig.send(link, Assign{Handle{1}, {i, NodeId{50}}, {}, true});
  REQUIRE(rig.record(o));
  CHECK(rig.record(o)->up()->terms.size() <= 16);
  CHECK(rig.record(o)->cur->epoch.counter == 1000);
}

TEST_CASE("a term that is assigned twice goes on, with its sink") {
  Rig rig;
  const auto o = object("1");
  rig.open(ContractKind::object_expose, o);
  const LinkId link = rig.parent();
  rig.define(link, 1, o);
  const Assign assign{Handle{1}, {5, NodeId{50}}, {}, true};
  rig.send(link, assign);
  rig.publish(bytes(1));
  rig.send(link, assign);
  CHECK(rig.told<Withdrawn>().empty());
  rig.publish(bytes(2));
  CHECK(rig.told<Published>().back().outcome == PublishOutcome::accepted);
  REQUIRE(rig.record(o));
  CHECK_FALSE(rig.record(o)->passing->drain);
}

TEST_CASE("P4 a term that is draining is not taken up again") {
  Rig rig;
  const auto o = object("1");
  rig.open(ContractKind::object_expose, o);
  const LinkId link = rig.parent();
  rig.define(link, 1, o);
  const Epoch five{5, NodeId{50}}, six{6, NodeId{50}};
  rig.send(link, Assign{Handle{1}, five, {}, true});
  rig.publish(bytes(1));
  rig.send(link, Need{Handle{1}});
  rig.step(SetCapacity{ContractId{1}, 0});
  rig.send(link, Assign{Handle{1}, six, {}, true}, Withdraw{Handle{1}, six}, Assign{Handle{1}, five, {}, true});
  REQUIRE(rig.record(o));
  const auto& r = *rig.record(o);
  CHECK((!r.cur || !r.passing->drain || r.passing->drain->epoch < r.cur->epoch));
}

TEST_CASE("P13 what waits on a stalled link is bounded, whatever the far side asks") {
  Limits limits;
  limits.outbound_bytes = 256 << 10;
  Rig rig(limits);
  const LinkId link = rig.parent(50, 1 << 20);
  rig.step(LinkWritable{link, 0});
  for (std::uint64_t i = 1; i <= 3000 && !rig.far[link].closed; ++i) {
    rig.define(link, i, object(std::to_string(i).c_str()));
    for (std::uint64_t e = 1; e <= 30; ++e) rig.send(link, Assign{Handle{i}, {e, NodeId{50}}, {}, true});
  }
  CHECK(rig.far[link].closed == ErrorCode::outbound_overflow);
}

TEST_CASE("P11 when a stalled link is given up, all others hear of it in the same step") {
  Limits limits;
  limits.outbound_bytes = 2000;
  Rig rig(limits);
  const auto o = object("1");
  const LinkId stalled = rig.parent(), other = rig.child(2);
  rig.define(other, 1, o);
  rig.send(other, observing(1));
  rig.define(stalled, 1, o);
  rig.define(stalled, 2, object("2"));
  rig.send(stalled, StateFrame{.handle = Handle{1}, .epoch = {1, NodeId{50}}, .version = {1}});
  REQUIRE(rig.got<StateFrame>(other).size() == 1);
  rig.step(LinkWritable{stalled, 0});
  // Assignments that nobody here can carry out; each is answered.
  for (std::uint64_t e = 1; !rig.far[stalled].closed; ++e) {
    REQUIRE(e < 30);
    REQUIRE(rig.got<Fresh>(other).empty());
    rig.send(stalled, Assign{Handle{2}, {e, NodeId{50}}, {}, true});
  }
  CHECK(rig.far[stalled].closed == ErrorCode::outbound_overflow);
  REQUIRE(rig.got<Fresh>(other).size() == 1);
  CHECK(rig.got<Fresh>(other)[0].age_us);
}

TEST_CASE("a child at the limit of its tags may change and drop those it has") {
  Limits limits;
  limits.contracts_per_link = 2;
  Rig rig(limits);
  const LinkId link = rig.child(1);
  rig.send(link, Tag{"\"a\"", true, {}});
  rig.send(link, Tag{"\"b\"", true, {}});
  rig.send(link, Tag{"\"a\"", true, Exposure{}});
  rig.send(link, Tag{"\"b\"", false, {}});
  CHECK_FALSE(rig.far[link].closed);
  CHECK(rig.engine.info().tags == 1);
  rig.send(link, Tag{"\"b\"", true, {}});
  rig.send(link, Tag{"\"c\"", true, {}});
  CHECK(rig.far[link].closed == ErrorCode::too_many_contracts);
}

TEST_CASE("the configured limits of descriptors hold on links") {
  Limits limits;
  limits.descriptor_bytes = 40;
  limits.tags_per_object = 2;
  Rig rig(limits);
  const LinkId a = rig.child(1), b = rig.child(2), c = rig.child(3), d = rig.child(4);
  rig.define(a, 1, object("1", {{"T"}, {"U"}}));
  rig.define(b, 1, object("1", {{"T"}, {"U"}, {"V"}}));
  rig.define(c, 1, object("\"0123456789012345678901234567890123456789\""));
  rig.send(d, Tag{"\"0123456789012345678901234567890123456789\"", true, {}});
  CHECK_FALSE(rig.far[a].closed);
  CHECK(rig.far[b].closed == ErrorCode::too_many_tags);
  CHECK(rig.far[c].closed == ErrorCode::descriptor_too_large);
  CHECK(rig.far[d].closed == ErrorCode::descriptor_too_large);
}

TEST_CASE("P3 many states in one message are told each observer once") {
  Rig rig;
  const auto o = object("1");
  std::vector<ContractId> observers;
  for (int i = 0; i < 20; ++i) observers.push_back(rig.open(ContractKind::object_observe, o));
  const LinkId link = rig.child(1);
  rig.define(link, 1, o);
  rig.send(link, exposing(1));
  const auto assigned = rig.got<Assign>(link);
  REQUIRE(assigned.size() == 1);
  rig.notices.clear();
  std::vector<std::byte> message;
  for (int i = 1; i <= 3000; ++i)
    encode(StateFrame{.handle = Handle{1}, .epoch = assigned[0].epoch, .version = {i}}, message);
  const Actions actions = rig.step(LinkFrames{link, message});
  CHECK(actions.size() < 2000);
  for (ContractId id : observers) {
    std::optional<Version> last;
    for (const auto& s : rig.told<StateArrived>())
      if (s.contract == id) {
        CHECK((!last || s.state.version() > *last));
        last = s.state.version();
      }
    CHECK(last == Version{3000});
  }
}

TEST_CASE("a reserved object or tag asked for by a peer costs its link permission_denied") {
  Rig rig;
  const LinkId link = rig.child(1);
  const auto reserved = object(R"({"$mla":"node"})"), by_tag = object("1", {Json::from_canonical(R"({"$mla":1})")});
  SECTION("observing") {
    rig.define(link, 1, reserved);
    rig.send(link, observing(1));
  }
  SECTION("exposing") {
    rig.define(link, 1, reserved);
    rig.send(link, exposing(1));
  }
  SECTION("by one of its tags") {
    rig.define(link, 1, by_tag);
    rig.send(link, exposing(1));
  }
  SECTION("the tag") { rig.send(link, Tag{R"({"$mla":1})", true, {}}); }
  CHECK(rig.far[link].closed == ErrorCode::permission_denied);
  REQUIRE_FALSE(rig.got<Close>(link).empty());
  CHECK(rig.got<Close>(link)[0].code == ErrorCode::permission_denied);
  CHECK(rig.engine.info().objects == 0);
  CHECK(rig.engine.info().tags == 0);
}

TEST_CASE("a reserved object or tag is refused to local contracts, too") {
  Rig rig;
  const ContractId a = rig.open(ContractKind::object_expose, object(R"({"$mla":"node"})"));
  const ContractId b{++rig.last_contract};
  rig.step(OpenContract{.id = b, .kind = ContractKind::tag_observe, .tag = {Json::from_canonical(R"({"$mla":1})")}});
  const auto refused = rig.told<ContractRefused>();
  REQUIRE(refused.size() == 2);
  CHECK((refused[0].contract == a && refused[0].code == ErrorCode::reserved_descriptor));
  CHECK((refused[1].contract == b && refused[1].code == ErrorCode::reserved_descriptor));
  CHECK(rig.engine.info().contracts == 0);
  rig.step(DropContract{a});
}

TEST_CASE("who is taken for an admin may ask for what is reserved, as a peer and locally") {
  Rig rig({}, Principal{.name = {}, .admin = true});
  const auto reserved = object(R"({"$mla":"node"})");
  const LinkId link = rig.child(1);
  rig.define(link, 1, reserved);
  rig.send(link, observing(1), Tag{R"({"$mla":1})", true, {}});
  CHECK_FALSE(rig.far[link].closed);
  rig.open(ContractKind::object_expose, reserved);
  CHECK(rig.told<ContractRefused>().empty());
  CHECK(rig.told<Elected>().size() == 1);
}

}  // namespace hostile_test
