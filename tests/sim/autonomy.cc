#include <algorithm>

#include "exchange/core/tree.h"
#include "tests/sim/world.h"

// P9: whole subtrees are cut off from a healthy tree. Whoever was fed from within goes on being fed, by the same writer,
// under the same term; when they are back, everybody is.
namespace mla::sim {

void World::check_island(const Node& n, const engine::Action& a) {
  if (const auto* s = std::get_if<engine::StateArrived>(&a)) {
    if (!s->state.synchronized() && watched_.observers.count({s->contract.value, s->object->canonical()}))
      throw Broken{"P9: observer " + std::to_string(s->contract.value) + " at " + n.name +
                   " is no longer synchronized, though its writer was cut off with it"};
  } else if (const auto* w = std::get_if<engine::Withdrawn>(&a)) {
    if (watched_.writers.count({n.index, w->sink}))
      throw Broken{"P9: the writer of " + w->object->canonical() + " at " + n.name +
                   " is withdrawn, because a link above it was lost"};
  }
}

/// Those in the subtree of `top` who are fed by a writer in it, and need nobody else for it.
void World::find_islanders(const Node& top) {
  watched_.observers.clear();
  watched_.writers.clear();
  for (const auto& o : objects_) {
    const std::string& key = o->canonical();
    bool live = false, writer = false;
    for (const auto& n : nodes_) {
      if (!below(n.get(), &top)) continue;
      const auto* r = n->engine->tree().find(key);
      for (const auto& [id, x] : n->observers) live |= x.kind == ContractKind::object_observe && x.key == key;
      if (r && r->passing->drain) return watched_.observers.clear(), watched_.writers.clear();
    }
    if (!live) continue;
    for (const auto& n : nodes_) {
      if (!below(n.get(), &top)) continue;
      for (const auto& [id, x] : n->exposers)
        for (const auto& [sink, user] : x.sinks)
          if (user.object == key && user.sent) watched_.writers.emplace(n->index, sink), writer = true;
    }
    if (!writer) continue;
    for (const auto& n : nodes_)
      if (below(n.get(), &top))
        for (const auto& [id, x] : n->observers)
          if (auto at = x.at.find(key); at != x.at.end() && at->second.sync) watched_.observers.emplace(id, key);
  }
}

/// Meanwhile somebody writes in the rest of the tree, under a newer term, and goes: those who come back find its last state.
void World::pass_through(const Node& top) {
  std::vector<Node*> others;
  for (auto& n : nodes_)
    if (!below(n.get(), &top)) others.push_back(n.get());
  Node& n = *more_.pick(others);
  std::vector<std::uint64_t> ids;
  for (const auto& o : objects_) {
    const ContractId id{next_id_++};
    engine::OpenContract open{.id = id, .kind = ContractKind::object_expose, .object = o};
    open.options.priority = 3;
    n.exposers[id.value] = Exposer{id, open.kind, o->canonical(), false, open.options, {}};
    model_.open(id.value, {open.kind, o->canonical(), open.options.priority, open.options.capacity, n.index, true});
    feed(n, open);
    ids.push_back(id.value);
  }
  run_for(milliseconds(300));
  for (std::uint64_t id : ids) drop_contract(n, id);
  count("writers that came and went in the rest of the tree");
}

void World::autonomy() {
  log("--- autonomy");
  calm_ = islands_ = true;
  const auto pass = [&](Duration d) {
    for (const Instant end = now_ + d; now_ < end;) {
      run_for(milliseconds(200));
      for (auto& n : nodes_) produce(*n);
    }
  };
  for (int i = 0; i < 6; ++i) {
    pass(seconds(2));
    std::vector<Node*> children;
    for (auto& n : nodes_)
      if (n->up && n->parent_ready && n->up->parent->wires.count(n->up->parent_link)) children.push_back(n.get());
    if (children.empty()) break;
    Node& top = *more_.pick(children);
    top.parent = top.up->parent;
    find_islanders(top);
    count("subtrees cut off");
    count("observers cut off with their writer", watched_.observers.size());
    redialing_ = false;
    cut(*top.up, false);
    pass(seconds(2));
    pass_through(top);
    pass(seconds(1));
    watched_.writers.clear();  // back in the tree another may take over, without a gap
    redialing_ = true;
    redial_later(top);
    pass(seconds(4));
    watched_.observers.clear();
  }
  calm_ = islands_ = false;
}

}  // namespace mla::sim
