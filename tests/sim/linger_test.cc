#include <catch2/catch.hpp>

#include "tests/sim/net.h"

namespace linger_test {
using namespace mla;
using namespace mla::sim;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Elections that go on for a while after the last observer left.
namespace {

const ObjectDescriptor kObject({{"T"}}, Json("a"));

ContractId expose(Net& net, int node, milliseconds linger, bool by_tag) {
  ContractOptions options;
  options.linger = linger;
  return by_tag ? net.open(node, ContractKind::tag_expose, {}, {"T"}, options)
                : net.open(node, ContractKind::object_expose, kObject, {}, options);
}
ContractId observe(Net& net, int node) {
  return net.open(node, ContractKind::object_observe, kObject, {});
}
std::uint64_t states_out(Net& net, int node) {
  std::uint64_t sum = 0;
  for (const auto& l : net[node].engine->info().links) sum += l.states_out;
  return sum;
}

}  // namespace

TEST_CASE("P7: an election that lingers is kept for its time, and no state goes where nobody needs it") {
  const bool by_tag = GENERATE(false, true);
  Net net(4);  // 2 below 1; 1 and 3 below 0
  net.link(1, 0);
  net.link(2, 1);
  net.link(3, 0);
  expose(net, 2, seconds(3), by_tag);
  const ContractId first = observe(net, 3);
  REQUIRE(net[2].elections == 1);
  net.command(3, engine::DropContract{first});
  const auto before = states_out(net, 0) + states_out(net, 1) + states_out(net, 2);
  net.pass(milliseconds(2900));
  net.publish(2, "meanwhile");
  CHECK(states_out(net, 0) + states_out(net, 1) + states_out(net, 2) == before);
  CHECK(net[2].sinks.size() == 1);
  const ContractId second = observe(net, 3);
  CHECK(net[3].seen[kObject.canonical()].text() == "meanwhile");
  net.command(3, engine::DropContract{second});
  net.pass(milliseconds(2999));
  CHECK(net[2].sinks.size() == 1);
  net.pass(milliseconds(2));
  CHECK(net[2].sinks.empty());
  CHECK(net[2].elections == 1);
  if (by_tag)
    for (int i = 0; i < 4; ++i) CHECK(net[i].engine->info().objects == 0);
}

TEST_CASE("P7: an election ends with its last observer when nobody asked it to linger") {
  const bool by_tag = GENERATE(false, true);
  Net net(2);
  net.link(1, 0);
  expose(net, 1, {}, by_tag);
  const ContractId first = observe(net, 0);
  REQUIRE(net[1].sinks.size() == 1);
  net.command(0, engine::DropContract{first});
  CHECK(net[1].sinks.empty());
}

TEST_CASE("P7: nobody is elected in the place of one that goes while it lingers") {
  Net net(3);
  net.link(1, 0);
  net.link(2, 0);
  expose(net, 1, seconds(3), false);
  const ContractId first = observe(net, 0);
  REQUIRE(net[1].sinks.size() == 1);
  expose(net, 2, seconds(3), false);
  net.command(0, engine::DropContract{first});
  net.pass(seconds(1));
  net.cut(1, 0);
  CHECK(net[2].elections == 0);
  CHECK(net[1].sinks.size() == 1);  // its own exchange decides now, and counts anew
  net.pass(milliseconds(3001));
  CHECK(net[1].sinks.empty());
}

}  // namespace linger_test
