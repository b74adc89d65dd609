#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/sim/net.h"

namespace late_test {
using namespace mla;
using namespace mla::sim;

// Of a term that is superseded before it has sent: its writer may be sending while it is told.
namespace {

const ObjectDescriptor kObject({}, Json("a"));

void observe(Net& net, int node) { net.open(node, ContractKind::object_observe, kObject, {}); }
void expose(Net& net, int node, std::int32_t priority) {
  net.open(node, ContractKind::object_expose, kObject, {}, ContractOptions{.priority = priority});
}
const State& seen(Net& net, int node) { return net[node].seen[kObject.canonical()]; }
bool elected(Net& net, int node) { return !net[node].sinks.empty(); }
bool always_synchronized(Net& net, int node) {
  const auto& all = net[node].arrived;
  return !all.empty() && std::all_of(all.begin(), all.end(), [](const State& s) { return s.synchronized(); });
}

/// 1 writes; 0 has elected 2 in its place, which has not sent. Observed at 0 and 2. Whom a test lets 0 elect next has not sent either.
Net superseded() {
  Net net(5);
  for (int i = 1; i < 5; ++i) net.link(i, 0);
  for (int i = 2; i < 5; ++i) net[i].publishes = false;
  observe(net, 0);
  observe(net, 2);
  expose(net, 1, 0);
  expose(net, 2, 1);
  REQUIRE(elected(net, 2));
  return net;
}

}  // namespace

TEST_CASE("P6: who is superseded before it has sent, and sends before it hears of that, is followed until its successor sends") {
  Net net = superseded();
  net.stall(0, 2);  // whatever 0 has to say comes late
  expose(net, 3, 2);
  REQUIRE(elected(net, 3));
  net.publish(2, "two");
  CHECK(seen(net, 0).text() == "two");
  CHECK(seen(net, 2).text() == "two");
  CHECK_FALSE(elected(net, 1));
  net.publish(1, "one again");
  net.resume(0, 2);
  CHECK(seen(net, 2).text() == "two");
  net.publish(3, "three");
  for (const int observer : {0, 2}) {
    CHECK(seen(net, observer).text() == "three");
    CHECK(always_synchronized(net, observer));
  }
  CHECK_FALSE(elected(net, 2));
  net.publish(2, "too late");
  CHECK(seen(net, 0).text() == "three");
}

TEST_CASE("P6: a successor that sends first ends both it takes over from") {
  Net net = superseded();
  expose(net, 3, 2);
  net.publish(3, "three");
  CHECK(seen(net, 2).text() == "three");
  CHECK_FALSE(elected(net, 1));
  CHECK_FALSE(elected(net, 2));
  CHECK(always_synchronized(net, 2));
}

TEST_CASE("P6: of several that are superseded each may still send, but not after one that came later") {
  Net net = superseded();
  expose(net, 3, 2);
  expose(net, 4, 3);
  for (const int i : {1, 2, 3, 4}) CHECK(elected(net, i));
  net.publish(3, "three");
  CHECK(seen(net, 2).text() == "three");
  CHECK_FALSE(elected(net, 1));
  CHECK_FALSE(elected(net, 2));
  net.publish(4, "four");
  CHECK(seen(net, 2).text() == "four");
  CHECK_FALSE(elected(net, 3));
  CHECK(always_synchronized(net, 2));
}

TEST_CASE("P6: of very many that are superseded the oldest is not waited for") {
  Net net = superseded();
  for (int i = 0; i < 8; ++i) expose(net, 3 + i % 2, 2 + i);
  CHECK(net[2].sinks.size() == 1);
  expose(net, 3, 10);
  CHECK(net[2].sinks.empty());
  CHECK(elected(net, 1));
  net.publish(3, "three");
  CHECK(seen(net, 2).text() == "three");
  CHECK_FALSE(elected(net, 1));
}

TEST_CASE("P6: who is superseded goes, or takes the place of the former writer that goes") {
  Net net = superseded();
  expose(net, 3, 2);
  SECTION("it goes") {
    net.cut(2);
    net.publish(1, "one again");
    CHECK(seen(net, 0).text() == "one again");
    CHECK(always_synchronized(net, 0));
  }
  SECTION("the former goes") {
    net.cut(1);
    CHECK_FALSE(seen(net, 0).synchronized());
    net.publish(2, "two");
    CHECK(seen(net, 0).text() == "two");
    CHECK(seen(net, 0).synchronized());
    net.publish(3, "three");
    CHECK_FALSE(elected(net, 2));
  }
  net.publish(3, "three");
  CHECK(seen(net, 0).text() == "three");
}

}  // namespace late_test
