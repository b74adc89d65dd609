#include <algorithm>

#include "tests/sim/world.h"

// What user code is told, and what it remembers of it.
namespace mla::sim {

using namespace engine;

void World::notice(Node& n, const Action& a) {
  watch_notice(n, a);
  if (auto* s = std::get_if<StateArrived>(&a)) {
    auto it = n.observers.find(s->contract.value);
    if (it == n.observers.end()) return;  // dropped by user code that was called back in the same step
    const std::string object = s->object->canonical();
    const std::string data(s->state.text().substr(0, 60));
    log(n.name + " observer " + std::to_string(s->contract.value) + " sees " + object + " " +
        stamp(s->state.epoch(), s->state.version()) + (s->state.synchronized() ? " sync " : " stale ") +
        data.substr(0, 20));
    count("states seen");
    auto [seen, first] = it->second.at.try_emplace(object);
    Seen& at = seen->second;
    if (!first) {
      if (s->state.version() < at.version)
        throw Broken{"P2: observer " + std::to_string(it->first) + " at " + n.name + " of " + object +
                     ": version back from " + to_string(at.version) + " to " + to_string(s->state.version())};
      if (s->state.epoch() < at.epoch)
        throw Broken{"P4: observer " + std::to_string(it->first) + " at " + n.name + " of " + object +
                     ": epoch back from " + to_string(at.epoch) + " to " + to_string(s->state.epoch())};
      if (s->state.version() == at.version && s->state.epoch() == at.epoch &&
          s->state.synchronized() == at.sync)
        throw Broken{"delivered twice: " + object};
      if (calm_) check_calm(n, it->second, object, at, s->state.synchronized());
    }
    at = {s->state.epoch(), s->state.version(), s->state.synchronized(), data};
  } else if (auto* st = std::get_if<StandingChanged>(&a)) {
    if (auto it = n.observers.find(st->contract.value); it != n.observers.end())
      it->second.standing[st->object->canonical()] = st->standing;
    count("standing " + std::string(to_string(st->standing.kind)));
  } else if (auto* ended = std::get_if<ObjectEnded>(&a)) {
    log(n.name + " observer " + std::to_string(ended->contract.value) + " sees the end of " +
        ended->object->canonical());
    count("objects ended");
    if (auto it = n.observers.find(ended->contract.value); it != n.observers.end()) {
      it->second.at.erase(ended->object->canonical());
      it->second.standing.erase(ended->object->canonical());
    }
  } else if (auto* e = std::get_if<Elected>(&a)) {
    log(n.name + " exposer " + std::to_string(e->contract.value) + " elected for " + e->object->canonical() +
        " " + to_string(e->epoch));
    count("elected");
    auto it = n.exposers.find(e->contract.value);
    if (it == n.exposers.end()) return;
    it->second.sinks[e->sink] = SinkUser{e->object->canonical(), e->epoch, e->floor};
    const SinkId sink = e->sink;
    const std::uint64_t contract = it->first, life = n.life;
    if (random_.chance(.3)) {  // from within the callback
      publish(n, it->second, sink);
    } else if (random_.chance(.05) && !calm_) {
      count("declined");
      n.commands.push_back(Decline{sink, "busy", milliseconds(200)});
    } else {
      after(random_.between(milliseconds(0), milliseconds(50)), [this, &n, contract, sink, life] {
        if (n.life != life || n.paused_until) return;
        if (auto x = n.exposers.find(contract); x != n.exposers.end() && x->second.sinks.count(sink)) {
          publish(n, x->second, sink);
          const Event next = std::move(n.commands.back());
          n.commands.pop_back();
          feed(n, next);
        }
      });
    }
  } else if (auto* t = std::get_if<TermChanged>(&a)) {
    for (auto& [id, x] : n.exposers)
      if (auto s2 = x.sinks.find(t->sink); s2 != x.sinks.end())
        s2->second.epoch = t->epoch, s2->second.floor = std::max(s2->second.floor, t->floor);
    if (t->published && confirmations_.published(n, t->sink, t->floor)) count("publications that moved before confirmation");
    log(n.name + " sink goes on under " + to_string(t->epoch) + " floor " + to_string(t->floor));
    count("terms continued by the same sink");
  } else if (auto* w = std::get_if<Withdrawn>(&a)) {
    log(n.name + " exposer " + std::to_string(w->contract.value) + " withdrawn from " +
        w->object->canonical() + ": " + std::string(to_string(w->reason)));
    count("withdrawn " + std::string(to_string(w->reason)));
    if (auto it = n.exposers.find(w->contract.value); it != n.exposers.end()) it->second.sinks.erase(w->sink);
  } else if (auto* p = std::get_if<Published>(&a)) {
    count(p->outcome == PublishOutcome::accepted ? "accepted"
          : p->outcome == PublishOutcome::stale  ? "refused as stale"
                                                 : "refused as ended");
    for (auto& [id, x] : n.exposers)
      if (auto s3 = x.sinks.find(p->sink); s3 != x.sinks.end()) {
        s3->second.floor = std::max(s3->second.floor, p->version);
        if (p->outcome == PublishOutcome::accepted) s3->second.sent = true, s3->second.stale = false;
      }
    if (p->outcome == PublishOutcome::accepted) confirmations_.published(n, p->sink, p->version);
  } else if (auto* confirmed = std::get_if<Confirmed>(&a)) {
    log(n.name + " is told that " + std::to_string(confirmed->observers) + " hold " + to_string(confirmed->version));
    count("confirmations");
    const std::size_t held = confirmations_.confirmed(n, confirmed->sink, confirmed->version, confirmed->observers);
    if (held > 1) count("confirmations by several exchanges");
  } else if (auto* stale = std::get_if<SinkStale>(&a)) {
    confirmations_.stale(n, stale->sink, stale->floor);
    count("stale sinks");
    for (auto& [id, x] : n.exposers)
      if (auto s4 = x.sinks.find(stale->sink); s4 != x.sinks.end()) {
        s4->second.floor = std::max(s4->second.floor, stale->floor);
        s4->second.stale = true;
      }
  } else if (auto* ready = std::get_if<LinkReady>(&a)) {
    count("links ready");
    if (ready->role == LinkRole::parent) n.parent_ready = true;
    log(n.name + " link ready " + std::to_string(ready->link.value));
  } else if (auto* lost_link = std::get_if<LinkLost>(&a)) {
    count("links lost");
    if (n.up && n.up->child_link == lost_link->link) n.parent_ready = false;
  }
}

}  // namespace mla::sim
