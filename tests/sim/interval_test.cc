#include <catch2/catch.hpp>

#include "tests/sim/net.h"

namespace interval_test {
using namespace mla;
using namespace mla::sim;
using std::chrono::hours;
using std::chrono::milliseconds;

// Links that carry an object no more often than those behind them ask for.
namespace {

const ObjectDescriptor kObject({{"T"}}, Json("a"));

ContractId observe(Net& net, int node, Interval interval = {}) {
  ContractOptions options;
  options.min_interval = interval;
  return net.open(node, ContractKind::object_observe, kObject, {}, options);
}
ContractId observe_tag(Net& net, int node, Interval interval = {}) {
  ContractOptions options;
  options.min_interval = interval;
  return net.open(node, ContractKind::tag_observe, {}, {"T"}, options);
}
ContractId expose(Net& net, int node, int priority = 0) {
  ContractOptions options;
  options.priority = priority;
  return net.open(node, ContractKind::object_expose, kObject, {}, options);
}
const State& seen(Net& net, int node) {
  return net[node].seen[kObject.canonical()];
}
std::uint64_t carried(Net& net, int from, int to) {
  return net.link_info(from, net.link_of(from, to)).states_out;
}
/// So many states, one every 10 ms, from whoever is elected at `node`.
void produce(Net& net, int node, int states) {
  for (int i = 1; i <= states; ++i) {
    net.publish(node, "state " + std::to_string(i));
    net.pass(milliseconds(10));
  }
}
constexpr milliseconds kTenth{100};
constexpr hours kHour{1};

}  // namespace

TEST_CASE("P3: a link under an interval carries one state in it, downward and upward") {
  const bool up = GENERATE(false, true), by_tag = GENERATE(false, true);
  Net net(2);
  net.link(1, 0);
  const int exposer = up ? 1 : 0, observer = up ? 0 : 1;
  expose(net, exposer);
  by_tag ? observe_tag(net, observer, kTenth) : observe(net, observer, kTenth);
  net.pass(kTenth);
  const auto before = carried(net, exposer, observer);
  produce(net, exposer, 100);
  CHECK(carried(net, exposer, observer) - before == 10);
  CHECK(seen(net, observer).text() == "state 91");
}

TEST_CASE("P1: what is held back for an interval follows when it is over") {
  Net net(2);
  net.link(1, 0);
  expose(net, 0);
  observe(net, 1, kTenth);
  net.pass(kTenth);
  produce(net, 0, 5);
  CHECK(seen(net, 1).text() == "state 1");
  net.pass(milliseconds(49));
  CHECK(seen(net, 1).text() == "state 1");
  net.pass(milliseconds(2));
  CHECK(seen(net, 1).text() == "state 5");
  CHECK(seen(net, 1).skipped() == 0);  // counted by the stream
}

TEST_CASE("P1: the fastest observer behind a link decides its interval") {
  const bool by_tag = GENERATE(false, true);
  Net net(4);  // 1 below 0, 2 and 3 below 1
  net.link(1, 0);
  net.link(2, 1);
  net.link(3, 1);
  expose(net, 0);
  observe(net, 1, kHour);
  const ContractId fast = by_tag ? observe_tag(net, 2) : observe(net, 2);
  observe(net, 3, kHour);
  produce(net, 0, 3);
  CHECK(seen(net, 2).text() == "state 3");
  CHECK(seen(net, 1).text() == "state 3");
  CHECK(seen(net, 3).text() == "n0");  // thinned where the ways part
  net.command(2, engine::DropContract{fast});
  produce(net, 0, 3);
  const auto before = carried(net, 0, 1);
  produce(net, 0, 3);
  CHECK(carried(net, 0, 1) == before);
}

TEST_CASE("P3: a former writer's last state that crosses its successor's first does not make the next one come early") {
  const bool up = GENERATE(false, true);
  Net net(2);
  net.link(1, 0);
  const int former = up ? 0 : 1, successor = up ? 1 : 0;
  expose(net, former);
  observe(net, former, kTenth);
  observe(net, successor);
  net[successor].publishes = false;
  expose(net, successor, 1);
  REQUIRE(net[successor].sinks.size() == 1);
  net.pass(kTenth);
  const auto publish = [&](int node, const std::string& text) {
    net.feed(node, engine::Publish{.sink = net[node].sinks.begin()->first, .payload = Net::payload(text)});
  };
  publish(former, "the last");
  publish(successor, "the first");
  net.settle();
  REQUIRE(seen(net, former).text() == "the first");
  publish(successor, "the second");
  net.settle();
  CHECK(seen(net, former).text() == "the first");
  net.pass(kTenth + milliseconds(1));
  CHECK(seen(net, former).text() == "the second");
}

TEST_CASE("P3: intervals do not add up along the links") {
  Net net(4);
  for (int i = 1; i < 4; ++i) net.link(i, i - 1);
  expose(net, 0);
  observe(net, 3, kTenth);
  net.pass(kTenth);
  for (int i = 0; i < 50; ++i) {
    produce(net, 0, 1);
    CHECK(carried(net, 1, 2) == carried(net, 0, 1));
    CHECK(carried(net, 2, 3) == carried(net, 0, 1));
  }
  CHECK(net[3].arrived.size() == 6);
}

TEST_CASE("P6: the first state of a term is never held back") {
  Net net(4);  // all below 0
  for (int i = 1; i < 4; ++i) net.link(i, 0);
  observe(net, 3, kHour);
  expose(net, 1);
  produce(net, 1, 3);
  CHECK(seen(net, 3).text() == "n1");
  expose(net, 2, 1);
  CHECK(seen(net, 3).text() == "n2");
  CHECK(net[1].sinks.empty());
  for (const State& s : net[3].arrived) CHECK(s.synchronized());
}

TEST_CASE("P1: that a state is no longer fresh is told at once, though its successor is held back") {
  Net net(3);  // 1 and 2 below 0
  net.link(1, 0);
  net.link(2, 0);
  observe(net, 0);
  observe(net, 1, kTenth);
  expose(net, 2);
  net.pass(kTenth);
  produce(net, 2, 2);
  REQUIRE(seen(net, 0).text() == "state 2");
  REQUIRE(seen(net, 1).text() == "state 1");
  net.cut(2, 0);
  CHECK(seen(net, 1).text() == "state 1");
  CHECK_FALSE(seen(net, 1).synchronized());
  net.pass(kTenth);
  CHECK(seen(net, 1).text() == "state 2");
  CHECK_FALSE(seen(net, 1).synchronized());
}

TEST_CASE("P1: the last word of an exposer that goes is not held back") {
  const bool by_tag = GENERATE(false, true);
  Net net(3);  // 2 below 1 below 0
  net.link(1, 0);
  net.link(2, 1);
  observe(net, 0, kHour);
  const ContractId exposer = by_tag ? net.open(2, ContractKind::tag_expose, {}, {"T"}) : expose(net, 2);
  produce(net, 2, 3);
  REQUIRE(seen(net, 0).text() == "n2");
  net.command(2, engine::DropContract{exposer});
  CHECK(seen(net, 0).text() == "state 3");
  CHECK_FALSE(seen(net, 0).synchronized());
}

TEST_CASE("P1: an interval that is taken back holds nothing back any more") {
  const bool up = GENERATE(false, true), by_tag = GENERATE(false, true);
  Net net(2);
  net.link(1, 0);
  const int exposer = up ? 1 : 0, observer = up ? 0 : 1;
  expose(net, exposer);
  const ContractId id = by_tag ? observe_tag(net, observer, kHour) : observe(net, observer, kHour);
  if (by_tag) observe(net, exposer);  // or nobody would produce at once
  produce(net, exposer, 3);
  REQUIRE(seen(net, observer).text() == "n" + std::to_string(exposer));
  net.command(observer, engine::SetMinInterval{id, Interval(0)});
  CHECK(seen(net, observer).text() == "state 3");
  net.command(observer, engine::SetMinInterval{id, kHour});
  produce(net, exposer, 3);
  CHECK(seen(net, observer).text() == "state 1");
}

TEST_CASE("P10: what is kept for an interval goes with the object and with the link") {
  Net net(2);
  net.link(1, 0);
  const ContractId exposer = expose(net, 0), observer = observe(net, 1, kHour);
  produce(net, 0, 3);
  CHECK(net[0].engine->tree().paced() == 1);
  net.cut(1, 0);
  CHECK(net[0].engine->tree().paced() == 0);
  net.link(1, 0);
  produce(net, 0, 3);
  CHECK(net[0].engine->tree().paced() == 1);
  net.command(1, engine::DropContract{observer});
  net.command(0, engine::DropContract{exposer});
  CHECK(net[0].engine->tree().paced() == 0);
}

}  // namespace interval_test
