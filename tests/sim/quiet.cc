#include <set>

#include "tests/sim/world.h"

// Time in which nobody does anything, until all is told.
namespace mla::sim {

void World::quiet() {
  producing_ = false;
  // Long enough for the longest back-off of an exposer that timed out, and for dead links to be noticed.
  for (int i = 0; i < 120; ++i) {
    run_for(milliseconds(500));
    for (auto& n : nodes_) produce(*n);
  }
  producing_ = true;
}

/// When all is told, links carry signs of life only.
void World::silence() {
  if (options_.plain) return;
  silent_ = true;
  run_for(seconds(2));
  silent_ = false;
}

std::map<Node*, std::vector<Node*>, World::ByIndex> World::components() const {
  std::map<Node*, std::vector<Node*>, ByIndex> result;
  for (const auto& n : nodes_) {
    Node* top = n.get();
    std::set<Node*> seen;
    while (top->up && top->parent_ready && top->up->parent->wires.count(top->up->parent_link)) {
      if (!seen.insert(top).second) throw Broken{"loop: one remains at " + top->name};
      top = top->up->parent;
    }
    result[top].push_back(n.get());
  }
  return result;
}

}  // namespace mla::sim
