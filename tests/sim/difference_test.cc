#include <catch2/catch.hpp>

#include "tests/sim/net.h"

namespace difference_test {
using namespace mla;
using namespace mla::sim;

namespace {
/// 20 KiB that hardly compress, with a counter in the middle.
std::string text(int count) {
  std::string all;
  std::uint64_t x = 88172645463325252u;
  while (all.size() < 20 << 10) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    all += static_cast<char>(33 + x % 90);
  }
  return all.replace(10'000, 6, std::to_string(100'000 + count));
}
}  // namespace

TEST_CASE("a change of one field crosses every link of the path as a few bytes, the producer's included") {
  // Exposer 3 below 1, observers 4 below 2 and 5 below 1, root 0.
  Net net(6);
  for (const auto& [child, parent] : {std::pair{1, 0}, {2, 0}, {3, 1}, {4, 2}, {5, 1}}) net.link(child, parent);
  const ObjectDescriptor object({}, Json("o"));
  for (const int node : {4, 5}) net.open(node, ContractKind::object_observe, object, {});
  net.open(3, ContractKind::object_expose, object, {});
  net.publish(3, text(0));
  const auto bytes = [&](int from, int to) { return net.link_info(from, net.link_of(from, to)).bytes_out; };
  const std::pair<int, int> path[] = {{3, 1}, {1, 0}, {0, 2}, {2, 4}, {1, 5}};
  std::vector<std::uint64_t> before;
  for (const auto& [from, to] : path) before.push_back(bytes(from, to));
  for (int i = 1; i <= 50; ++i) net.publish(3, text(i));
  for (std::size_t i = 0; i < std::size(path); ++i) {
    INFO(path[i].first << " to " << path[i].second);
    CHECK(bytes(path[i].first, path[i].second) - before[i] <= 50 * 60);
    CHECK(net.link_info(path[i].first, net.link_of(path[i].first, path[i].second)).differences_out == 50);
  }
  for (const int node : {4, 5}) CHECK(net[node].seen.at(object.canonical()).text() == text(50));
  CHECK(net.frames<codec::Need>() == 0);
}

TEST_CASE("P3 who was stalled gets one difference to what it had, not those between") {
  Net net(3);
  net.link(1, 0);
  net.link(2, 0);
  const ObjectDescriptor object({}, Json("o"));
  net.open(1, ContractKind::object_expose, object, {});
  net.open(2, ContractKind::object_observe, object, {});
  net.publish(1, text(0));
  const auto before = net.link_info(0, net.link_of(0, 2));
  const auto nth = net[2].seen.at(object.canonical()).nth();
  net.stall(0, 2);
  for (int i = 1; i <= 30; ++i) net.publish(1, text(i));
  net.resume(0, 2);
  const auto after = net.link_info(0, net.link_of(0, 2));
  CHECK(after.states_out - before.states_out == 1);
  CHECK(after.bytes_out - before.bytes_out < 100);
  CHECK(net[2].seen.at(object.canonical()).text() == text(30));
  CHECK(net[2].seen.at(object.canonical()).nth() - nth == 30);
}

}  // namespace difference_test
