#include <algorithm>
#include <utility>

#include "contracts/machines/observe_machine.h"
#include "tests/sim/world.h"

// What shows only over several steps: silence noticed (P5), moves per second and choices that last (P8), what a reader
// missed (P3).
namespace mla::sim {

using namespace engine;

namespace {
/// Has user code set another capacity, which the engine has not heard of yet?
bool will_change(const Node& n, std::uint64_t contract) {
  return std::any_of(n.commands.begin(), n.commands.end(), [&](const Event& e) {
    const auto* set = std::get_if<SetCapacity>(&e);
    return set && set->id.value == contract;
  });
}

constexpr auto kNoticed = milliseconds(3 * 300 * 10 / 8 + 200);  // three heartbeats by the slowest clock
}

void World::watch_notice(Node& n, const Action& a) {
  if (options_.plain) return;
  if (islands_) check_island(n, a);
  check_choice(n, a);
  watch_rules(n, a);
  watch_reader(n, a);
  if (const auto* s = std::get_if<StateArrived>(&a)) check_age(n, *s);
}

void World::watch_event(const Event& e) {
  watched_.told_to_stop.clear();
  watched_.of_others = std::holds_alternative<OpenContract>(e) || std::holds_alternative<DropContract>(e) ||
                       std::holds_alternative<Publish>(e);
  if (!watched_.of_others) watched_.replaced.node = -1;  // it may have begun and ended another term meanwhile
}

void World::watch_step(Node& n) {
  if (options_.plain) return;
  watch_ages(n);
  watch_moves(n);
  watch_epochs(n);
}

/// A link through which nothing comes is given up.
void World::watch_silence(Wire& w) {
  if (options_.plain) return;
  Wire* wire = &w;
  const auto check = [this](Node& n, LinkId link, std::uint64_t life) {
    if (n.life != life || n.paused_until || n.paused_at + kNoticed > now_) return;
    for (const auto& l : n.engine->info().links)
      if (l.link == link && l.ready && n.wires.count(link))
        throw Broken{"P5: " + n.name + " keeps a link that has been silent for three heartbeats"};
    count("silent links noticed");
  };
  after(kNoticed, [wire, check] {
    check(*wire->child, wire->child_link, wire->child_life);
    check(*wire->parent, wire->parent_link, wire->parent_life);
  });
}

/// At most ten a second, or a twentieth of all objects; and what was saved up for one second. Looked at over half a second.
void World::watch_moves(Node& n) {
  auto& m = watched_.moves[n.index];
  if (m.life != n.life) m = {n.life, 0, {}};
  const std::uint64_t sum = n.engine->tree().counters().moves;
  if (sum == m.sum) return;
  m.lately.emplace_back(now_, sum - m.sum);
  m.sum = sum;
  while (m.lately.front().first + milliseconds(500) < now_) m.lately.pop_front();
  std::uint64_t lately = 0;
  for (const auto& [when, moves] : m.lately) lately += moves;
  const double a_second = std::max(10., .05 * static_cast<double>(objects_.size()));
  if (static_cast<double>(lately) > a_second + .5 * 1.2 * a_second + 1)
    throw Broken{"P8: " + n.name + " moves " + std::to_string(lately) + " objects in half a second"};
}

/// Whoever cannot produce is not asked again and again.
void World::watch_epochs(Node& n) {
  auto& m = watched_.epochs[n.index];
  if (m.life != n.life) m = {n.life, 0, {}};
  const std::uint64_t sum = n.engine->tree().counters().epochs_minted;
  if (sum == m.sum) return;
  m.lately.emplace_back(now_, sum - m.sum);
  m.sum = sum;
  while (m.lately.front().first + milliseconds(500) < now_) m.lately.pop_front();
  std::uint64_t lately = 0;
  for (const auto& [when, epochs] : m.lately) lately += epochs;
  constexpr std::size_t kMany = 25;
  if (lately > kMany * objects_.size())
    throw Broken{"P7: " + n.name + " begins " + std::to_string(lately) + " terms in half a second"};
}

/// Of the contracts of one exchange the elected one stays while it is as good as those that come, go and write beside it.
/// What a link, a deadline or a changed capacity brings may end its term and begin another, for which all are equal.
void World::check_choice(const Node& n, const Action& a) {
  if (!watched_.of_others) return;
  Watched::Replaced& was = watched_.replaced;
  if (const auto* w = std::get_if<Withdrawn>(&a)) {
    was = {n.index, stats_.events, w->object->canonical(), w->contract.value};
    if (w->reason != EndReason::handed_over) was.node = -1;
  } else if (const auto* e = std::get_if<Elected>(&a)) {
    // Who had it goes on until its successor has sent, so it is not withdrawn yet.
    const auto elected = n.exposers.find(e->contract.value);
    const bool moved = n.engine->tree().counters().moves != watched_.moves[n.index].sum;
    if (elected != n.exposers.end() && !moved)
      for (const auto& [id, x] : n.exposers)
        for (const auto& [sink, u] : x.sinks)
          if (u.sent && u.object == e->object->canonical() && id != e->contract.value && x.options.capacity > 0 &&
              x.options.priority >= elected->second.options.priority && !will_change(n, id))
            throw Broken{"P8: contract " + std::to_string(e->contract.value) + " at " + n.name + " takes " + u.object +
                         " from " + std::to_string(id) + ", which is as good"};
    if (was.node != n.index || was.event != stats_.events || was.object != e->object->canonical() ) return;
    const auto former = n.exposers.find(was.contract), now = n.exposers.find(e->contract.value);
    if (former == n.exposers.end() || now == n.exposers.end()) return;
    const ContractOptions &f = former->second.options, &o = now->second.options;
    if (!moved && f.capacity > 0 && f.priority >= o.priority && !will_change(n, was.contract))
      throw Broken{"P8: contract " + std::to_string(e->contract.value) + " at " + n.name + " takes " + was.object +
                   " from " + std::to_string(was.contract) + ", which is as good"};
  }
}

/// User code that reads at every third state only, and counts.
class Reader {
 public:
  void operator()(Instant now, const Node& n, const Action& a) {
    if (const auto* ended = std::get_if<ObjectEnded>(&a)) {
      machine_.object_ended(now, ended->object, ended->reason);
      return;
    }
    const auto& s = std::get<StateArrived>(a);
    machine_.state_arrived(now, s.object, State(s.state));
    if (++arrived_ % 3) return;
    while (auto event = machine_.next_event(now)) {
      if (event->kind == ObserveEventKind::ended) last_.erase(event->object->canonical());
      if (event->kind == ObserveEventKind::state) take(n, event->object->canonical(), event->state);
    }
  }

