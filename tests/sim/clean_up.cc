#include <algorithm>

#include "tests/sim/world.h"

// P10: with the last contract all goes, everywhere.
namespace mla::sim {

/// Only those stay who observe by tag: all they have must end, since nothing is exposed any more.
void World::end_by_tag() {
  for (auto& n : nodes_) {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, x] : n->exposers) ids.push_back(id);
    for (const auto& [id, x] : n->observers)
      if (!by_tag(x.kind)) ids.push_back(id);
    for (std::uint64_t id : ids) drop_contract(*n, id);
  }
  run_for(seconds(10));
  for (const auto& [root, members] : components())
    for (const Node* n : members)
      for (const auto& [id, x] : n->observers)
        for (const auto& [object, seen] : x.at) {
          bool kept = false;  // since a parent was lost, which may bring it back
          for (const Node* m : members)
            if (const auto* r = m->engine->tree().find(object)) kept |= r->kept;
          if (!kept)
            throw Broken{"P10: a stream of " + object + " has not ended at " + n->name + ", though nobody exposes it"};
          count("streams kept without a parent");
        }
  for (const auto& [root, members] : components())
    for (const auto& o : objects_) {
      bool kept = false;
      for (const Node* m : members)
        if (const auto* r = m->engine->tree().find(o->canonical())) kept |= r->kept;
      for (const Node* m : members)
        if (!kept && m->engine->tree().find(o->canonical()))
          throw Broken{"P10: " + m->name + " keeps a record of " + o->canonical() + ", which nobody exposes"};
    }
}

/// Those go first who observe: soon nobody is elected any more, however long an election was to linger.
void World::stop_observing() {
  for (auto& n : nodes_) {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, x] : n->observers) ids.push_back(id);
    for (std::uint64_t id : ids) drop_contract(*n, id);
  }
  run_for(seconds(10));
  for (const auto& n : nodes_)
    for (const auto& [id, x] : n->exposers)
      for (const auto& [sink, u] : x.sinks)
        throw Broken{"P7: contract " + std::to_string(id) + " at " + n->name + " is still elected for " + u.object +
                     ", ten seconds after its last observer went"};
  count("worlds that nobody observes any more");
}

void World::clean_up() {
  log("--- clean up");
  if (!options_.plain && options_.seed % 3 == 1)
    stop_observing();
  else if (!options_.plain)
    end_by_tag();
  for (auto& n : nodes_)
    while (!n->observers.empty() || !n->exposers.empty()) drop_contract(*n);
  run_for(seconds(10));
  for (auto& n : nodes_) {
    const auto info = n->engine->info();
    if (info.objects || info.tags || info.contracts)
      throw Broken{"P10: " + n->name + " keeps " + std::to_string(info.objects) + " objects, " +
                   std::to_string(info.tags) + " tags"};
  }
  for (const auto& n : nodes_) sum_up(*n);
  sum_up_frames();
}

}  // namespace mla::sim
