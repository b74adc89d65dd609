#include <catch2/catch.hpp>

#include "tests/sim/net.h"

namespace preemption_test {
using namespace mla;
using namespace mla::sim;

// Exposers that wait while one of lower priority is at work.
namespace {

const ObjectDescriptor kObject({{"T"}}, Json("a"));

ContractId expose(Net& net, int node, int priority, bool takes_over, bool by_tag = false) {
  ContractOptions options;
  options.priority = priority;
  options.takes_over = takes_over;
  return by_tag ? net.open(node, ContractKind::tag_expose, {}, {"T"}, options)
                : net.open(node, ContractKind::object_expose, kObject, {}, options);
}
void observe(Net& net, int node) {
  net.open(node, ContractKind::object_observe, kObject, {});
}

}  // namespace

TEST_CASE("P8: who does not take over waits while one of lower priority is at work") {
  const bool by_tag = GENERATE(false, true);
  Net net(4);
  for (int i = 1; i < 4; ++i) net.link(i, 0);
  observe(net, 0);
  const ContractId first = expose(net, 1, 1, true, by_tag);
  expose(net, 2, 5, false, by_tag);
  CHECK(net[1].sinks.size() == 1);
  CHECK(net[2].elections == 0);
  const ContractId third = expose(net, 3, 3, true, by_tag);
  CHECK(net[3].sinks.size() == 1);
  CHECK(net[2].elections == 0);
  net.command(1, engine::DropContract{first});
  net.command(3, engine::DropContract{third});
  CHECK(net[2].sinks.size() == 1);  // a fresh election prefers it
  expose(net, 1, 4, true, by_tag);
  CHECK(net[1].sinks.empty());
  CHECK(net[2].sinks.size() == 1);
}

TEST_CASE("P8: who does not take over waits within its own exchange too") {
  Net net(1);
  observe(net, 0);
  const ContractId first = expose(net, 0, 1, true);
  expose(net, 0, 5, false);
  CHECK(net[0].elections == 1);
  net.command(0, engine::DropContract{first});
  CHECK(net[0].elections == 2);
  expose(net, 0, 6, true);
  CHECK(net[0].elections == 3);
}

TEST_CASE("P8: an exposer takes over from one of lower priority, though a better one waits beside that") {
  const bool by_tag = GENERATE(false, true);
  Net net(5);  // 2 and 3 below 1; 1 and 4 below 0
  net.link(1, 0);
  net.link(2, 1);
  net.link(3, 1);
  net.link(4, 0);
  observe(net, 0);
  expose(net, 2, 1, true, by_tag);
  expose(net, 3, 5, false, by_tag);
  REQUIRE(net[2].sinks.size() == 1);
  const ContractId fourth = expose(net, 4, 3, true, by_tag);
  CHECK(net[2].sinks.empty());
  CHECK(net[3].elections == 0);
  CHECK(net[4].sinks.size() == 1);
  net.command(4, engine::DropContract{fourth});
  CHECK(net[3].sinks.size() == 1);
}

TEST_CASE("P8: a new term for another reason does not pass to who waits") {
  Net net(3);
  net.link(1, 0);
  net.link(2, 0);
  observe(net, 0);
  expose(net, 1, 1, true);
  expose(net, 2, 5, false);
  REQUIRE(net[1].sinks.size() == 1);
  Net::Node& root = net[0];
  const auto minted = root.engine->info().epochs_minted;
  // A part with an election of its own joins: the epochs must be made one.
  net.cut(1, 0);
  REQUIRE(net[2].sinks.size() == 1);
  net.link(1, 0);
  CHECK(root.engine->info().epochs_minted > minted);
  CHECK(net[2].sinks.size() == 1);  // it is at work now, and of higher priority
  CHECK(net[1].sinks.empty());
}

}  // namespace preemption_test
