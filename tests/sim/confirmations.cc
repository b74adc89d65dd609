#include "tests/sim/confirmations.h"

#include <algorithm>
#include <functional>
#include <set>

#include "exchange/core/tree.h"
#include "tests/sim/world.h"

namespace mla::sim {

namespace {

bool observes_object(const Observer& o, const ObjectDescriptor& object, const std::string& canonical) {
  if (!by_tag(o.kind)) return o.key == canonical;
  return std::any_of(object.tags().begin(), object.tags().end(),
                     [&](const TagDescriptor& t) { return t.json == Json(o.key); });
}

/// By user code that was told of the same step: the exchange does not know of it yet.
bool about_to_open(const Node& n, std::uint64_t contract) {
  return std::any_of(n.commands.begin(), n.commands.end(), [&](const engine::Event& e) {
    const auto* open = std::get_if<engine::OpenContract>(&e);
    return open && open->id.value == contract;
  });
}

bool intact(const Wire& w) {
  return !w.cut && w.child->wires.count(w.child_link) && w.parent->wires.count(w.parent_link);
}

/// Has all been heard that the far side had to say?
bool at_rest(const Wire& w, bool up, Confirmations::Instant now) {
  const Node& near = up ? *w.child : *w.parent;
  // What came in the step itself may have come after the state that it published.
  if (near.hearing.count(up ? w.child_link : w.parent_link) != 0) return false;
  if (near.paused_until || near.paused_at >= now || !near.heard.empty()) return false;  // it may not have read all that came meanwhile
  const Wire::Direction& back = up ? w.down : w.up;
  if (back.unsent || back.last_arrival >= now) return false;
  const Node& far = up ? *w.parent : *w.child;
  const LinkId link = up ? w.parent_link : w.child_link;
  for (const auto& l : far.engine->info().links)
    if (l.link == link) return !l.pending_objects && !l.queued_bytes;
  return false;
}

/// The object for which `sink` is elected, if it asks for confirmation.
const std::string* asked(const Node& n, SinkId sink) {
  for (const auto& [id, x] : n.exposers)
    if (auto u = x.sinks.find(sink); u != x.sinks.end()) return x.options.confirmation ? &u->second.object : nullptr;
  return nullptr;
}

}  // namespace

bool Confirmations::published(Node& n, SinkId sink, const Version& version, Instant now) {
  const std::string* object = asked(n, sink);
  if (!object) return false;
  const auto* record = n.engine->tree().find(*object);
  if (!record || !record->has_state() || record->held().stamp.version != version) {
    // Replaced within the same step; that it was sent is true all the same.
    Sink& s = sinks_[{&n, n.life, sink}];
    s.object = *object;
    s.newest = s.newest ? std::max(*s.newest, version) : version;
    return false;
  }
  const Epoch epoch = record->held().stamp.epoch;
  const ObjectPtr descriptor = record->name.descriptor();

  Publication p{version, {}};
  std::vector<const Wire*> way;
  std::set<const Node*> seen;  // links may form a circle for a while
  // To wherever the interest had come by now.
  const std::function<void(const Node&, const Wire*)> visit = [&](const Node& at, const Wire* from) {
    if (!seen.insert(&at).second) return;
    const auto* r = at.engine->tree().find(*object);
    if (!r) return;
    Observing here{&at, at.life, {}, way};
    for (const auto& [id, o] : at.observers)
      if (observes_object(o, *descriptor, *object) && !about_to_open(at, id)) here.contracts.push_back(id);
    if (!here.contracts.empty()) p.observing.push_back(std::move(here));
    for (const auto& [link, w] : at.wires) {
      if (w == from || !intact(*w)) continue;
      if (std::find(way.begin(), way.end(), w) != way.end()) continue;  // a loop that nobody has noticed yet
      const bool up = w->child == &at;
      if (up && !(at.parent_ready && r->up()->want &&
                  std::find(r->up()->terms.begin(), r->up()->terms.end(), epoch) != r->up()->terms.end()))
        continue;
      if (!up && !at.engine->tree().link_needs(link, *r)) continue;
      if (!at_rest(*w, up, now)) continue;
      way.push_back(w);
      visit(up ? *w->parent : *w->child, w);
      way.pop_back();
    }
  };
  visit(n, nullptr);
  Sink& s = sinks_[{&n, n.life, sink}];
  const bool waited = s.last && s.last != s.told;
  s.object = *object;
  s.waiting.push_back(std::move(p));
  s.last = version;
  s.newest = s.newest ? std::max(*s.newest, version) : version;
  return waited;
}

std::size_t Confirmations::confirmed(Node& n, SinkId sink, const Version& version, std::uint64_t observers) {
  if (!asked(n, sink)) return 0;  // user code has dropped the contract in the same step
  auto it = sinks_.find({&n, n.life, sink});
  if (it == sinks_.end()) throw Broken{"confirm: " + n.name + " is told of what it never sent"};
  Sink& s = it->second;
  if (!s.newest || version > *s.newest) throw Broken{"confirm: " + n.name + " is told of a version it never sent"};
  std::size_t most = 0;
  for (const Publication& p : s.waiting) {
    if (p.version > version) continue;
    std::size_t held = 0;
    for (const Observing& o : p.observing) {
      if (!stays(o)) continue;
      const auto* r = o.node->engine->tree().find(s.object);
      if (r && r->has_state() && r->held().stamp.version >= p.version) {
        ++held;
        continue;
      }
      doubts_.push_back({o, s.object, "confirm: " + n.name + " is told that all hold " + to_string(p.version) + " of " + s.object + ", but " +
                     o.node->name + " has " + (r && r->has_state() ? to_string(r->held().stamp.version) : "nothing")});
    }
    if (observers < held)
      throw Broken{"confirm: " + n.name + " is told of " + std::to_string(observers) + " observers of " + s.object + ", but " +
                   std::to_string(held) + " exchanges observe"};
    most = std::max(most, held);
  }
  std::erase_if(s.waiting, [&](const Publication& p) { return p.version <= version; });
  s.told = version;
  s.observers = observers;
  return most;
}

bool Confirmations::stays(const Observing& o) {
  return o.node->life == o.life && std::all_of(o.way.begin(), o.way.end(), [](auto* w) { return intact(*w); }) &&
         std::any_of(o.contracts.begin(), o.contracts.end(), [&](std::uint64_t id) { return o.node->observers.count(id) != 0; });
}

void Confirmations::end_of_step() {
  for (const Doubt& d : doubts_)
    if (stays(d.who)) throw Broken{d.what};
  doubts_.clear();
}

void Confirmations::ended(ContractId contract, const std::string& object) {
  for (Doubt& d : doubts_)
    if (d.object == object) std::erase(d.who.contracts, contract.value);
  for (auto& [key, s] : sinks_) {
    if (s.object != object) continue;
    for (Publication& p : s.waiting)
      for (Observing& o : p.observing) std::erase(o.contracts, contract.value);
  }
}

void Confirmations::stale(const Node& n, SinkId sink, const Version& floor) {
  auto it = sinks_.find({&n, n.life, sink});
  if (it == sinks_.end() || !it->second.last || *it->second.last >= floor) return;
  it->second.waiting.clear();
  it->second.last = it->second.told;
}

std::size_t Confirmations::check_quiet(const std::vector<Node*>& members) const {
  std::size_t judged = 0;
  for (const Node* n : members)
    for (const auto& [id, x] : n->exposers)
      for (const auto& [sink, u] : x.sinks) {
        auto it = sinks_.find({n, n->life, sink});
        if (!x.options.confirmation || it == sinks_.end() || u.stale) continue;
        const Sink& s = it->second;
        const auto* r = n->engine->tree().find(s.object);
        if (!r || !r->has_state() || !r->source.is_local()) continue;
        const auto fail = [&](const std::string& what) { throw Broken{"confirm: " + what + ": " + s.object + " at " + n->name}; };
        // Who wants a state an hour may hold one that has been replaced, till then.
        const bool slowly = std::any_of(members.begin(), members.end(), [&](const Node* m) {
          return std::any_of(m->observers.begin(), m->observers.end(), [&](const auto& o) {
            return o.second.rarely && observes_object(o.second, *r->name.descriptor(), s.object);
          });
        });
        if (slowly) continue;
        if (s.last != s.told) fail("not told at quiet that all hold " + to_string(*s.last));
        if (!s.last) continue;
        std::uint64_t observing = 0;
        for (const Node* m : members)
          observing += std::any_of(m->observers.begin(), m->observers.end(),
                                   [&](const auto& o) { return observes_object(o.second, *r->name.descriptor(), s.object); });
        if (s.observers != observing)
          fail("told of " + std::to_string(s.observers) + " observers, not " + std::to_string(observing));
        ++judged;
      }
  return judged;
}

}  // namespace mla::sim
