// What routing one state costs in engine and session together: a state of 100 bytes comes from an exposer's link and
// leaves on an observer's, no sockets. Prints nanoseconds and allocations a state.
//   route_bench [STATES]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <vector>

#include "exchange/engine/engine.h"

static std::atomic<std::uint64_t> allocations{0};
// The whole program allocates with malloc, counted.
void* operator new(std::size_t n) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* p = std::malloc(n)) return p;
  std::abort();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

using namespace mla;
using namespace mla::engine;

int main(int argc, char** argv) {
  const std::size_t n = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200000;
  Instant now{std::chrono::seconds(1)};
  const auto make = [](std::uint64_t id) { return std::make_unique<Engine>(Config{.node = NodeId{id}, .seed = id, .name = "bench", .limits = {}}); };
  auto root = make(1), exposer = make(2), observer = make(3);
  const LinkId to_exposer{1}, to_observer{2}, up{3};
  SinkId sink;
  std::vector<Bytes> from_exposer;
  bool record = false;

  // A perfect wire, by hand: what one says the other hears at once.
  const std::function<void(Engine*, const Event&)> feed = [&](Engine* e, const Event& event) {
    Actions actions;
    e->step(now, event, actions);
    for (auto& a : actions) {
      if (auto* elected = std::get_if<Elected>(&a)) sink = elected->sink;
      auto* send = std::get_if<SendFrames>(&a);
      if (!send) continue;
      if (e == root.get()) feed(send->link == to_exposer ? exposer.get() : observer.get(), LinkFrames{up, *send->message});
      else if (e == exposer.get() && record) from_exposer.push_back(send->message);
      else feed(root.get(), LinkFrames{e == exposer.get() ? to_exposer : to_observer, *send->message});
    }
  };
  constexpr std::size_t kRoom = std::size_t{1} << 40;
  feed(root.get(), LinkUp{to_exposer, LinkRole::child, kRoom, {}, {}});
  feed(root.get(), LinkUp{to_observer, LinkRole::child, kRoom, {}, {}});
  feed(exposer.get(), LinkUp{up, LinkRole::parent, kRoom, {}, {}});
  feed(observer.get(), LinkUp{up, LinkRole::parent, kRoom, {}, {}});
  const auto object = std::make_shared<const ObjectDescriptor>(std::vector<TagDescriptor>{{"bench"}}, Json("object"));
  feed(exposer.get(), OpenContract{ContractId{1}, ContractKind::object_expose, object, {}, {}});
  feed(observer.get(), OpenContract{ContractId{1}, ContractKind::object_observe, object, {}, {}});

  auto payload = std::make_shared<Payload>();
  payload->format = {"JSON"};
  payload->data.resize(100, std::byte{'7'});
  record = true;
  for (std::size_t i = 0; i < n; ++i) feed(exposer.get(), Publish{.sink = sink, .payload = payload});
  if (from_exposer.size() != n) return std::printf("recorded %zu of %zu states\n", from_exposer.size(), n), 1;

  Actions actions;
  actions.reserve(8);
  std::uint64_t sent = 0;
  std::vector<double> rounds;
  const std::size_t per_round = n / 10;
  const std::uint64_t allocated = allocations.load();
  for (std::size_t i = 0; i < n;) {
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t k = 0; k < per_round; ++k, ++i) {
      actions.clear();
      root->step(now, LinkFrames{to_exposer, *from_exposer[i]}, actions);
      for (auto& a : actions) sent += std::holds_alternative<SendFrames>(a);
    }
    rounds.push_back(std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() / static_cast<double>(per_round));
  }
  std::sort(rounds.begin(), rounds.end());
  std::printf("%zu states, %llu messages out, %.0f ns a state (median of ten rounds; best %.0f), %.1f allocations a state\n", n,
              static_cast<unsigned long long>(sent), rounds[rounds.size() / 2], rounds.front(),
              static_cast<double>(allocations.load() - allocated) / static_cast<double>(n));
  return sent == n ? 0 : 1;
}
