// What routing one state costs in engine and session together: a state of 100 bytes comes from an exposer's link and
// leaves on those of the observers, no sockets. Prints nanoseconds and allocations a state that leaves.
//   route_bench [STATES [OBSERVERS]]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <vector>

#include "exchange/engine/engine.h"
#include "tools/bench/measured.h"

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

/// What is measured.
MLA_MEASURED std::uint64_t route(Engine& router, Instant now, LinkId from, std::span<const Bytes> states) {
  static Actions actions;
  std::uint64_t sent = 0;
  for (const Bytes& state : states) {
    router.step(now, LinkFrames{from, *state}, actions);
    for (auto& a : actions) sent += std::holds_alternative<SendFrames>(a);
    actions.clear();
  }
  return sent;
}

int main(int argc, char** argv) {
  const std::size_t n = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200000;
  const std::size_t watching = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  Instant now{std::chrono::seconds(1)};
  const auto make = [](std::uint64_t id) { return std::make_unique<Engine>(Config{.node = NodeId{id}, .seed = id, .name = "bench", .limits = {}}); };
  auto root = make(1), exposer = make(2);
  std::vector<std::unique_ptr<Engine>> observers;
  for (std::size_t i = 0; i < watching; ++i) observers.push_back(make(3 + i));
  const LinkId to_exposer{1}, up{3};
  const auto to_observer = [](std::size_t i) { return LinkId{static_cast<std::uint32_t>(10 + i)}; };
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
      if (e == root.get()) {
        Engine* const to = send->link == to_exposer ? exposer.get() : observers[send->link.value - 10].get();
        feed(to, LinkFrames{up, *send->message});
      } else if (e == exposer.get() && record) {
        from_exposer.push_back(send->message);
      } else {
        LinkId from = to_exposer;
        for (std::size_t i = 0; i < watching; ++i)
          if (e == observers[i].get()) from = to_observer(i);
        feed(root.get(), LinkFrames{from, *send->message});
      }
    }
  };
  constexpr std::size_t kRoom = std::size_t{1} << 40;
  feed(root.get(), LinkUp{to_exposer, LinkRole::child, kRoom, {}, {}});
  for (std::size_t i = 0; i < watching; ++i) feed(root.get(), LinkUp{to_observer(i), LinkRole::child, kRoom, {}, {}});
  feed(exposer.get(), LinkUp{up, LinkRole::parent, kRoom, {}, {}});
  for (auto& observer : observers) feed(observer.get(), LinkUp{up, LinkRole::parent, kRoom, {}, {}});
  const auto object = std::make_shared<const ObjectDescriptor>(std::vector<TagDescriptor>{{"bench"}}, Json("object"));
  feed(exposer.get(), OpenContract{ContractId{1}, ContractKind::object_expose, object, {}, {}});
  for (auto& observer : observers) feed(observer.get(), OpenContract{ContractId{1}, ContractKind::object_observe, object, {}, {}});

  auto payload = std::make_shared<Payload>();
  payload->format = {"JSON"};
  payload->data.resize(100, std::byte{'7'});
  record = true;
  for (std::size_t i = 0; i < n; ++i) feed(exposer.get(), Publish{.sink = sink, .payload = payload});
  if (from_exposer.size() != n) return std::printf("recorded %zu of %zu states\n", from_exposer.size(), n), 1;

  std::vector<double> rounds;
  const std::size_t per_round = n / 10;
  rounds.reserve(10);
  // The first of the ten makes the room that the others use again; it is not counted.
  std::uint64_t sent = route(*root, now, to_exposer, std::span(from_exposer).first(per_round));
  const std::uint64_t allocated = allocations.load();
  for (std::size_t i = per_round; i + per_round <= n; i += per_round) {
    const auto start = std::chrono::steady_clock::now();
    sent += route(*root, now, to_exposer, std::span(from_exposer).subspan(i, per_round));
    rounds.push_back(std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() / static_cast<double>(per_round * watching));
  }
  const std::uint64_t counted = allocations.load() - allocated;
  std::sort(rounds.begin(), rounds.end());
  std::printf("%zu states, %llu messages out, %.0f ns a state (median of nine rounds; best %.0f), %.4f allocations a state\n", n,
              static_cast<unsigned long long>(sent), rounds[rounds.size() / 2], rounds.front(),
              static_cast<double>(counted) / static_cast<double>(9 * per_round * watching));
  return sent == n * watching ? 0 : 1;
}
