#include <algorithm>
#include <variant>

#include "exchange/codec/codec.h"
#include "tests/sim/world.h"

// Contracts with more than a priority and a capacity: that wait, that ask for an interval. What links carry
// under one.
namespace mla::sim {

using namespace codec;

void World::new_rules(engine::OpenContract& open) {
  if (options_.plain || !rules_.chance(profile_.options)) return;
  if (observes(open.kind)) {
    open.options.min_interval = rules_.chance(profile_.hours)
                                    ? std::chrono::duration_cast<Interval>(std::chrono::hours(1))
                                    : some_interval();
    count("contracts with an interval");
    return;
  }
  if (rules_.chance(.5)) {
    open.options.takes_over = false;
    count("contracts that wait");
  }
  if (rules_.chance(.4)) {
    open.options.linger = milliseconds(100 + rules_.below(2000));
    count("contracts that linger");
  }
}

Interval World::some_interval() {
  return Interval(10'000u + 10'000u * static_cast<std::uint32_t>(rules_.below(60)));
}

void World::change_interval(Node& n) {
  if (n.observers.empty()) return;
  auto it = n.observers.begin();
  std::advance(it, rules_.below(n.observers.size()));
  const engine::SetMinInterval change{it->second.id, rules_.chance(.4) ? Interval(0) : some_interval()};
  it->second.rarely = false;
  log(n.name + " wants " + std::to_string(it->first) + " every " + std::to_string(change.interval.count()) +
      " us");
  count("interval changes");
  feed(n, change);
}

/// No two states of one term leave within the interval. Judged where what arrives does so soon and whole, so
/// that it is known when an interval began to hold; nothing is said of those that leave early because control
/// follows.
void World::check_pace(const Wire& w, const Node& from, const std::vector<std::byte>& message) {
  if (options_.plain || features_.slow || features_.pauses || features_.big || w.stalled_until) return;
  const bool up = &from == w.child;
  const auto& tree = from.engine->tree();
  std::map<Handle, std::string> early;
  Decoder decoder(message);
  Frame frame;
  while (decoder.next(frame) == Decoder::Outcome::frame) {
    if (const auto* state = std::get_if<StateFrame>(&frame)) {
      const auto name = from.named.find(state->handle.value);
      const auto* r = name == from.named.end() ? nullptr : tree.find(name->second);
      if (!r || state->carry) continue;
      const Carried now{state->epoch, local(from), now_,
                        tree.interval_on(up ? w.child_link : w.parent_link, *r)};
      Carried& last = carried_[{w.id, up, name->second}];
      if (now.interval.count() > 0 && last.interval.count() > 0 && last.epoch == now.epoch &&
          control_sent_[{w.id, !up}] + milliseconds(50) < last.global) {
        count("states under an interval");
        if (now.at - last.at < std::min(last.interval, now.interval))
          early[state->handle] = name->second + " after " +
                                 std::to_string((now.at - last.at).count() / 1000) + " of " +
                                 std::to_string(std::min(last.interval, now.interval).count()) + " us";
      }
      last = now;
    } else if (std::holds_alternative<Tag>(frame)) {
      early.clear();
      control_sent_[{w.id, up}] = now_;
    } else {
      std::visit(
          [&](const auto& m) {
            if constexpr (requires { m.handle; }) {
              early.erase(m.handle);
              control_sent_[{w.id, up}] = now_;
            }
          },
          frame);
    }
  }
  for (const auto& [handle, what] : early)
    throw Broken{"P3: a link carries more often than it was asked, from " + from.name + ": " + what};
}

/// Of elections: who waits does not take over (P8), and within one exchange the former goes on until its
/// successor has sent (P6).
void World::watch_rules(const Node& n, const engine::Action& a) {
  if (const auto* w = std::get_if<engine::Withdrawn>(&a)) {
    const auto x = n.exposers.find(w->contract.value);
    if (w->reason != EndReason::handed_over || x == n.exposers.end() || x->second.options.capacity == 0)
      return;
    if (const auto u = x->second.sinks.find(w->sink); u != x->second.sinks.end() && u->second.sent)
      watched_.told_to_stop[u->second.object] = u->second.epoch;
    return;
  }
  const auto* e = std::get_if<engine::Elected>(&a);
  if (!e || !profile_.options_judged) return;
  const std::string object = e->object->canonical();
  if (const auto stopped = watched_.told_to_stop.find(object);
      stopped != watched_.told_to_stop.end() && stopped->second == e->epoch)
    throw Broken{"P6: at " + n.name + " who writes " + object +
                 " is told to stop before its successor has sent"};
  const auto x = n.exposers.find(e->contract.value);
  if (!calm_ || features_.tags || x == n.exposers.end() || x->second.options.takes_over) return;
  for (const Node* m : tree_of(n))
    for (const auto& [id, y] : m->exposers)
      for (const auto& [sink, u] : y.sinks) {
        if (u.object != object || !u.sent || y.options.capacity == 0) continue;
        if (y.options.priority >= x->second.options.priority || somebody_takes_over(object, y)) continue;
        throw Broken{"P8: exposer " + std::to_string(x->first) + " at " + n.name +
                     " was to wait, but takes " + object + " from " + std::to_string(id)};
      }
}

/// Who then has the object may be anybody.
bool World::somebody_takes_over(const std::string& object, const Exposer& from) const {
  for (const auto& m : nodes_)
    for (const auto& [id, z] : m->exposers)
      if (z.key == object && z.options.takes_over && z.options.priority > from.options.priority) return true;
  return false;
}

/// At quiet the contracts of one exchange under one tag have even shares of a herd.
void World::check_shares(const Node& n) const {
  if (!profile_.herd) return;
  struct Share {
    double load = 0, capacity = 1;
  };
  std::vector<Share> shares;
  double most = 0, least = 1e9, sum = 0, largest = 1;
  for (const auto& [id, x] : n.exposers) {
    if (x.kind != ContractKind::tag_expose || x.key != tags_.front() || !x.options.capacity) continue;
    const double capacity = x.options.capacity, load = static_cast<double>(x.sinks.size()) / capacity;
    if (load < least) least = load, largest = capacity;
    most = std::max(most, load);
    sum += load;
    shares.push_back({load, capacity});
  }
  const double n_shares = static_cast<double>(shares.size());
  if (shares.size() > 1 && (most - least) * n_shares > .1 * sum && most > least + 1 / largest + 1e-9)
    throw Broken{"P8: contracts of " + n.name + " have from " + std::to_string(least) + " to " +
                 std::to_string(most) + " objects for each of their capacity"};
}

}  // namespace mla::sim
