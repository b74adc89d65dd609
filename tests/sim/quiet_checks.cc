#include <algorithm>

#include "tests/sim/world.h"

// What must hold when nothing more happens: what users were told against the model (P1, P4, P7, P10), then what the
// exchanges keep.
namespace mla::sim {

namespace {

/// Is `p` in n's subtree, by the links that are ready?
bool linked_below(const Node* p, const Node* n) {
  while (p && p != n) p = p->up && p->parent_ready ? p->up->parent : nullptr;
  return p == n;
}

Model::Object to_model(const ObjectDescriptor& o, const std::vector<std::string>& tags) {
  Model::Object result{o.canonical(), {}};
  for (const auto& tag : tags)
    if (std::any_of(o.tags().begin(), o.tags().end(), [&](const TagDescriptor& t) { return t.json == Json(tag); }))
      result.tags.insert(tag);
  return result;
}

struct Who {
  const Node* node;
  const Observer* observer;
  std::string name() const { return "observer " + std::to_string(observer->id.value) + " at " + node->name; }
};

std::vector<Who> find(const std::vector<Node*>& members, const std::vector<Model::Id>& ids) {
  std::vector<Who> result;
  for (const Node* n : members)
    for (const auto& [id, o] : n->observers)
      if (std::find(ids.begin(), ids.end(), id) != ids.end()) result.push_back({n, &o});
  return result;
}

/// A state that exchange holds, or believes that one below it does.
bool has_any(const core::ObjectRecord* r) {
  return r && (r->has_state() || std::any_of(r->children.begin(), r->children.end(), [](const auto& c) { return c.details->avail.has_value(); }));
}

[[noreturn]] void fail(const std::string& what, const ObjectDescriptor& o, const Node& root) {
  throw Broken{what + ": " + o.canonical() + " under " + root.name};
}

}  // namespace

void World::checks_at_quiet() {
  log("--- quiet");
  for (const auto& [root, members] : components()) {
    count("confirmed at quiet", confirmations_.check_quiet(members));
    if (!root->engine->tree().is_root())
      throw Broken{"elected: nobody can, the top of a tree is no root: " + root->name};
    Model::Tree tree;
    for (Node* n : members) {
      tree.insert(n->index);
      check_shares(*n);
      for (const auto& l : n->engine->info().links)
        if (l.queued_bytes && !l.pending_objects)
          throw Broken{"P13: " + n->name + " counts " + std::to_string(l.queued_bytes) +
                       " B on a link on which nothing waits"};
        else if (l.pending_objects)
          throw Broken{"P1: not quiet: " + n->name + " still has something to send"};
    }
    for (const auto& o : objects_) {
      const Model::Expected e = model_.expect(to_model(*o, tags_), tree);
      const auto* top = root->engine->tree().find(o->canonical());
      check_by_model(*o, members, top && top->kept, e);
      if (!e.writers.empty())
        check_written(*o, members);
      else if (e.live)
        check_orphans(*o, members, e);
      check_records(*o, members, e);
    }
  }
}

/// `kept`: the state outlived a link to a parent that may come back, so streams by tag stay open.
void World::check_by_model(const ObjectDescriptor& o, const std::vector<Node*>& members, bool kept,
                           const Model::Expected& e) {
  const std::string key = o.canonical();
  const Node& root = *members.front();
  if (e.writers.size() > 1) fail("elected: more than one exposer", o, root);
  if (!e.live && !e.writers.empty()) fail("P7: elected though not live", o, root);
  if (e.must_write && e.writers.empty()) fail("elected: nobody", o, root);
  if (!e.writers.empty() && !e.may_write.count(e.writers.front()))
    fail("priority: contract " + std::to_string(e.writers.front()) + " is elected, where a better one offers", o, root);
  if (!e.writers.empty() && !e.data) fail("P1: who is elected has had nothing accepted", o, root);
  for (const Who& who : find(members, e.observers)) {
    const auto at = who.observer->at.find(key);
    const bool holds = at != who.observer->at.end();
    if (who.observer->rarely) continue;  // it asked to be told once in a long while
    count("observers compared with the model");
    if (!e.writers.empty()) {
      if (!holds) fail("P1: " + who.name() + " has nothing", o, root);
      if (at->second.data != *e.data)
        fail("P1: " + who.name() + " has " + at->second.data + ", the last word was " + *e.data, o, root);
      if (!at->second.sync) fail("P1: " + who.name() + " is not synchronized", o, root);
    } else {
      if (holds && at->second.sync) fail("P1: synchronized without an exposer, " + who.name(), o, root);
      if (holds && !e.live && !kept) fail("P10: the stream of a dead object has not ended, " + who.name(), o, root);
    }
    const auto expected = model_.standing(e, who.observer->id.value, holds);
    const auto told = who.observer->standing.find(key);
    if (!expected) continue;
    if (told == who.observer->standing.end()) fail("standing: none told, " + who.name(), o, root);
    if (told->second.kind != *expected)
      fail("standing: " + std::string(to_string(told->second.kind)) + " not " + std::string(to_string(*expected)) +
               ", " + who.name(), o, root);
    count("checked at " + std::string(to_string(*expected)));
  }
}

/// One epoch and one version everywhere, those of the exposer's own exchange.
void World::check_written(const ObjectDescriptor& o, const std::vector<Node*>& members) {
  const std::string key = o.canonical();
  const Node& root = *members.front();
  count("checked with an exposer");
  const core::ObjectRecord* source = nullptr;
  for (const Node* n : members)
    for (const auto& [id, x] : n->exposers)
      for (const auto& [sink, u] : x.sinks)
        if (u.object == key) source = n->engine->tree().find(key);
  if (!source || !source->has_state() || !source->source.is_local())
    fail("P1: the exposer's exchange has no state of its own", o, root);
  for (const Node* n : members)
    for (const auto& [id, observer] : n->observers)
      if (const auto at = observer.at.find(key); at != observer.at.end() && !observer.rarely)
        if (at->second.epoch != source->held().stamp.epoch || at->second.version != source->held().stamp.version)
          fail("P1: observer " + std::to_string(id) + " at " + n->name + " has " +
                   stamp(at->second.epoch, at->second.version) + " not " +
                   stamp(source->held().stamp.epoch, source->held().stamp.version), o, root);
}

/// Nobody writes: no observer could take what another exchange holds.
void World::check_orphans(const ObjectDescriptor& o, const std::vector<Node*>& members, const Model::Expected& e) {
  const std::string key = o.canonical();
  count("checked without an exposer");
  for (const Who& who : find(members, e.observers)) {
    if (who.observer->rarely) continue;
    const auto at = who.observer->at.find(key);
    const auto has = at == who.observer->at.end()
                         ? std::nullopt
                         : std::optional(core::Stamp{at->second.epoch, at->second.version});
    for (const Node* m : members)
      if (const auto* q = m->engine->tree().find(key); q && q->has_state() && core::newer(has, q->held().stamp))
        fail("P1 orphan: " + who.name() + " could have what " + m->name + " has", o, *members.front());
  }
}

void World::check_records(const ObjectDescriptor& o, const std::vector<Node*>& members, const Model::Expected& e) {
  const std::string key = o.canonical();
  const Node& root = *members.front();
  const auto observers = find(members, e.observers);
  bool any = !e.observers.empty();
  for (const Node* m : members)
    for (const auto& [id, x] : m->exposers)
      any |= by_tag(x.kind) ? to_model(o, {x.key}).tags.count(x.key) > 0 : x.key == key;
  for (Node* n : members) {
    const auto* r = n->engine->tree().find(key);
    if (n->up && n->parent_ready && !has_any(r))
      if (const auto* above = n->up->parent->engine->tree().find(key))
        for (const auto& c : above->children)
          if (c.link == n->up->parent_link && c.details->avail)
            fail("P1 orphan: " + n->up->parent->name + " believes that a state can be had from " + n->name, o, root);
    if (!r) continue;
    if (!r->cur && !r->passing->drain && r->has_state() && !n->engine->tree().needs(*r))
      fail("P7: a state is kept without need at " + n->name, o, root);
    if (e.live && r->passing->drain) fail("drain: still draining at " + n->name, o, root);
    if (!any) fail("P10: a record is kept at " + n->name, o, root);
    if (!n->engine->tree().is_root() && r->up()->want && !r->up()->terms.empty()) {
      const auto outside = [&](const Who& w) { return !linked_below(w.node, n); };
      if (std::none_of(observers.begin(), observers.end(), outside))
        fail("P7: nobody outside wants what is sent up from " + n->name, o, root);
    }
  }
}

}  // namespace mla::sim
