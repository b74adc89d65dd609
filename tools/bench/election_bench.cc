// What it costs a root to elect: an observer's link asks for many objects of one tag, four links expose the tag; then one of
// the four goes and its objects are elected anew. No sockets. Prints nanoseconds an object for either.
//   election_bench [OBJECTS]
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exchange/engine/engine.h"
#include "tools/bench/measured.h"

using namespace mla;
using namespace mla::engine;

namespace {

constexpr std::size_t kExposers = 4;
constexpr std::size_t kRoom = std::size_t{1} << 40;

/// Told apart from the rest of the program, so that a profiler can be told to count just this.
MLA_MEASURED void elect(Engine& root, Instant now, const std::vector<Event>& events, Actions& actions) {
  for (const Event& event : events) root.step(now, event, actions);
}

std::size_t assigned(const Actions& actions, LinkId from, LinkId to) {
  std::size_t bytes = 0;
  for (const Action& a : actions)
    if (const auto* send = std::get_if<SendFrames>(&a); send && send->link.value >= from.value && send->link.value <= to.value)
      bytes += send->message->size();
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t n = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
  const Instant now{std::chrono::seconds(1)};
  Limits limits;
  limits.contracts_per_link = limits.objects_per_link = n + 1000;
  const auto make = [&](std::uint64_t id) {
    return std::make_unique<Engine>(Config{.node = NodeId{id}, .seed = id, .name = "bench", .limits = limits});
  };
  auto root = make(1), observer = make(2);
  std::array<std::unique_ptr<Engine>, kExposers> exposers;
  const LinkId to_observer{1}, up{100};
  const auto to_exposer = [](std::size_t i) { return LinkId{static_cast<std::uint32_t>(10 + i)}; };
  for (std::size_t i = 0; i < kExposers; ++i) exposers[i] = make(10 + i);

  // A perfect wire, by hand, for the handshakes: what one says the other hears at once.
  const std::function<void(Engine*, const Event&)> feed = [&](Engine* e, const Event& event) {
    Actions actions;
    e->step(now, event, actions);
    for (auto& a : actions) {
      auto* send = std::get_if<SendFrames>(&a);
      if (!send) continue;
      if (e == root.get()) {
        Engine* to = send->link == to_observer ? observer.get() : exposers[send->link.value - 10].get();
        feed(to, LinkFrames{up, *send->message});
        continue;
      }
      LinkId from = to_observer;
      for (std::size_t i = 0; i < kExposers; ++i)
        if (e == exposers[i].get()) from = to_exposer(i);
      feed(root.get(), LinkFrames{from, *send->message});
    }
  };
  const auto link = [&](Engine* child, LinkId at_root) {
    feed(root.get(), LinkUp{at_root, LinkRole::child, kRoom, {}, {}});
    feed(child, LinkUp{up, LinkRole::parent, kRoom, {}, {}});
  };
  link(observer.get(), to_observer);
  const TagDescriptor tag("bench");
  for (std::size_t i = 0; i < kExposers; ++i) {
    link(exposers[i].get(), to_exposer(i));
    feed(exposers[i].get(), OpenContract{.id = ContractId{1}, .kind = ContractKind::tag_expose, .tag = tag});
  }

  // What the observer says is kept, and heard by the root while it is measured.
  Actions said;
  for (std::size_t i = 0; i < n; ++i)
    observer->step(now, OpenContract{.id = ContractId{i + 1}, .kind = ContractKind::object_observe,
                                     .object = std::make_shared<const ObjectDescriptor>(std::vector<TagDescriptor>{tag}, Json(i))},
                   said);
  std::vector<Bytes> messages;
  for (const Action& a : said)
    if (const auto* send = std::get_if<SendFrames>(&a)) messages.push_back(send->message);
  std::vector<Event> events;
  for (const Bytes& message : messages) events.emplace_back(LinkFrames{to_observer, *message});

  Actions actions;
  const auto timed = [&](const char* what, std::size_t objects) {
    const std::uint64_t before = root->info().epochs_minted;
    const auto start = std::chrono::steady_clock::now();
    elect(*root, now, events, actions);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    const std::uint64_t minted = root->info().epochs_minted - before;
    std::printf("%s: %llu elections, %zu bytes to the exposers, %.0f ns an object\n", what,
                static_cast<unsigned long long>(minted), assigned(actions, to_exposer(0), to_exposer(kExposers - 1)),
                took.count() / static_cast<double>(objects));
    actions.clear();
    return minted;
  };
  const std::uint64_t first = timed("asked for by an observer", n);
  events = {LinkDown{to_exposer(0)}};
  const std::uint64_t second = timed("one of four exposers lost", n / kExposers);
  return first == n && second == n / kExposers ? 0 : 1;
}
