#include <algorithm>

#include "tests/sim/world.h"

// What breaks, how often, and how all is well again.
namespace mla::sim {

using namespace engine;

void World::crash(Node& n) {
  log("crash of " + n.name);
  count("crashes");
  for (Node* m : process_of(n))
    for (auto& [link, w] : m->wires) {
      w->cut = true;
      watch_end(*w);
      Node& far = w->child == m ? *w->parent : *w->child;
      lost(*w, far, random_.between(milliseconds(0), milliseconds(1000)));
    }
  start_again(n);
}

/// It says that it goes, and its links close after what was said before.
void World::shut_down(Node& n) {
  log(n.name + " shuts down");
  count("processes that shut down");
  auto engines = process_of(n);
  std::rotate(engines.begin(), engines.begin() + 1, engines.end());  // the first of a process last
  for (Node* m : engines) {
    feed(*m, Shutdown{});
    if (!m->wires.empty()) throw Broken{"P10: " + m->name + " keeps a link after it has shut down"};
  }
  start_again(n);
}

/// With nothing of what it knew.
void World::start_again(Node& n) {
  for (Node* m : process_of(n)) {
    Node* parent = m->parent;
    boot(*m);
    m->parent = parent;
    m->inner() ? link_up_inside(*m) : redial_later(*m);
  }
}

void World::pause(Node& n, Duration d) {
  log("pause of " + n.name);
  count("pauses");
  n.paused_until = now_ + d;
  const std::uint64_t life = n.life;
  after(d, [this, &n, life] {
    if (n.life != life || !n.paused_until || *n.paused_until > now_) return;
    n.paused_until.reset();
    n.paused_at = now_;
    log("resume of " + n.name);
    // It wakes as a process does: first what its sockets hold, then its timers.
    auto backlog = std::move(n.backlog);
    n.backlog.clear();
    for (auto& b : backlog) b();
    feed(n, DeadlineReached{});
  });
}

std::vector<Wire*> World::standing_wires() const {
  std::vector<Wire*> result;
  for (auto& w : wires_)
    if (!w->cut && !w->inner && w->child->wires.count(w->child_link) && w->parent->wires.count(w->parent_link))
      result.push_back(w.get());
  return result;
}

void World::fault() {
  Node& n = *random_.pick(nodes_);
  const Profile::Weights& w = profile_.weights;
  auto roll = static_cast<int>(random_.below(static_cast<std::uint64_t>(w.sum())));
  if (n.paused_until) return;
  const auto is = [&](int weight) { return (roll -= weight) < 0; };
  if (is(w.open))
    add_contract(n);
  else if (is(w.drop))
    drop_contract(n);
  else if (is(w.produce))
    produce(n);
  else if (is(w.dial)) {
    if (!n.up) {
      Node* p = random_.pick(nodes_).get();
      if (p != &n && !p->paused_until && (features_.loops || !below(p, &n)) && may_dial(n, *p)) dial(n, landing(*p));
    }
  } else if (is(w.cut)) {
    if (auto wires = standing_wires(); !wires.empty()) {
      const bool silent = random_.chance(.3);  // drawn one after the other: compilers differ in the order of arguments
      cut(*random_.pick(wires), silent);
    }
  } else if (is(w.stall)) {
    if (auto wires = standing_wires(); !wires.empty()) {
      Wire& wire = *random_.pick(wires);
      wire.stalled_until = now_ + random_.between(milliseconds(50), profile_.longest_stall);
      count("stalls");
    }
  } else if (is(w.reparent)) {
    if (n.up && random_.chance(.5)) {
      if (!threads()) another_parent(n);
      else if (!n.inner()) random_.chance(.5) ? another_parent(n) : move_link(n);
    }
  } else if (is(w.crash)) {
    if (features_.crashes && options_.never != "crashes") crash(n);
  } else if (is(w.pause)) {
    if (features_.pauses) {
      const Duration d = random_.between(milliseconds(10), milliseconds(3000));
      const bool whole = threads() && random_.chance(.5);  // the process, or one of its threads
      if (!whole) pause(n, d);
      else for (Node* m : process_of(n))
        if (!m->paused_until) pause(*m, d);
    }
  } else if (is(w.capacity)) {
    std::vector<std::uint64_t> ids;
    for (auto& [id, x] : n.exposers) ids.push_back(id);
    if (!ids.empty()) {
      const std::uint64_t id = random_.pick(ids);
      feed(n, capacity(n, id, random_));
    }
  } else if (is(w.hostile)) {
    if (!options_.plain) hostile(n);
  } else if (is(w.circle)) {
    dial_in_a_circle();
  } else if (newest() && most_.chance(.7)) {
    if (features_.crashes && most_.chance(.1))
      shut_down(n);
    else
      link_fault();
  } else if (!options_.plain && profile_.options > 0) {
    change_interval(n);
  }
}

/// Exchanges without a parent, each of which is told that the next is its parent: all dial before any has heard of it.
void World::dial_in_a_circle() {
  std::vector<Node*> roots;
  for (const auto& n : nodes_)
    if (!n->up && !n->paused_until) roots.push_back(n.get());
  if (roots.size() < 2) return;
  const std::size_t first = random_.below(roots.size());
  const std::size_t size = random_.chance(.5) ? 2 : roots.size();
  for (std::size_t i = 0; i < size; ++i)
    dial(*roots[(first + i) % roots.size()], *roots[(first + (i + 1) % size) % roots.size()]);
  count("circles dialled");
}

void World::another_parent(Node& n) {
  count("re-parentings");
  Node* p = random_.pick(nodes_).get();
  if (p != &n && may_dial(n, *p)) n.parent = p;
  let_go_of_parent(n);
}

/// The child knows at once, the parent a little later.
void World::let_go_of_parent(Node& n) {
  Wire* w = n.up;
  n.up = nullptr;
  n.parent_ready = false;
  n.wires.erase(w->child_link);
  w->cut = true;
  watch_end(*w);
  lost(*w, *w->parent, random_.between(milliseconds(0), milliseconds(500)));
  feed(n, LinkDown{w->child_link});
  redial_later(n);
}

void World::chaos(Duration d) {
  const Instant end = now_ + d;
  chaotic_ = true;
  for (int step = 0; profile_.steps ? step < profile_.steps : now_ < end; ++step) {
    run_for(random_.between(milliseconds(0), profile_.longest_step));
    fault();
  }
  chaotic_ = false;
}

void World::heal(bool whole) {
  log("--- heal");
  for (auto& n : nodes_)
    if (n->paused_until) {
      n->paused_until = now_;
      auto backlog = std::move(n->backlog);
      n->backlog.clear();
      n->paused_until.reset();
      n->paused_at = now_;
      for (auto& b : backlog) b();
      feed(*n, DeadlineReached{});
    }
  for (auto& w : wires_) {
    // What was said meanwhile arrives only now.
    if (w->stalled_until)
      for (const bool up : {false, true}) control_sent_[{w->id, up}] = std::max(now_, *w->stalled_until);
    w->stalled_until.reset();
    w->bytes_per_second = std::max(w->bytes_per_second, 1e5);
    w->up.spoilt = w->down.spoilt = false;
  }
  for (auto& n : nodes_)
    if (!n->up && !n->inner()) n->parent = nullptr;
  for (int round = 0; round < 40; ++round) {
    run_for(random_.between(milliseconds(0), milliseconds(2500)));
    std::vector<Node*> orphans;
    for (auto& n : nodes_)
      if (!n->up && !n->inner()) orphans.push_back(n.get());
    if (orphans.size() <= 1 || (!whole && random_.chance(.3))) break;
    Node* n = random_.pick(orphans);
    Node* p = random_.pick(nodes_).get();
    if (p == n || below(p, n) || !may_dial(*n, *p)) continue;
    dial(*n, landing(*p));
    count("merges");
  }
}

}  // namespace mla::sim
