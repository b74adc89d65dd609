#include <algorithm>

#include "tests/sim/world.h"

// What must hold when nothing more happens: P1, one elected exposer, P7.
namespace mla::sim {

namespace {

/// Is `p` in n's subtree, by the links that are ready?
bool linked_below(const Node* p, const Node* n) {
  while (p && p != n) p = p->up && p->parent_ready ? p->up->parent : nullptr;
  return p == n;
}

bool matches(const ObjectDescriptor& o, const std::string& canonical, const std::string& key,
             ContractKind kind) {
  if (!by_tag(kind)) return canonical == key;
  return std::any_of(o.tags().begin(), o.tags().end(),
                     [&](const TagDescriptor& t) { return t.json == Json(key); });
}

}  // namespace

void World::checks_at_quiet() {
  log("--- quiet");
  for (const auto& [root, members] : components()) {
    count("confirmed at quiet", confirmations_.check_quiet(members));
    if (!root->engine->tree().is_root()) throw Broken{"elected: nobody can, the top of a tree is no root: " + root->name};
    for (Node* n : members) check_shares(*n);
    for (Node* n : members)
      for (const auto& l : n->engine->info().links)
        if (l.queued_bytes && !l.pending_objects)
          throw Broken{"P13: " + n->name + " counts " + std::to_string(l.queued_bytes) +
                       " B on a link on which nothing waits"};
        else if (l.pending_objects)
          throw Broken{"P1: not quiet: " + n->name + " still has something to send"};
    for (const auto& o : objects_) {
      const std::string key = o->canonical();
      struct Who {
        Node* node;
        const Observer* observer;
      };
      std::vector<Who> observers;
      bool observed = false, exposed = false, exposable = false;
      std::vector<std::pair<Node*, const Exposer*>> elected;
      std::int32_t best = INT32_MIN;
      for (Node* n : members) {
        for (const auto& [id, x] : n->observers)
          if (matches(*o, key, x.key, x.kind)) observers.push_back({n, &x}), observed |= !by_tag(x.kind);
        for (const auto& [id, x] : n->exposers) {
          if (!matches(*o, key, x.key, x.kind)) continue;
          exposed |= !by_tag(x.kind);
          if (x.options.capacity) {
            exposable = true;
            if (x.options.takes_over) best = std::max(best, x.options.priority);
          }
          for (const auto& [sink, u] : x.sinks)
            if (u.object == key) elected.emplace_back(n, &x);
        }
      }
      const bool live = observed || (exposed && !observers.empty());
      const auto fail = [&, root = root](const std::string& what) {
        throw Broken{what + ": " + key + " under " + root->name};
      };
      if (elected.size() > 1) fail("elected: more than one exposer");
      if (!live && !elected.empty()) fail("P7: elected though not live");
      if (live && exposable && elected.empty()) fail("elected: nobody");
      if (!elected.empty()) {
        count("checked with an exposer");
        auto [w, x] = elected.front();
        const auto* r = w->engine->tree().find(key);
        if (!r || !r->held || !r->source.is_local())
          fail("P1: the exposer's exchange has no state of its own");
        bool avoided = false;
        for (Node* n : members)
          if (const auto* q = n->engine->tree().find(key))
            avoided |= !q->avoid.empty() || !q->refusals.empty();
        if (x->options.capacity && x->options.priority < best && !avoided)
          fail("priority: a lower one is elected");
        for (const auto& [n, ob] : observers) {
          auto at = ob->at.find(key);
          if (at == ob->at.end())
            fail("P1: observer " + std::to_string(ob->id.value) + " at " + n->name + " has nothing");
          if (ob->rarely) continue;
          if (at->second.epoch != r->held->stamp.epoch || at->second.version != r->held->stamp.version)
            fail("P1: observer " + std::to_string(ob->id.value) + " at " + n->name + " has " +
                 stamp(at->second.epoch, at->second.version) + " not " +
                 stamp(r->held->stamp.epoch, r->held->stamp.version));
          if (!at->second.sync)
            fail("P1: observer " + std::to_string(ob->id.value) + " at " + n->name + " is not synchronized");
          auto st = ob->standing.find(key);
          if (st == ob->standing.end() || st->second.kind != StandingKind::synchronized)
            fail("standing: not synchronized at " + n->name);
        }
      } else {
        for (const auto& [n, ob] : observers) {
          auto at = ob->at.find(key);
          if (at != ob->at.end() && at->second.sync)
            fail("P1: synchronized without an exposer at " + n->name);
          const auto* top = root->engine->tree().find(key);
          if (at != ob->at.end() && !live && !(top && top->kept))
            fail("P10: a stream of a dead object has not ended at " + n->name);
          if (at == ob->at.end() && !by_tag(ob->kind)) {
            auto st = ob->standing.find(key);
            if (st == ob->standing.end() || st->second.kind == StandingKind::synchronized)
              fail("standing: none at " + n->name);
            if (!exposable && st->second.kind != StandingKind::unexposed &&
                st->second.kind != StandingKind::declined)
              fail("standing: not unexposed but " + std::string(to_string(st->second.kind)) + " at " +
                   n->name);
          }
        }
        if (live) {
          count("checked without an exposer");
          for (const auto& [n, ob] : observers)
            for (Node* m : members) {
              if (ob->rarely) continue;
              const auto* q = m->engine->tree().find(key);
              if (!q || !q->held) continue;
              auto at = ob->at.find(key);
              const auto has = at == ob->at.end()
                                   ? std::nullopt
                                   : std::optional(core::Stamp{at->second.epoch, at->second.version});
              if (core::newer(has, q->held->stamp))
                fail("P1 orphan: observer " + std::to_string(ob->id.value) + " at " + n->name +
                     " could have what " + m->name + " has");
            }
        }
      }
      for (Node* n : members) {
        const auto* r = n->engine->tree().find(key);
        if (!r) continue;
        if (!r->cur && !r->drain && r->held && !n->engine->tree().needs(*r))
          fail("P7: a state is kept without need at " + n->name);
        if (live && r->drain) fail("drain: still draining at " + n->name);
        bool any = !observers.empty();
        for (Node* m : members)
          for (const auto& [id, x] : m->exposers) any |= matches(*o, key, x.key, x.kind);
        if (!any) fail("P10: a record is kept at " + n->name);
        if (n != root && r->up.want && !r->up.terms.empty()) {
          const auto outside = [&](const Who& w) { return !linked_below(w.node, n); };
          if (std::none_of(observers.begin(), observers.end(), outside))
            fail("P7: nobody outside wants what is sent up from " + n->name);
        }
      }
    }
  }
}

}  // namespace mla::sim
