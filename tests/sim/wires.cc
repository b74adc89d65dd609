#include <algorithm>
#include <set>
#include <utility>

#include "tests/sim/world.h"

// Connections: messages take their time, wait behind a stall, are lost with the connection; each side notices on its own.
namespace mla::sim {

using namespace engine;

void World::dial(Node& child, Node& parent) {
  auto w = std::make_unique<Wire>();
  w->id = next_id_++;
  w->child = &child;
  w->parent = &parent;
  w->child_link = LinkId{next_link_++};
  w->parent_link = LinkId{next_link_++};
  w->child_life = child.life;
  w->parent_life = parent.life;
  w->latency = random_.between(milliseconds(0), milliseconds(20));
  w->bytes_per_second = features_.slow && random_.chance(.4) && !calm_ ? 3000 : 1e6;
  if (child.first == &parent && child.inner()) {
    w->inner = true;
    w->latency = {};
    w->bytes_per_second = 1e9;
  }
  if (w->bytes_per_second < 1e6) count("slow links");
  child.up = w.get();
  if (child.last && child.last != &parent && parent.first && parent.first == child.last->first)
    count("links that resumed at another engine");
  child.parent = child.last = &parent;
  child.wires[w->child_link] = w.get();
  parent.wires[w->parent_link] = w.get();
  Wire* wire = w.get();
  wires_.push_back(std::move(w));
  log(child.name + " dials " + parent.name + " wire " + std::to_string(wire->id));
  count("dials");
  feed(parent, LinkUp{wire->parent_link, LinkRole::child, room(), {}, {}});
  feed(child, LinkUp{wire->child_link, LinkRole::parent, room(), {}, {}});
}

std::size_t World::room() const {
  if (profile_.room) return profile_.room;
  return features_.slow ? 3000 : 100000;
}

void World::send(Wire& w, Node& from, Bytes message) {
  const bool up = &from == w.child;
  if (options_.verbose)
    if (const std::string text = show(*message); !text.empty())
      log(from.name + (up ? " up" : " down") + " wire " + std::to_string(w.id) + (w.cut ? " (cut)" : "") +
          text);
  check_message(w, from, *message);
  check_pace(w, from, *message);
  if (w.cut) return;
  auto& d = up ? w.up : w.down;
  d.unsent += message->size();
  if (d.free_at < now_) d.free_at = now_;
  if (w.stalled_until && *w.stalled_until > d.free_at) d.free_at = *w.stalled_until;
  d.free_at +=
      Duration(static_cast<std::int64_t>(1e9 * static_cast<double>(message->size()) / w.bytes_per_second));
  const Instant left = d.free_at;
  d.last_arrival = std::max(d.last_arrival, left + w.latency + (up ? w.parent : w.child)->lag);
  Wire* wire = &w;
  const std::size_t size = message->size();
  at(left, [this, wire, up, size] { freed(*wire, up, size); });
  const bool lost_on_the_way = d.deaf;
  at(d.last_arrival, [this, wire, up, message, lost_on_the_way] {
    if (wire->cut || lost_on_the_way) return;
    deliver(*wire, up ? *wire->parent : *wire->child, up ? wire->parent_link : wire->child_link, message);
  });
}

/// `left` bytes have gone: the engine hears how much more may follow.
void World::freed(Wire& w, bool up, std::size_t left) {
  auto& d = up ? w.up : w.down;
  d.unsent -= std::min(d.unsent, left);
  Node& n = up ? *w.child : *w.parent;
  const LinkId link = up ? w.child_link : w.parent_link;
  if (w.cut || !n.wires.count(link)) return;
  const std::size_t most = room();
  const std::size_t free = most > d.unsent ? most - d.unsent : 0;
  if (n.paused_until) {
    n.backlog.push_back([this, &n, link, free] { feed(n, LinkWritable{link, free}); });
    return;
  }
  feed(n, LinkWritable{link, free});
}

void World::deliver(Wire& w, Node& to, LinkId link, const Bytes& message) {
  auto& d = &to == w.parent ? w.up : w.down;
  const bool spoil = std::exchange(d.spoilt, false);
  const auto arrive = [this, wire = &w, &to, link, message, spoil] {
    if (!to.wires.count(link)) return;
    if (options_.verbose)
      if (const std::string text = show(*message); !text.empty())
        log(to.name + " hears on wire " + std::to_string(wire->id) + text);
    if (spoil)
      spoilt(*wire, to, link, message);
    else if (profile_.turns)
      hear(to, link, message);
    else
      feed(to, LinkFrames{link, *message});
  };
  if (to.paused_until)
    to.backlog.push_back(arrive);
  else
    arrive();
}

void World::lost(Wire& w, Node& side, Duration delay) {
  Wire* wire = &w;
  const bool child = &side == w.child;
  const std::uint64_t life = side.life;
  after(delay, [this, wire, child, life] {
    Node& n = child ? *wire->child : *wire->parent;
    if (n.life != life) return;
    const LinkId link = child ? wire->child_link : wire->parent_link;
    const auto down = [this, &n, link, wire, child] {
      if (!n.wires.erase(link)) return;
      if (child && n.up == wire) n.up = nullptr, n.parent_ready = false;
      log(n.name + " notices loss of wire " + std::to_string(wire->id));
      feed(n, LinkDown{link});
      if (child) redial_later(n);
    };
    if (n.paused_until)
      n.backlog.push_back(down);
    else
      down();
  });
}

void World::cut(Wire& w, bool silent) {
  if (w.cut) return;
  w.cut = true;
  watch_end(w);
  log("cut wire " + std::to_string(w.id) + (silent ? " silently" : ""));
  count(silent ? "half-open links" : "cuts");
  if (silent) return watch_silence(w);  // only heartbeats will tell
  lost(w, *w.child, random_.between(milliseconds(0), milliseconds(1500)));
  lost(w, *w.parent, random_.between(milliseconds(0), milliseconds(1500)));
}

/// The engine at `from` has given the link up: what was sent before still arrives, then the far side notices.
void World::close(Wire& w, Node& from) {
  const bool child = &from == w.child;
  watch_end(w);
  from.wires.erase(child ? w.child_link : w.parent_link);
  if (child && from.up == &w) {
    from.up = nullptr;
    from.parent_ready = false;
    redial_later(from);
  }
  Node& far = child ? *w.parent : *w.child;
  if (!w.cut) {
    auto& d = child ? w.up : w.down;
    lost(w, far, std::max(d.last_arrival, now_) - now_ + milliseconds(1));
  }
}

void World::redial_later(Node& n) {
  const std::uint64_t life = n.life;
  after(random_.between(milliseconds(20), milliseconds(600)), [this, &n, life] {
    if (n.life != life || n.up || !n.parent || !redialing_) return;
    if (n.paused_until || random_.chance(.2)) return redial_later(n);
    if (!features_.loops && below(n.parent, &n)) return redial_later(n);
    dial(n, n.inner() ? *n.parent : landing(*n.parent));
  });
}

/// Is `p` in n's subtree, as the wires run?
bool World::below(const Node* p, const Node* n) const {
  std::set<const Node*> seen;
  while (p && seen.insert(p).second) {
    if (p == n) return true;
    p = p->up ? p->up->parent : p->inner() ? p->first : nullptr;
  }
  return false;
}

}  // namespace mla::sim
