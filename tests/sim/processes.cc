#include <algorithm>

#include "tests/sim/world.h"

// Routers of several threads: a process is a tree of engines whose links never fail. They live and die together; each has
// its own loop, so it may be ahead of the others, behind them, or not run at all for a while. Who dials the process
// comes in at the engine that has the fewest links.
namespace mla::sim {

namespace {
/// Why a link inside a process may end: one of them did not run for too long, or the process goes.
constexpr ErrorCode kGoodReasons[] = {ErrorCode::link_silent, ErrorCode::handshake_timeout, ErrorCode::shutting_down,
                                      ErrorCode::replaced};
}  // namespace

void World::make_processes() {
  for (std::size_t i = 0; i < nodes_.size();) {
    Node& first = *nodes_[i];
    const std::size_t end = std::min(nodes_.size(), i + static_cast<std::size_t>(some(profile_.threads)));
    if (end - i > 1) count("processes of several engines");
    for (; i < end; ++i) {
      Node& n = *nodes_[i];
      n.first = &first;
      n.rate = first.rate;
      if (random_.chance(.4)) n.lag = random_.between(milliseconds(1), milliseconds(40)), count("engines that lag");
      if (!n.inner()) continue;
      n.name = first.name + "/" + std::to_string(n.index - first.index);
      n.parent = &first;
      dial(n, first);
    }
  }
}

/// The first comes first.
std::vector<Node*> World::process_of(Node& n) const {
  if (!n.first) return {&n};
  std::vector<Node*> result;
  for (const auto& m : nodes_)
    if (m->first == n.first) result.push_back(m.get());
  return result;
}

/// The engine that gets a connection to p's process.
Node& World::landing(Node& p) {
  if (!p.first) return p;
  const auto children = [](const Node* n) {
    return std::count_if(n->wires.begin(), n->wires.end(), [n](const auto& w) { return w.second->parent == n && !w.second->inner; });
  };
  const auto engines = process_of(p);
  Node& chosen = **std::min_element(engines.begin(), engines.end(), [&](Node* a, Node* b) { return children(a) < children(b); });
  if (chosen.inner()) count("links spread over the engines of a process");
  return chosen;
}

/// Only a process as a whole has a parent.
bool World::may_dial(const Node& n, const Node& p) const { return !n.first || (!n.inner() && p.first != n.first); }

void World::link_up_inside(Node& n) {
  if (!n.up && !n.first->paused_until) return dial(n, *n.first);
  redial_later(n);
}

/// The endpoint stays at the same process, but its link resumes at another engine, where nothing is known of the one that
/// had it.
void World::move_link(Node& n) {
  const auto engines = process_of(*n.up->parent);
  if (engines.size() < 2) return;
  n.parent = n.up->parent;
  let_go_of_parent(n);
}

/// Nothing is lost or spoilt between the engines of a process.
void World::check_inside(const Wire& w, ErrorCode code) const {
  if (w.inner && std::find(std::begin(kGoodReasons), std::end(kGoodReasons), code) == std::end(kGoodReasons))
    throw Broken{"P11: " + w.child->name + " and " + w.parent->name + " of one process part: " + std::string(to_string(code))};
}

}  // namespace mla::sim
