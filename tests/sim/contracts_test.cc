#include <catch2/catch.hpp>
#include <map>

#include "tests/sim/net.h"

namespace contracts_test {
using namespace mla;
using namespace mla::sim;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Several contracts within one exchange share its objects, and hand over to each other without a gap.
namespace {

const TagDescriptor kTag{"T"};
const ObjectDescriptor kObject({kTag}, Json("a"));

ContractId expose(Net& net, int node, ContractOptions options) {
  return net.open(node, ContractKind::tag_expose, {}, kTag, options);
}
/// What each contract of an exchange has.
std::map<ContractId, std::size_t> shares(Net& net, int node, int objects) {
  std::map<ContractId, std::size_t> result;
  for (int i = 0; i < objects; ++i)
    if (const auto* r = net[node].engine->tree().find(ObjectDescriptor({kTag}, Json(i)).canonical());
        r && r->here()->sink)
      ++result[r->here()->sink->contract];
  return result;
}

}  // namespace

TEST_CASE("P8: contracts of one exchange share by capacity, whoever came first") {
  const bool below = GENERATE(false, true);
  Net net(2);
  net.link(1, 0);
  const int node = below ? 1 : 0;
  for (int i = 0; i < 120; ++i)
    net.open(1 - node, ContractKind::object_observe, ObjectDescriptor({kTag}, Json(i)), {});
  const ContractId first = expose(net, node, {.capacity = 1});
  REQUIRE(shares(net, node, 120)[first] == 120);
  const ContractId second = expose(net, node, {.capacity = 2});
  net.pass(milliseconds(500));
  CHECK(shares(net, node, 120)[second] <= 16);  // ten a second at most, and those saved up before
  net.pass(seconds(30));
  CHECK(shares(net, node, 120)[first] == Approx(40).margin(4));
  CHECK(shares(net, node, 120)[second] == Approx(80).margin(4));
  for (const auto& [object, state] : net[1 - node].seen) REQUIRE(state.synchronized());
}

TEST_CASE("P8: a contract's limit holds when objects move within its exchange") {
  Net net(1);
  for (int i = 0; i < 40; ++i)
    net.open(0, ContractKind::object_observe, ObjectDescriptor({kTag}, Json(i)), {});
  const ContractId first = expose(net, 0, {});
  const ContractId second = expose(net, 0, {.limit = 5});
  for (int i = 0; i < 100; ++i) {
    net.pass(milliseconds(100));
    REQUIRE(shares(net, 0, 40)[second] <= 5);
  }
  CHECK(shares(net, 0, 40)[second] == 5);
  CHECK(shares(net, 0, 40)[first] == 35);
}

TEST_CASE("P6: of two contracts in one exchange the former goes on until its successor has sent") {
  Net net(2);
  net.link(1, 0);
  net.open(1, ContractKind::object_observe, kObject, {});
  expose(net, 0, {});
  REQUIRE(net[0].sinks.size() == 1);
  const SinkId former = net[0].sinks.begin()->first;
  net[0].publishes = false;
  const ContractId better = expose(net, 0, {.priority = 1});
  REQUIRE(net[0].sinks.size() == 2);
  const SinkId successor = std::next(net[0].sinks.begin())->first;
  net.command(0, engine::Publish{.sink = former, .payload = Net::payload("still the former")});
  CHECK(net[1].seen[kObject.canonical()].text() == "still the former");
  net.command(0, engine::Publish{.sink = successor, .payload = Net::payload("the successor")});
  CHECK(net[1].seen[kObject.canonical()].text() == "the successor");
  CHECK(net[0].sinks.count(former) == 0);
  for (const State& s : net[1].arrived) CHECK(s.synchronized());
  net.command(0, engine::DropContract{better});
  CHECK(net[0].sinks.size() == 1);
}

TEST_CASE(
    "P6: a successor within one exchange that does not send in time is left out, and the former goes on") {
  Net net(1);
  net.open(0, ContractKind::object_observe, kObject, {});
  expose(net, 0, {});
  const SinkId former = net[0].sinks.begin()->first;
  net[0].publishes = false;
  const ContractId silent = expose(net, 0, {.priority = 1});
  net.pass(seconds(6));
  CHECK(net[0].sinks.size() == 1);
  CHECK(net[0].sinks.count(former) == 1);
  net.command(0, engine::Publish{.sink = former, .payload = Net::payload("on and on")});
  CHECK(net[0].seen[kObject.canonical()].text() == "on and on");
  net.command(0, engine::DropContract{silent});
  CHECK(net[0].sinks.count(former) == 1);
}

}  // namespace contracts_test
