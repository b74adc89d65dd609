#include "contracts/machines/sink_machine.h"

#include <catch2/catch.hpp>
#include <limits>

#include "tests/unit/machines/make.h"

namespace mla::machines::sink_machine_test {
namespace {

const ObjectPtr kA = object("a");
State plain() {
  return State::text("x");
}
State own(Version version) {
  return State::text("x").with_version(std::move(version));
}

}  // namespace

TEST_CASE("machines: the default version is the greater of the epoch's first and the floor's successor") {
  SinkMachine fresh(kA, Epoch{3, {}}, {}, {});
  CHECK(fresh.send(plain()).version == Version{3, 0});
  CHECK(fresh.send(plain()).version == Version{3, 1});

  SinkMachine after_user_version(kA, Epoch{3, {}}, Version{1700000000}, {});
  CHECK(after_user_version.send(plain()).version == Version{1700000001});

  SinkMachine at_the_top(kA, Epoch{3, {}}, Version{std::numeric_limits<std::int64_t>::max()}, {});
  const Version above = at_the_top.send(plain()).version;
  CHECK(above > Version{std::numeric_limits<std::int64_t>::max()});
}

TEST_CASE("machines: an own version must exceed the floor, or equal it as the first of its term") {
  SinkMachine sink(kA, Epoch{3, {}}, Version{100}, {});
  CHECK(sink.send(own({99})).answer == SendAnswer::stale);
  CHECK(sink.send(own({99})).version == Version{100});
  CHECK(sink.send(own({100})).answer == SendAnswer::accepted);
  CHECK(sink.send(own({100})).answer == SendAnswer::stale);
  CHECK(sink.send(own({101})).answer == SendAnswer::accepted);
  sink.term_changed(Epoch{4, {}}, Version{90});
  CHECK(sink.floor() == Version{101});
  CHECK(sink.send(own({101})).answer == SendAnswer::accepted);
}

TEST_CASE("machines: a raised floor under the same term does not make its last version new again") {
  SinkMachine sink(kA, Epoch{3, {}}, {}, {});
  sink.send(own({5}));
  sink.term_changed(Epoch{3, {}}, Version{8});
  CHECK(sink.send(own({8})).answer == SendAnswer::stale);
  sink.raise_floor(Version{7});
  CHECK(sink.floor() == Version{8});
}

TEST_CASE("machines: states not fetched conflate into one that says how many it stands for") {
  SinkMachine sink(kA, Epoch{3, {}}, {}, {});
  CHECK(sink.send(plain()).leaves);
  CHECK_FALSE(sink.send(plain()).leaves);
  CHECK_FALSE(sink.send(own({9, 9})).leaves);
  auto pending = sink.fetch();
  REQUIRE(pending);
  CHECK(pending->sends == 3);
  CHECK(pending->version == Version{9, 9});
  CHECK(pending->own_version);
  CHECK_FALSE(sink.fetch());
  CHECK(sink.send(plain()).leaves);
  pending = sink.fetch();
  CHECK(pending->sends == 1);
  CHECK_FALSE(pending->own_version);
}

TEST_CASE("machines: after its end a sink refuses, but what it took still leaves") {
  SinkMachine sink(kA, Epoch{3, {}}, {}, {});
  sink.send(plain());
  sink.end(EndReason::contract_dropped);
  sink.end(EndReason::unobserved);
  CHECK(sink.end_reason() == EndReason::contract_dropped);
  CHECK(sink.send(plain()).answer == SendAnswer::ended);
  CHECK(sink.fetch());
}

TEST_CASE("machines: current is what was known at election, then what was sent") {
  SinkMachine sink(kA, Epoch{3, {}}, Version{5}, state(2, {5}, 1));
  CHECK(sink.current()->version() == Version{5});
  sink.send(own({4}));  // refused
  CHECK(sink.current()->version() == Version{5});
  sink.send(plain());
  CHECK(sink.current()->version() == Version{6});
}

}  // namespace mla::machines::sink_machine_test
