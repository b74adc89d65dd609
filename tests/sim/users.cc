#include <algorithm>

#include "tests/sim/world.h"

// User code: contracts come and go, who is elected publishes.
namespace mla::sim {

using namespace engine;

namespace {
PayloadPtr payload_of(const std::string& text) {
  auto bytes = reinterpret_cast<const std::byte*>(text.data());
  return std::make_shared<const Payload>(Payload{{"TEXT"}, {bytes, bytes + text.size()}});
}
constexpr milliseconds kPrompt{50};
}  // namespace

OpenContract World::new_contract(Node& n, Random& random) {
  const std::uint64_t id = next_id_++;
  const bool tag = features_.tags && random.chance(profile_.tag_contracts);
  const std::string key = tag ? random.pick(tags_) : random.pick(objects_)->canonical();
  OpenContract open{.id = ContractId{id}};
  if (tag)
    open.tag = TagDescriptor(Json(key));
  else
    open.object = by_canonical_.at(key);
  if (random.chance(profile_.observers)) {
    open.kind = tag ? ContractKind::tag_observe : ContractKind::object_observe;
    new_rules(open);
    n.observers[id] = Observer{open.id, open.kind, key, {}, {}, now_, rare(open.options.min_interval)};
  } else {
    open.kind = tag ? ContractKind::tag_expose : ContractKind::object_expose;
    open.options.priority = features_.priorities && random.chance(.3) ? 2 : 1;
    if (profile_.rising) open.options.priority = static_cast<std::int32_t>(id);
    open.options.capacity = random.chance(profile_.idle) ? 0 : 1 + static_cast<std::uint32_t>(random.below(3));
    new_rules(open);
    n.exposers[id] =
        Exposer{open.id, open.kind, key, features_.user_versions && random.chance(.6), open.options, {}};
  }
  // In every other seed, and drawn from nothing, so that the rest stays as it was. Not to engines
  // that lag: there the judge cannot tell an interest that is on its way from one that was taken back and told anew.
  const bool confirms = !options_.plain && !threads() && options_.seed % 2 == 0 && id % 3 != 0;
  if (auto x = n.exposers.find(id); x != n.exposers.end() && confirms)
    x->second.options.confirmation = open.options.confirmation = true;
  log(n.name + (observes(open.kind) ? " +observe " : " +expose ") + key + " " + std::to_string(id) +
      " priority " + std::to_string(open.options.priority) + " capacity " +
      std::to_string(open.options.capacity));
  count(observes(open.kind) ? "observe contracts" : "expose contracts");
  model_.open(id, {open.kind, key, open.options.priority, open.options.capacity, n.index, open.options.takes_over});
  return open;
}

void World::add_contract(Node& n) {
  feed(n, new_contract(n, random_));
}

void World::observe_all(Node& n) {
  for (const auto& o : objects_) {
    const ContractId id{next_id_++};
    n.observers[id.value] = Observer{id, ContractKind::object_observe, o->canonical(), {}, {}, now_};
    model_.open(id.value, {ContractKind::object_observe, o->canonical(), 0, 1, n.index});
    feed(n, OpenContract{.id = id, .kind = ContractKind::object_observe, .object = o});
  }
}

/// User code that opens and drops contracts from within a notice, as it was before answer().
void World::call_back(Node& n) {
  if (!chaotic_ || options_.plain || newest() || !more_.chance(.01)) return;
  if (more_.chance(.4)) {
    count("contracts opened from within");
    n.commands.push_back(new_contract(n, more_));
    return;
  }
  std::vector<std::uint64_t> ids;
  for (auto& [id, o] : n.observers) ids.push_back(id);
  for (auto& [id, x] : n.exposers) ids.push_back(id);
  if (ids.empty()) return;
  const std::uint64_t id = more_.pick(ids);
  count("contracts dropped from within");
  log(n.name + " drops " + std::to_string(id) + " from within");
  forget(n, id);
}

/// Dropped by user code; the exchange hears of it with the next event.
void World::forget(Node& n, std::uint64_t id) {
  n.observers.erase(id);
  n.exposers.erase(id);
  model_.drop(id);
  n.commands.push_back(DropContract{ContractId{id}});
}

SetCapacity World::capacity(Node& n, std::uint64_t id, Random& random) {
  Exposer& x = n.exposers.at(id);
  x.options.capacity = static_cast<std::uint32_t>(random.below(3));
  count("capacity changes");
  model_.set_capacity(id, x.options.capacity);
  return {x.id, x.options.capacity};
}

/// Carries out the newest of the commands that user code has given, before the others.
void World::publish_now(Node& n, Exposer& x, SinkId sink) {
  publish(n, x, sink);
  const Event e = std::move(n.commands.back());
  n.commands.pop_back();
  feed(n, e);
}

void World::drop_contract(Node& n) {
  std::vector<std::uint64_t> ids;
  for (auto& [id, o] : n.observers) ids.push_back(id);
  for (auto& [id, x] : n.exposers) ids.push_back(id);
  if (ids.empty()) return;
  drop_contract(n, random_.pick(ids));
}

void World::drop_contract(Node& n, std::uint64_t id) {
  log(n.name + " drops " + std::to_string(id));
  // A last word just before: it must not be lost to the withdrawal.
  if (auto x = n.exposers.find(id); x != n.exposers.end() && !known(x->second).empty() && random_.chance(.5)) {
    publish_now(n, x->second, known(x->second).begin()->first);
  }
  n.observers.erase(id);
  n.exposers.erase(id);
  model_.drop(id);
  feed(n, DropContract{ContractId{id}});
}

void World::publish(Node& n, Exposer& x, SinkId sink) {
  const SinkUser& u = known(x).at(sink);
  if (const auto now = x.sinks.find(sink); now == x.sinks.end() || now->second.epoch != u.epoch) count("sent on what was known before");
  std::string data = n.name + "." + std::to_string(n.life) + "#" + std::to_string(++sequence_);
  published_.resize(sequence_ + 1, {u.object, memory(n, u.object)});
  if (features_.big && random_.chance(profile_.many_pieces)) data.append(3000 + random_.below(9000), 'x');
  if (profile_.differences) data.append(40, '.');  // or no difference would be smaller
  Publish p{.sink = sink, .payload = payload_of(data)};
  if (x.own_version) {
    const auto floor = u.floor.items();
    const std::int64_t base = floor.empty() ? 0 : floor[0];
    std::int64_t v = base + static_cast<std::int64_t>(random_.below(3));
    if (!producing_ || u.stale) v = base + 1;
    p.version = Version{v};
  } else if (random_.chance(.5)) {
    p.own_version = false;
    p.version = std::max(Version{static_cast<std::int64_t>(u.epoch.counter), 0}, u.floor.next());
  }
  if (!options_.plain && more_.chance(.2)) p.sends = 1 + more_.below(4);
  n.commands.push_back(std::move(p));
}

const std::map<SinkId, SinkUser>& World::known(const Exposer& x) const { return hears_late() ? x.heard : x.sinks; }

/// In the end all answer in time: who does not is left out, however good.
milliseconds World::slowest_ear() const { return chaotic_ ? profile_.longest_ear : std::min(kPrompt, profile_.longest_ear); }

/// What it was told of its sinks comes to it after what it was told before.
void World::hear_of_sinks(Node& n, std::uint64_t contract) {
  const auto x = n.exposers.find(contract);
  if (!hears_late() || x == n.exposers.end()) return;
  n.hears_at = std::max(n.hears_at, now_ + rules_.between(milliseconds(0), slowest_ear()));
  at(n.hears_at, [this, &n, contract, sinks = x->second.sinks, life = n.life] {
    if (n.life != life) return;
    if (auto it = n.exposers.find(contract); it != n.exposers.end()) it->second.heard = sinks;
  });
}

void World::hear_of_sinks(Node& n, SinkId sink) {
  for (const auto& [id, x] : n.exposers)
    if (x.sinks.count(sink)) return hear_of_sinks(n, id);
}

void World::produce(Node& n) {
  if (n.paused_until) return;
  std::vector<std::uint64_t> ids;  // user code that is told meanwhile may drop any of them
  for (const auto& [id, x] : n.exposers) ids.push_back(id);
  for (std::uint64_t id : ids) {
    auto it = n.exposers.find(id);
    if (it == n.exposers.end()) continue;
    std::vector<SinkId> sinks;
    for (auto& [sink, u] : known(it->second))
      if ((producing_ && random_.chance(.5)) || !u.sent || u.stale) sinks.push_back(sink);
    for (SinkId sink : sinks) {
      it = n.exposers.find(id);
      if (it == n.exposers.end() || !known(it->second).count(sink)) continue;
      publish_now(n, it->second, sink);
    }
  }
}

}  // namespace mla::sim
