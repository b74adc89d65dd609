#include <catch2/catch.hpp>
#include <algorithm>

#include "exchange/codec/codec.h"
#include "tests/sim/net.h"

namespace confirm_test {
using namespace mla;
using namespace mla::sim;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Confirmation, in the smallest tree that can show each of its rules.
namespace {

const ObjectDescriptor kObject({{"T"}}, Json("a"));

ContractId observe(Net& net, int node) { return net.open(node, ContractKind::object_observe, kObject, {}); }
ContractId observe_tag(Net& net, int node) { return net.open(node, ContractKind::tag_observe, kObject, TagDescriptor("T")); }
ContractId expose(Net& net, int node, std::int32_t priority = 0) {
  return net.open(node, ContractKind::object_expose, kObject, {}, {.priority = priority, .confirmation = true});
}
/// The newest that `node` was told, once it was told as much as it published.
std::optional<std::uint64_t> confirmed(Net& net, int node) {
  const auto& n = net[node];
  if (n.confirmed.empty() || n.published.empty() || n.confirmed.back().version < n.published.back()) return std::nullopt;
  return n.confirmed.back().observers;
}

}  // namespace

TEST_CASE("confirm: a state is confirmed when the last of all observers holds it, with their number") {
  Net net(6);  // 0 root; 1 and 2 below it, 3 and 4 below 2; 5 exposes below 1
  net.link(1, 0);
  net.link(2, 0);
  net.link(3, 2);
  net.link(4, 2);
  net.link(5, 1);
  for (int n : {0, 1, 3, 4}) observe(net, n);
  net.stall(2, 4);
  expose(net, 5);
  net.settle();
  REQUIRE(net[3].seen.size() == 1);
  CHECK_FALSE(confirmed(net, 5));
  net.resume(2, 4);
  CHECK(confirmed(net, 5) == 4);
  net.publish(5, "next");
  CHECK(confirmed(net, 5) == 4);
}

TEST_CASE("confirm: a link that is lost is not waited for any more") {
  Net net(4);
  for (int n : {1, 2, 3}) net.link(n, 0);
  observe(net, 1);
  observe(net, 2);
  expose(net, 3);
  REQUIRE(confirmed(net, 3) == 2);
  net.stall(0, 2);
  net.publish(3, "next");
  CHECK_FALSE(confirmed(net, 3));
  net.cut(2, 0);
  CHECK(confirmed(net, 3) == 1);
}

TEST_CASE("confirm: whoever observes no more is not waited for any more") {
  Net net(4);
  for (int n : {1, 2, 3}) net.link(n, 0);
  observe(net, 1);
  const ContractId leaves = observe(net, 2);
  expose(net, 3);
  net.stall(0, 2);
  net.publish(3, "next");
  CHECK_FALSE(confirmed(net, 3));
  net.command(2, engine::DropContract{leaves});
  CHECK(confirmed(net, 3) == 1);
}

TEST_CASE("confirm: who begins to observe later is counted, but not waited for") {
  Net net(4);
  for (int n : {1, 2, 3}) net.link(n, 0);
  observe(net, 1);
  expose(net, 3);
  net.stall(0, 1);
  net.publish(3, "next");
  CHECK_FALSE(confirmed(net, 3));
  net.stall(0, 2);
  observe(net, 2);
  net.resume(0, 1);
  CHECK(confirmed(net, 3) == 1);
  net.resume(0, 2);
  CHECK(confirmed(net, 3) == 2);
  net.publish(3, "waits for both");
  CHECK(confirmed(net, 3) == 2);
}

TEST_CASE("confirm: a newer state confirms those before it, and a fast producer is told all the same") {
  Net net(3);
  net.link(1, 0);
  net.link(2, 0);
  observe(net, 1);
  expose(net, 2);
  net.stall(0, 1);
  for (int n = 0; n < 50; ++n) net.publish(2, "x" + std::to_string(n));
  const std::size_t told = net[2].confirmed.size();
  CHECK_FALSE(confirmed(net, 2));
  net.resume(0, 1);
  CHECK(confirmed(net, 2) == 1);
  CHECK(net[2].confirmed.size() == told + 1);  // one level, however many states
  CHECK(net[1].arrived.back().text() == "x49");
}

TEST_CASE("confirm: observers by tag count as others do, and the exposer's own exchange when it observes") {
  Net net(3);
  net.link(1, 0);
  net.link(2, 0);
  observe_tag(net, 1);
  expose(net, 2);
  CHECK(confirmed(net, 2) == 1);
  observe(net, 2);
  CHECK(confirmed(net, 2) == 2);
  observe_tag(net, 2);  // the same exchange
  CHECK(confirmed(net, 2) == 2);
}

TEST_CASE("confirm: publishing anew under another term moves the wait along") {
  Net net(4);  // 1 and 2 below 0; 3 exposes below 1, which is cut off and comes back
  net.link(1, 0);
  net.link(2, 0);
  net.link(3, 1);
  observe(net, 1);
  observe(net, 2);
  expose(net, 3);
  REQUIRE(confirmed(net, 3) == 2);
  net.cut(1, 0);
  CHECK(confirmed(net, 3) == 1);
  net.publish(3, "alone");
  CHECK(confirmed(net, 3) == 1);
  net.link(1, 0);
  net.pass(seconds(1));
  CHECK(net[3].elections == 1);
  CHECK(net[2].arrived.back().text() == "alone");
  CHECK(confirmed(net, 3) == 2);
}

TEST_CASE("confirm: after a hand-over only the new exposer is told") {
  Net net(4);
  for (int n : {1, 2, 3}) net.link(n, 0);
  observe(net, 1);
  expose(net, 2);
  REQUIRE(confirmed(net, 2) == 1);
  const std::size_t told = net[2].confirmed.size();
  expose(net, 3, 1);
  REQUIRE(net[2].ends == 1);
  CHECK(confirmed(net, 3) == 1);
  CHECK(net[2].confirmed.size() == told);
}

TEST_CASE("confirm: nothing is said of objects whose exposer does not ask") {
  Net net(3);
  net.link(1, 0);
  net.link(2, 0);
  observe(net, 1);
  net.open(2, ContractKind::object_expose, kObject, {});
  net.publish(2, "next");
  CHECK(net[2].confirmed.empty());
  CHECK(net.frames<codec::Confirmed>() == 0);
  CHECK(net.frames<codec::StateFrame>() > 2);
}

TEST_CASE("confirm: a peer that confirms what is not held here, or says nothing, confirms nothing") {
  Net net(2);
  net.link(1, 0);
  observe(net, 0);
  expose(net, 1);
  REQUIRE(confirmed(net, 1) == 1);
  const LinkId link{900};
  const NodeId id{77};
  const auto say = [&](std::initializer_list<codec::Frame> frames) {
    std::vector<std::byte> message;
    for (const auto& f : frames) codec::encode(f, message);
    net.command(0, engine::LinkFrames{link, message});
  };
  net.command(0, engine::LinkUp{link, engine::LinkRole::child, 1 << 20, {}, {}});
  say({codec::Hello{.node = id, .connection = 1, .heartbeat_ms = 10000, .path = {id}},
       codec::DefineObject{{1}, kObject.canonical()}, codec::Interest{.handle = {1}, .fresh = true, .observes = true}});
  net.publish(1, "next");
  CHECK_FALSE(confirmed(net, 1));
  const Epoch epoch = net[0].arrived.back().epoch();
  say({codec::Confirmed{{1}, epoch, Version{99, 0}, 7}});
  CHECK_FALSE(confirmed(net, 1));
  say({codec::Confirmed{{1}, {epoch.counter + 5, id}, net[1].published.back(), 7}});
  CHECK_FALSE(confirmed(net, 1));
  say({codec::Confirmed{{1}, epoch, net[1].published.back(), 7}});
  CHECK(confirmed(net, 1) == 8);
}

TEST_CASE("confirm: a large state is confirmed when it is whole") {
  Limits limits;
  limits.chunk_bytes = 2000;
  limits.delta_bytes = 0;  // or it would shrink
  Net net(3, limits);
  net.link(1, 0);
  net.link(2, 0);
  observe(net, 1);
  expose(net, 2);
  net.stall(0, 1);
  net.publish(2, std::string(9000, 'a'));
  net.feed(0, engine::LinkWritable{net.link_of(0, 1), 2500});  // room for the first pieces
  net.settle();
  CHECK_FALSE(confirmed(net, 2));
  net.resume(0, 1);
  CHECK(confirmed(net, 2) == 1);
}

}  // namespace confirm_test
