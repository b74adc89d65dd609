#include "contracts/machines/expose_machine.h"

#include <catch2/catch.hpp>

#include "tests/unit/machines/make.h"

namespace mla::machines::expose_machine_test {
namespace {

SinkPtr sink(const ObjectPtr& object) {
  return std::make_shared<SinkMachine>(object, Epoch{1, {}}, Version{}, std::nullopt);
}
const ObjectPtr kA = object("a"), kB = object("b");

}  // namespace

TEST_CASE("machines: elections and withdrawals are told in order, objects in turn") {
  ExposeMachine machine;
  CHECK(machine.elected(SinkId{1}, sink(kA)));
  CHECK(machine.elected(SinkId{2}, sink(kB)));
  auto first = machine.next_event();
  REQUIRE(first);
  CHECK(first->kind == ExposeMachine::Event::Kind::elected);
  CHECK(first->id == SinkId{1});
  CHECK(machine.withdrawn(SinkId{1}, EndReason::unobserved));
  CHECK(machine.elected(SinkId{3}, sink(kA)));
  CHECK(machine.next_event()->id == SinkId{2});
  auto gone = machine.next_event();
  CHECK(gone->kind == ExposeMachine::Event::Kind::withdrawn);
  CHECK(gone->id == SinkId{1});
  CHECK(gone->reason == EndReason::unobserved);
  CHECK(gone->sink->end_reason() == EndReason::unobserved);
  CHECK(machine.next_event()->id == SinkId{3});
  CHECK_FALSE(machine.next_event());
}

TEST_CASE("machines: an election that ended untold is not told") {
  ExposeMachine machine;
  auto kept = sink(kA);
  machine.elected(SinkId{1}, kept);
  CHECK_FALSE(machine.withdrawn(SinkId{1}, EndReason::handed_over));
  CHECK(kept->end_reason() == EndReason::handed_over);
  CHECK_FALSE(machine.next_event());
}

TEST_CASE("machines: sinks only passes over withdrawals") {
  ExposeMachine machine;
  machine.elected(SinkId{1}, sink(kA));
  CHECK(machine.next_sink()->id == SinkId{1});
  machine.withdrawn(SinkId{1}, EndReason::unobserved);
  CHECK_FALSE(machine.next_sink());
  machine.elected(SinkId{2}, sink(kA));
  CHECK(machine.next_sink()->id == SinkId{2});
}

TEST_CASE("machines: closing an expose contract ends its sinks and those elected later") {
  ExposeMachine machine;
  auto first = sink(kA), late = sink(kB);
  machine.elected(SinkId{1}, first);
  machine.close(EndReason::contract_dropped);
  CHECK(first->end_reason() == EndReason::contract_dropped);
  CHECK_FALSE(machine.elected(SinkId{2}, late));
  CHECK(late->end_reason() == EndReason::contract_dropped);
  CHECK_FALSE(machine.next_event());
  CHECK_FALSE(machine.withdrawn(SinkId{1}, EndReason::unobserved));
}

TEST_CASE("machines: an unknown sink is nobody's withdrawal") {
  ExposeMachine machine;
  CHECK_FALSE(machine.withdrawn(SinkId{9}, EndReason::unobserved));
  CHECK_FALSE(machine.find(SinkId{9}));
}

}  // namespace mla::machines::expose_machine_test
