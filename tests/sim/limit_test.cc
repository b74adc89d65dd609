#include <catch2/catch.hpp>
#include <map>

#include "tests/sim/net.h"

namespace limit_test {
using namespace mla;
using namespace mla::sim;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Exposers that take no more than so many objects: what is beyond that waits, and is served when room comes.
namespace {

const TagDescriptor kTag{"T"}, kOther{"U"};

ObjectDescriptor object(int i) {
  return ObjectDescriptor({kTag}, Json(i));
}
ContractId observe(Net& net, int node, int i) {
  return net.open(node, ContractKind::object_observe, object(i), {});
}
ContractId expose(Net& net, int node, ContractOptions options) {
  return net.open(node, ContractKind::tag_expose, {}, kTag, options);
}
bool has(Net& net, int node, int i) {
  for (const auto& [sink, canonical] : net[node].sinks)
    if (canonical == object(i).canonical()) return true;
  return false;
}
StandingKind standing(Net& net, int node, int i) {
  return net[node].standing[object(i).canonical()].kind;
}

}  // namespace

// The exposer `below` levels below the observer.
TEST_CASE("P8: beyond an exposer's limit an object waits, and is served as soon as another is left") {
  const int below = GENERATE(0, 1, 2);
  Net net(below + 1);
  for (int i = 1; i <= below; ++i) net.link(i, i - 1);
  expose(net, below, {.capacity = 100, .limit = 2});
  std::map<int, ContractId> observing;
  for (int i = 0; i < 6; ++i) observing[i] = observe(net, 0, i);
  REQUIRE(net[below].sinks.size() == 2);
  for (int i = 2; i < 6; ++i) CHECK(standing(net, 0, i) == StandingKind::waiting);
  const auto minted = net[0].engine->info().epochs_minted;
  for (int i = 0; i < 6; ++i) {
    REQUIRE(has(net, below, i));
    CHECK(net[0].seen[object(i).canonical()].synchronized());
    CHECK(net[below].sinks.size() == static_cast<std::size_t>(std::min(2, 6 - i)));
    net.command(0, engine::DropContract{observing[i]});  // at once, not when it is asked again
  }
  CHECK(net[below].sinks.empty());
  CHECK(net[0].engine->info().epochs_minted - minted == 4);  // nobody but who was served was asked
}

TEST_CASE("P8: who waits at a limit is served when the exposer declines another, or goes") {
  const bool below = GENERATE(false, true);
  Net net(3);
  net.link(1, 0);
  net.link(2, 0);
  const int node = below ? 1 : 0;
  const ContractId first = expose(net, node, {.limit = 1});
  observe(net, 2, 0);
  observe(net, 2, 1);
  REQUIRE(has(net, node, 0));
  REQUIRE_FALSE(has(net, node, 1));
  net.command(node, engine::Decline{net[node].sinks.begin()->first, "no", seconds(100)});
  CHECK(has(net, node, 1));
  CHECK(standing(net, 2, 0) == StandingKind::stale);
  observe(net, 2, 2);
  CHECK(standing(net, 2, 2) == StandingKind::waiting);
  const ContractId second = expose(net, 1 - node, {.limit = 1});
  CHECK(net[1 - node].sinks.size() == 1);  // 0 or 2: one of them waits on
  net.command(node, engine::DropContract{first});
  net.command(1 - node, engine::DropContract{second});
  CHECK(standing(net, 2, 2) == StandingKind::unexposed);
}

TEST_CASE("P8: an object served by a lower priority moves up when the better exposer has room") {
  const bool below = GENERATE(false, true);
  Net net(3);
  net.link(1, 0);
  net.link(2, 0);
  const int node = below ? 1 : 0;
  expose(net, node, {.limit = 1, .priority = 5});
  expose(net, 2, {});
  const ContractId first = observe(net, 0, 0);
  observe(net, 0, 1);
  REQUIRE(has(net, node, 0));
  REQUIRE(has(net, 2, 1));
  net.pass(seconds(30));  // asked again now and then, it stays as it is, without a gap
  REQUIRE(has(net, node, 0));
  REQUIRE(has(net, 2, 1));
  net.command(0, engine::DropContract{first});
  CHECK(has(net, node, 1));
  CHECK(net[2].sinks.empty());
  for (const State& state : net[0].arrived) CHECK(state.synchronized());
}

TEST_CASE("P8: balance takes nothing to an exposer that is at its limit") {
  Net net(3);
  net.link(1, 0);
  net.link(2, 0);
  for (int i = 0; i < 40; ++i) observe(net, 0, i);
  expose(net, 1, {});
  REQUIRE(net[1].sinks.size() == 40);
  expose(net, 2, {.limit = 5});
  net.pass(seconds(20));
  CHECK(net[1].sinks.size() == 35);
  CHECK(net[2].sinks.size() == 5);
  const auto ends = net[1].ends, minted = net[0].engine->info().epochs_minted;
  net.pass(seconds(4));
  CHECK(net[1].ends == ends);
  CHECK(net[0].engine->info().epochs_minted == minted);
  for (const State& state : net[0].arrived) REQUIRE(state.synchronized());
}

TEST_CASE("P13: who waits at a limit and goes leaves nothing behind") {
  const bool below = GENERATE(false, true);
  Net net(2);
  net.link(1, 0);
  const int node = below ? 1 : 0;
  const ContractId exposing = expose(net, node, {.limit = 1});
  const ContractId first = observe(net, 0, 0);
  for (int i = 1; i < 50; ++i) net.command(0, engine::DropContract{observe(net, 0, i)});
  for (int n = 0; n < 2; ++n) CHECK(net[n].engine->tree().waiting_count() == 0);
  net.command(0, engine::DropContract{first});
  net.command(node, engine::DropContract{exposing});
  for (int n = 0; n < 2; ++n) CHECK(net[n].engine->info().objects == 0);
}

}  // namespace limit_test
