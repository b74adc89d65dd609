#include <catch2/catch.hpp>

#include "tests/sim/net.h"

namespace balance_test {
using namespace mla;
using namespace mla::sim;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const TagDescriptor kTag{"T"};

/// Root 0, observer 1, exposers from 2 on; `n` objects under one tag are observed.
Net star(int exposers, int n) {
  Net net(2 + exposers);
  for (int i = 1; i < 2 + exposers; ++i) net.link(i, 0);
  for (int i = 0; i < n; ++i) net.open(1, ContractKind::object_observe, ObjectDescriptor({kTag}, Json(i)), {});
  return net;
}

void expose(Net& net, int node, std::uint32_t capacity) {
  net.open(node, ContractKind::tag_expose, {}, kTag, {.capacity = capacity});
}

std::uint64_t elections(Net& net, int nodes) {
  std::uint64_t sum = 0;
  for (int i = 0; i < nodes; ++i) sum += net[i].elections;
  return sum;
}

}  // namespace

TEST_CASE("P8: shares follow capacity, whoever came first") {
  Net net = star(3, 400);
  expose(net, 2, 1);  // has all until the others come
  expose(net, 3, 1);
  expose(net, 4, 2);
  net.pass(seconds(60));
  CHECK(net[2].sinks.size() == Approx(100).margin(10));
  CHECK(net[3].sinks.size() == Approx(100).margin(10));
  CHECK(net[4].sinks.size() == Approx(200).margin(20));
  CHECK(net[1].seen.size() == 400);
  for (const auto& [object, state] : net[1].seen) REQUIRE(state.synchronized());
}

TEST_CASE("P8: k equal exposers end within 1.2 of the mean") {
  for (int k : {2, 5, 16, 64}) {
    Net net = star(k, 640);
    for (int i = 0; i < k; ++i) expose(net, 2 + i, 1);
    net.pass(seconds(40));
    std::size_t most = 0;
    for (int i = 0; i < k; ++i) most = std::max(most, net[2 + i].sinks.size());
    INFO("k " << k << " most " << most);
    CHECK(static_cast<double>(most) <= 1.2 * 640 / k);
  }
}

TEST_CASE("P8: a lower threshold moves what was even enough before") {
  Limits limits;
  limits.rebalance_percent = 10'000;
  Net net(4, limits);
  for (int i = 1; i < 4; ++i) net.link(i, 0);
  for (int i = 0; i < 40; ++i)
    net.open(1, ContractKind::object_observe, ObjectDescriptor({kTag}, Json(i)), {});
  expose(net, 2, 1);
  expose(net, 3, 1);
  net.pass(seconds(20));
  REQUIRE(net[2].sinks.size() == 40);
  limits.rebalance_percent = 10;
  net.command(0, engine::Reconfigured{limits});
  net.pass(seconds(20));
  CHECK(net[2].sinks.size() == Approx(20).margin(2));
  CHECK(net[3].sinks.size() == Approx(20).margin(2));
}

TEST_CASE("P8: one exposer more moves no more objects than it must") {
  Net net = star(5, 400);
  for (int i = 0; i < 4; ++i) expose(net, 2 + i, 1);
  net.pass(seconds(60));
  const auto before = elections(net, 7);
  expose(net, 6, 1);
  net.pass(seconds(60));
  const auto moved = elections(net, 7) - before;
  CHECK(moved >= 70);
  CHECK(moved <= 1.5 * 400 / 5);
}

TEST_CASE("P8: one exposer less moves only what it had") {
  Net net = star(4, 400);
  for (int i = 0; i < 4; ++i) expose(net, 2 + i, 1);
  net.pass(seconds(60));
  const auto before = elections(net, 6);
  const auto had = net[5].sinks.size();
  net.cut(5);
  net.pass(seconds(30));
  const auto moved = elections(net, 6) - before;
  CHECK(moved >= had);
  CHECK(moved <= 1.5 * 400 / 4);
}

TEST_CASE("P8: moves are limited per second") {
  Net net = star(2, 400);
  expose(net, 2, 1);
  net.pass(seconds(20));
  const auto before = elections(net, 4);
  expose(net, 3, 1);
  net.pass(seconds(2));
  CHECK(elections(net, 4) - before <= 20 + 20 + 20);  // 5 % of 400 a second, and what was saved up for one
  net.pass(seconds(30));
  CHECK(net[3].sinks.size() == Approx(200).margin(20));
}

TEST_CASE("P8: a mid-level evens out its own subtree") {
  Net net(6);  // 0 root, 1 observer, 2 mid-level over 3 and 4, 5 beside it
  for (int i : {1, 2, 5}) net.link(i, 0);
  for (int i : {3, 4}) net.link(i, 2);
  for (int i = 0; i < 300; ++i) net.open(1, ContractKind::object_observe, ObjectDescriptor({kTag}, Json(i)), {});
  expose(net, 3, 1);
  net.pass(seconds(20));
  expose(net, 4, 1);
  expose(net, 5, 1);
  net.pass(seconds(60));
  for (int i : {3, 4, 5}) CHECK(net[i].sinks.size() == Approx(100).margin(15));
}

TEST_CASE("P6: a move for balance lets no observer see a gap or a step back") {
  Net net = star(2, 100);
  expose(net, 2, 1);
  net.pass(seconds(5));
  expose(net, 3, 1);
  const auto before = net[1].seen;
  for (int i = 0; i < 200; ++i) {
    net.pass(milliseconds(50));
    for (const auto& [object, state] : net[1].seen) {
      REQUIRE(state.synchronized());
      REQUIRE(state.version() >= before.at(object).version());
    }
  }
  CHECK(net[3].sinks.size() == Approx(50).margin(5));
}

}  // namespace balance_test