 private:
  struct Last {
    Epoch epoch;
    std::uint64_t nth;
  };
  void take(const Node& n, const std::string& object, const State& state) {
    auto [at, first] = last_.try_emplace(object, Last{state.epoch(), state.nth()});
    const Last before = std::exchange(at->second, Last{state.epoch(), state.nth()});
    if (first || before.epoch != state.epoch() || state.nth() <= before.nth) return;
    const std::uint64_t skipped = state.nth() - before.nth - 1;
    if (state.skipped() != skipped)
      throw Broken{"P3: a reader at " + n.name + " is told of " + std::to_string(state.skipped()) + " states of " + object +
                   " that it missed, not " + std::to_string(skipped)};
  }
  machines::ObserveMachine machine_;
  std::uint64_t arrived_ = 0;
  std::map<std::string, Last> last_;
};

void World::watch_reader(const Node& n, const Action& a) {
  const auto contract = [&]() -> std::uint64_t {
    if (const auto* s = std::get_if<StateArrived>(&a)) return s->contract.value;
    if (const auto* e = std::get_if<ObjectEnded>(&a)) return e->contract.value;
    return 0;
  }();
  if (!n.observers.count(contract)) return;
  auto& reader = watched_.readers[contract];
  if (!reader) reader = std::make_shared<Reader>();
  (*reader)(now_, n, a);
}

}  // namespace mla::sim
