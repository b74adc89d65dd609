#include "contracts/machines/observe_machine.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "tests/unit/machines/make.h"

namespace mla::machines {
namespace {

using std::chrono::milliseconds;

const ObjectPtr kA = object("a"), kB = object("b"), kC = object("c");

/// One word per event: "state a [1,0] +2", "standing a", "end a".
std::string say(const std::optional<ObserveEvent>& seen) {
  if (!seen) return "nothing";
  const std::string object = seen->object->json().text();
  if (seen->kind == ObserveEventKind::standing) return "standing " + object;
  if (seen->kind == ObserveEventKind::ended) return "end " + object;
  const State& s = seen->state;
  return "state " + object + " " + to_string(s.version()) + (s.skipped() ? " +" + std::to_string(s.skipped()) : "");
}

}  // namespace

TEST_CASE("machines: a newer state takes the place of one not taken, and says how many were skipped (P3)") {
  ObserveMachine machine;
  machine.state_arrived(at(0), kA, state(1, {1, 0}, 1));
  CHECK(say(machine.next_event(at(0))) == "state \"a\" [1,0]");
  machine.state_arrived(at(1), kA, state(1, {1, 1}, 2));
  machine.state_arrived(at(2), kA, state(1, {1, 2}, 3));
  machine.state_arrived(at(3), kA, state(1, {1, 3}, 4));
  CHECK(say(machine.next_event(at(3))) == "state \"a\" [1,3] +2");
  CHECK(say(machine.next_event(at(3))) == "nothing");
}

TEST_CASE("machines: the first state skipped nothing, however late the observer came") {
  ObserveMachine machine;
  machine.state_arrived(at(0), kA, state(4, {9, 9}, 900));
  auto seen = machine.next_event(at(0));
  CHECK(seen->state.skipped() == 0);
  CHECK(seen->state.skipped_exact());
}

TEST_CASE("machines: across an epoch the skipped count is a lower bound and says so") {
  ObserveMachine machine;
  machine.state_arrived(at(0), kA, state(1, {1, 0}, 1));
  machine.next_event(at(0));
  machine.state_arrived(at(1), kA, state(2, {2, 4}, 5));
  State got = machine.next_event(at(1))->state;
  CHECK(got.skipped() == 4);
  CHECK_FALSE(got.skipped_exact());
}

TEST_CASE("machines: objects take turns however busy one of them is") {
  ObserveMachine machine;
  machine.state_arrived(at(0), kA, state(1, {1}, 1));
  machine.state_arrived(at(0), kB, state(1, {1}, 1));
  machine.state_arrived(at(0), kC, state(1, {1}, 1));
  std::string order;
  for (int i = 0; i < 6; ++i) {
    auto seen = machine.next_event(at(i));
    order += seen->object->json().text();
    // Every object has something new again at once; a is the busiest.
    for (const ObjectPtr& o : {kA, kA, kB, kC}) machine.state_arrived(at(i), o, state(1, {i + 2}, i + 2));
  }
  CHECK(order == "\"a\"\"b\"\"c\"\"a\"\"b\"\"c\"");
}

TEST_CASE("machines: what one object has to tell comes in the order of its last change") {
  ObserveMachine machine;
  machine.standing_changed(at(0), kA, {StandingKind::waiting});
  machine.state_arrived(at(1), kA, state(1, {1}, 1));
  CHECK(say(machine.next_event(at(1))) == "standing \"a\"");
  CHECK(say(machine.next_event(at(1))) == "state \"a\" [1]");
  machine.state_arrived(at(2), kA, state(1, {2}, 2));
  machine.standing_changed(at(2), kA, {StandingKind::stale});
  machine.state_arrived(at(3), kA, state(1, {3}, 3));
  CHECK(say(machine.next_event(at(3))) == "standing \"a\"");
  CHECK(say(machine.next_event(at(3))) == "state \"a\" [3] +1");
}

TEST_CASE("machines: an ended object tells its last state, then its end, and is forgotten") {
  ObserveMachine machine;
  machine.state_arrived(at(0), kA, state(1, {1}, 1));
  machine.next_event(at(0));
  machine.state_arrived(at(1), kA, state(1, {2}, 2));
  CHECK(machine.object_ended(at(2), kA, EndReason::gone));
  CHECK(say(machine.next_event(at(2))) == "state \"a\" [2]");
  CHECK(say(machine.next_event(at(2))) == "end \"a\"");
  CHECK(say(machine.next_event(at(2))) == "nothing");
  CHECK(machine.objects() == 0);
}

TEST_CASE("machines: an object that comes back before its end was told ends first, then starts anew") {
  ObserveMachine machine;
  machine.state_arrived(at(0), kA, state(3, {3}, 1));
  machine.next_event(at(0));
  machine.object_ended(at(1), kA, EndReason::gone);
  machine.state_arrived(at(2), kA, state(1, {1}, 9));  // lower: another life, P2 is per life
  CHECK(say(machine.next_event(at(2))) == "end \"a\"");
  CHECK(say(machine.next_event(at(2))) == "state \"a\" [1]");
}

TEST_CASE("machines: an object that comes back before its last state was told starts a life of its own") {
  ObserveMachine machine;
  machine.state_arrived(at(0), kA, state(3, {3}, 1));
  machine.next_event(at(0));
  machine.state_arrived(at(1), kA, state(3, {4}, 2));
  machine.object_ended(at(2), kA, EndReason::gone);
  machine.state_arrived(at(3), kA, state(5, {5}, 9));
  CHECK(say(machine.next_event(at(3))) == "end \"a\"");
  auto stream = machine.next_stream(at(3));
  REQUIRE(stream);
  CHECK(machine.next_state(*stream, at(3))->skipped() == 0);
  CHECK(machine.end_reason(*stream) == EndReason::none);
  machine.state_arrived(at(4), kA, state(5, {6}, 10));
  CHECK(machine.next_state(*stream, at(4)));
}

TEST_CASE("machines: objects that come and go unread leave nothing behind (P13)") {
  ObserveMachine machine;
  for (int i = 0; i < 1000; ++i) {
    ObjectPtr o = object("o" + std::to_string(i));
    machine.standing_changed(at(i), o, {StandingKind::waiting});
    machine.state_arrived(at(i), o, state(1, {1}, 1));
    CHECK_FALSE(machine.object_ended(at(i), o, EndReason::gone));
  }
  CHECK(machine.objects() == 0);
  CHECK(say(machine.next_event(at(1000))) == "nothing");
  CHECK_FALSE(machine.next_stream(at(1000)));
}

TEST_CASE("machines: the same version and freshness again wakes nobody") {
  ObserveMachine machine;
  machine.state_arrived(at(0), kA, state(1, {5}, 1));
  machine.next_event(at(0));
  CHECK_FALSE(machine.state_arrived(at(1), kA, state(2, {5}, 1)));  // republished in a new term
  CHECK(say(machine.next_event(at(1))) == "nothing");
  machine.state_arrived(at(2), kA, state(2, {6}, 2));
  State got = machine.next_event(at(2))->state;
  CHECK(got.skipped() == 0);
  CHECK(got.skipped_exact());
}

TEST_CASE("machines: a freshness flip is told, one there and back is not") {
  ObserveMachine machine;
  machine.state_arrived(at(0), kA, state(1, {5}, 1));
  machine.next_event(at(0));
  machine.state_arrived(at(1), kA, state(1, {5}, 1, false));
  machine.state_arrived(at(2), kA, state(1, {5}, 1, true));
  CHECK(say(machine.next_event(at(2))) == "nothing");
  machine.state_arrived(at(3), kA, state(1, {5}, 1, false));
  auto seen = machine.next_event(at(10));
  REQUIRE(seen);
  const State& got = seen->state;
  CHECK_FALSE(got.synchronized());
  CHECK(got.age() == milliseconds(7));  // it grew older while it waited to be taken
}

TEST_CASE("machines: one stream per object, handed out with its first state") {
  ObserveMachine machine;
  CHECK_FALSE(machine.next_stream(at(0)));
  machine.standing_changed(at(0), kA, {StandingKind::waiting});
  CHECK_FALSE(machine.next_stream(at(0)));
  machine.state_arrived(at(1), kA, state(1, {1}, 1));
  auto stream = machine.next_stream(at(1));
  REQUIRE(stream);
  CHECK(machine.object(*stream) == kA);
  machine.state_arrived(at(2), kA, state(1, {2}, 2));
  CHECK_FALSE(machine.next_stream(at(2)));
  auto got = machine.next_state(*stream, at(2));
  REQUIRE(got);
  CHECK(got->version() == Version{2});
  CHECK_FALSE(machine.next_state(*stream, at(2)));
}

TEST_CASE("machines: an object under a stream gives its states there only") {
  ObserveMachine machine;
  machine.state_arrived(at(0), kA, state(1, {1}, 1));
  auto stream = machine.next_stream(at(0));
  machine.state_arrived(at(1), kA, state(1, {2}, 2));
  CHECK(say(machine.next_event(at(1))) == "nothing");
  CHECK(machine.next_state(*stream, at(1)));
}

TEST_CASE("machines: a stream gives its last state before its end, and nothing of a later life") {
  ObserveMachine machine;
  machine.state_arrived(at(0), kA, state(1, {1}, 1));
  auto stream = machine.next_stream(at(0));
  machine.object_ended(at(1), kA, EndReason::gone);
  machine.state_arrived(at(2), kA, state(2, {0}, 1));
  CHECK(machine.end_reason(*stream) == EndReason::none);
  auto last = machine.next_state(*stream, at(3));
  REQUIRE(last);
  CHECK(last->version() == Version{1});
  CHECK_FALSE(machine.next_state(*stream, at(3)));
  CHECK(machine.end_reason(*stream) == EndReason::gone);
  auto second = machine.next_stream(at(3));
  REQUIRE(second);
  CHECK(machine.next_state(*second, at(3))->version() == Version{0});
}

TEST_CASE("machines: letting go of a stream mutes the object until it ends") {
  ObserveMachine machine;
  machine.state_arrived(at(0), kA, state(1, {1}, 1));
  machine.let_go(*machine.next_stream(at(0)));
  CHECK_FALSE(machine.state_arrived(at(1), kA, state(1, {2}, 2)));
  CHECK_FALSE(machine.standing_changed(at(1), kA, {StandingKind::stale}));
  CHECK_FALSE(machine.next_stream(at(1)));
  CHECK(say(machine.next_event(at(1))) == "nothing");
  CHECK(machine.standing(at(1), *kA)->kind == StandingKind::stale);
  machine.object_ended(at(2), kA, EndReason::gone);
  CHECK(machine.objects() == 0);
  machine.state_arrived(at(3), kA, state(2, {1}, 1));
  CHECK(machine.next_stream(at(3)));
}

TEST_CASE("machines: the minimum interval holds states back and keeps the newest") {
  ObserveMachine machine(milliseconds(100));
  CHECK(machine.state_arrived(at(0), kA, state(1, {1}, 1)));
  CHECK(say(machine.next_event(at(0))) == "state \"a\" [1]");
  CHECK_FALSE(machine.state_arrived(at(10), kA, state(1, {2}, 2)));
  CHECK_FALSE(machine.state_arrived(at(20), kA, state(1, {3}, 3)));
  CHECK(say(machine.next_event(at(99))) == "nothing");
  CHECK(machine.next_due() == at(100));
  CHECK(say(machine.next_event(at(100))) == "state \"a\" [3] +1");
  CHECK_FALSE(machine.next_due());
}

TEST_CASE("machines: the minimum interval holds a stream's states back, but not its freshness") {
  ObserveMachine machine(milliseconds(100));
  machine.state_arrived(at(0), kA, state(1, {1}, 1));
  auto stream = machine.next_stream(at(0));
  CHECK(machine.next_state(*stream, at(0)));
  machine.state_arrived(at(10), kA, state(1, {1}, 1, false));
  CHECK(machine.next_state(*stream, at(10)));
  machine.state_arrived(at(20), kA, state(1, {2}, 2));
  CHECK_FALSE(machine.next_state(*stream, at(20)));
  CHECK(machine.next_due() == at(110));
  CHECK(machine.next_state(*stream, at(110)));
}

TEST_CASE("machines: no minimum interval any more lets go of what was held back") {
  ObserveMachine machine(milliseconds(100));
  machine.state_arrived(at(0), kA, state(1, {1}, 1));
  machine.next_event(at(0));
  machine.state_arrived(at(10), kA, state(1, {2}, 2));
  machine.set_min_interval(at(10), {});
  CHECK(say(machine.next_event(at(10))) == "state \"a\" [2]");
}

TEST_CASE("machines: closing ends the contract and its streams at once") {
  ObserveMachine machine;
  machine.state_arrived(at(0), kA, state(1, {1}, 1));
  auto stream = machine.next_stream(at(0));
  machine.close(EndReason::exchange_closed);
  machine.close(EndReason::contract_dropped);
  CHECK(machine.end_reason() == EndReason::exchange_closed);
  CHECK_FALSE(machine.next_state(*stream, at(1)));
  CHECK(machine.end_reason(*stream) == EndReason::exchange_closed);
  CHECK_FALSE(machine.state_arrived(at(1), kB, state(1, {1}, 1)));
  CHECK(machine.objects() == 0);
  machine.let_go(*stream);
}

TEST_CASE("machines: the age of a stale standing grows") {
  ObserveMachine machine;
  CHECK_FALSE(machine.standing(at(0), *kA));
  machine.standing_changed(at(0), kA, {StandingKind::stale, "", milliseconds(5)});
  CHECK(machine.standing(at(20), *kA)->age == milliseconds(25));
}

TEST_CASE("machines: a descriptor is the object, whichever pointer names it") {
  ObserveMachine machine;
  machine.state_arrived(at(0), object("x"), state(1, {1}, 1));
  machine.state_arrived(at(1), object("x"), state(1, {2}, 2));
  CHECK(machine.objects() == 1);
  CHECK(say(machine.next_event(at(1))) == "state \"x\" [2]");
}

TEST_CASE("P2 a state that comes behind a newer one of the same life is left out") {
  ObserveMachine machine;
  machine.state_arrived(at(0), kA, state(2, {2, 0}, 1));
  machine.state_arrived(at(1), kA, state(1, {1, 5}, 6));
  CHECK(say(machine.next_event(at(1))) == "state \"a\" [2,0]");
  machine.state_arrived(at(2), kA, state(1, {1, 6}, 7));
  CHECK(say(machine.next_event(at(2))) == "nothing");
  machine.object_ended(at(3), kA, EndReason::gone);
  machine.state_arrived(at(4), kA, state(1, {1, 7}, 8));  // another life
  CHECK(say(machine.next_event(at(4))) == "end \"a\"");
  CHECK(say(machine.next_event(at(4))) == "state \"a\" [1,7]");
}

}  // namespace mla::machines
