#include <algorithm>
#include <cstdlib>

#include "tests/sim/world.h"

// What user code is told, and what it remembers of it.
namespace mla::sim {

using namespace engine;

namespace {

std::string text_of(const State& s) { return std::string(s.text().substr(0, 60)); }
std::string writer_of(const std::string& data) { return data.substr(0, data.find('#')); }
std::uint64_t number_of(const std::string& data) {
  const auto at = data.find('#');
  return at == std::string::npos ? 0 : std::strtoull(data.c_str() + at + 1, nullptr, 10);
}

}  // namespace

void World::notice(Node& n, const Action& a) {
  watch_notice(n, a);
  std::visit(
      [&](const auto& what) {
        if constexpr (requires { this->told(n, what); }) told(n, what);
      },
      a);
}

void World::told(Node& n, const StateArrived& s) {
  auto it = n.observers.find(s.contract.value);
  if (it == n.observers.end()) return;  // dropped by user code that was called back in the same step
  const std::string object = s.object->canonical();
  const Seen now{s.state.epoch(), s.state.version(), s.state.synchronized(), text_of(s.state)};
  log(n.name + " observer " + std::to_string(s.contract.value) + " sees " + object + " " +
      stamp(now.epoch, now.version) + (now.sync ? " sync " : " stale ") + now.data.substr(0, 20));
  count("states seen");
  const std::uint64_t number = number_of(now.data);
  if (number >= published_.size() || published_[number].object != object)
    throw Broken{"P4: an observer at " + n.name + " of " + object + " is given what nobody published: " + now.data};
  auto [seen, first] = it->second.at.try_emplace(object);
  if (!first) {
    check_monotonic(n, it->second, object, seen->second, now);
    if (calm_) check_calm(n, it->second, object, seen->second, now.sync);
    watch_fail_over(seen->second, now);
  }
  seen->second = now;
}

void World::check_monotonic(const Node& n, const Observer& o, const std::string& object, const Seen& was,
                            const Seen& now) const {
  const std::string who = "observer " + std::to_string(o.id.value) + " at " + n.name + " of " + object;
  if (now.version < was.version)
    throw Broken{"P2: " + who + ": version back from " + to_string(was.version) + " to " + to_string(now.version)};
  if (now.epoch < was.epoch)
    throw Broken{"P4: " + who + ": epoch back from " + to_string(was.epoch) + " to " + to_string(now.epoch)};
  if (now.version == was.version && now.epoch == was.epoch && now.sync == was.sync)
    throw Broken{"delivered twice: " + object};
  // Who forgot an object, for nobody wanted it, may write anew below what a part that was cut off still keeps, and what that
  // part keeps comes to those who saw the newer one when both are joined.
  if (published_[number_of(now.data)].memory != published_[number_of(was.data)].memory) return;
  if (writer_of(now.data) == writer_of(was.data) && number_of(now.data) < number_of(was.data))
    throw Broken{"P2: " + who + ": what one exchange sent arrives in another order, " + was.data + " before " + now.data};
}

std::pair<std::uint64_t, std::uint64_t> World::memory(const Node& n, const std::string& object) const {
  const auto* r = n.engine->tree().find(object);
  const auto at = unwanted_.find({n.index, object});
  return {r ? r->handle().value : 0, at == unwanted_.end() ? 0 : at->second};
}

void World::told(Node& n, const StandingChanged& s) {
  if (auto it = n.observers.find(s.contract.value); it != n.observers.end())
    it->second.standing[s.object->canonical()] = s.standing;
  count("standing " + std::string(to_string(s.standing.kind)));
}

void World::told(Node& n, const ObjectEnded& e) {
  log(n.name + " observer " + std::to_string(e.contract.value) + " sees the end of " + e.object->canonical());
  count("objects ended");
  confirmations_.ended(e.contract, e.object->canonical());
  if (auto it = n.observers.find(e.contract.value); it != n.observers.end()) {
    it->second.at.erase(e.object->canonical());
    it->second.standing.erase(e.object->canonical());
  }
}

void World::told(Node& n, const Elected& e) {
  log(n.name + " exposer " + std::to_string(e.contract.value) + " elected for " + e.object->canonical() + " " +
      to_string(e.epoch));
  count("elected");
  auto it = n.exposers.find(e.contract.value);
  if (it == n.exposers.end()) return;
  watch_election(n, e);
  it->second.sinks[e.sink] = SinkUser{e.object->canonical(), e.epoch, e.floor};
  model_.elected(it->first, e.sink.value, e.object->canonical());
  const SinkId sink = e.sink;
  const std::uint64_t contract = it->first, life = n.life;
  hear_of_sinks(n, contract);
  if (!hears_late() && random_.chance(.3)) {  // from within the callback
    publish(n, it->second, sink);
  } else if (random_.chance(.05) && !calm_) {
    count("declined");
    n.commands.push_back(Decline{sink, "busy", milliseconds(200)});
  } else {
    const Instant from = hears_late() ? n.hears_at : now_;
    at(from + random_.between(milliseconds(0), std::max(milliseconds(50), slowest_ear())), [this, &n, contract, sink, life] {
      if (n.life != life || n.paused_until) return;
      if (auto x = n.exposers.find(contract); x != n.exposers.end() && known(x->second).count(sink))
        publish_now(n, x->second, sink);
    });
  }
}

void World::told(Node& n, const TermChanged& t) {
  if (SinkUser* u = user_of(n, t.sink)) u->epoch = t.epoch, u->floor = std::max(u->floor, t.floor);
  if (t.published && confirmations_.published(n, t.sink, t.floor, now_)) count("publications that moved before confirmation");
  hear_of_sinks(n, t.sink);
  log(n.name + " sink goes on under " + to_string(t.epoch) + " floor " + to_string(t.floor));
  count("terms continued by the same sink");
}

void World::told(Node& n, const Withdrawn& w) {
  log(n.name + " exposer " + std::to_string(w.contract.value) + " withdrawn from " + w.object->canonical() + ": " +
      std::string(to_string(w.reason)));
  count("withdrawn " + std::string(to_string(w.reason)));
  if (w.reason == EndReason::unobserved) ++unwanted_[{n.index, w.object->canonical()}];
  model_.withdrawn(n.index, w.sink.value);
  if (auto it = n.exposers.find(w.contract.value); it != n.exposers.end()) it->second.sinks.erase(w.sink);
  hear_of_sinks(n, w.contract.value);
}

void World::told(Node& n, const Published& p) {
  count(p.outcome == PublishOutcome::accepted ? "accepted"
        : p.outcome == PublishOutcome::stale  ? "refused as stale"
                                              : "refused as ended");
  if (p.outcome == PublishOutcome::accepted) confirmations_.published(n, p.sink, p.version, now_);
  SinkUser* u = user_of(n, p.sink);
  if (!u) return;
  u->floor = std::max(u->floor, p.version);
  if (p.outcome == PublishOutcome::accepted) u->sent = true, u->stale = false;
  hear_of_sinks(n, p.sink);
  if (p.outcome != PublishOutcome::accepted) return;
  model_.accepted(n.index, p.sink.value, sending_);
  last_sent_[u->object] = now_;
}

void World::told(Node& n, const engine::Confirmed& c) {
  log(n.name + " is told that " + std::to_string(c.observers) + " hold " + to_string(c.version));
  count("confirmations");
  if (confirmations_.confirmed(n, c.sink, c.version, c.observers) > 1) count("confirmations by several exchanges");
}

void World::told(Node& n, const SinkStale& s) {
  confirmations_.stale(n, s.sink, s.floor);
  count("stale sinks");
  if (SinkUser* u = user_of(n, s.sink)) {
    u->floor = std::max(u->floor, s.floor);
    u->stale = true;
    hear_of_sinks(n, s.sink);
  }
}

void World::told(Node& n, const LinkReady& r) {
  count("links ready");
  if (r.role == LinkRole::parent) {
    n.parent_ready = true;
    watch_merge(n);
  }
  log(n.name + " link ready " + std::to_string(r.link.value));
}

void World::told(Node& n, const LinkLost& l) {
  count("links lost");
  if (n.up && n.up->child_link == l.link) n.parent_ready = false;
}

void World::told(Node& n, const ContractRefused&) {
  throw Broken{"P4: " + n.name + " refuses a contract, though everything is allowed"};
}

SinkUser* World::user_of(Node& n, SinkId sink) {
  for (auto& [id, x] : n.exposers)
    if (auto it = x.sinks.find(sink); it != x.sinks.end()) return &it->second;
  return nullptr;
}

}  // namespace mla::sim
