#include "tests/sim/world.h"

#include <algorithm>
#include <cstdio>

namespace mla::sim {

using namespace engine;

namespace {
PayloadPtr payload_of(const std::string& text) {
  auto bytes = reinterpret_cast<const std::byte*>(text.data());
  return std::make_shared<const Payload>(Payload{{"TEXT"}, {bytes, bytes + text.size()}});
}
std::string writer_of(const std::string& data) {
  return data.substr(0, data.find('#'));
}
}  // namespace

World::World(Options options)
    : options_(options),
      random_(options.seed * 0x9e3779b97f4a7c15ull + 1),
      more_(options.seed * 0xd1342543de82ef95ull + 7),
      now_(Instant(seconds(1000))) {
  const auto add = [&](std::vector<TagDescriptor> tags, const char* json) {
    objects_.push_back(std::make_shared<const ObjectDescriptor>(std::move(tags), Json(json)));
    by_canonical_[objects_.back()->canonical()] = objects_.back();
  };
  add({{"T"}}, "a");
  if (random_.chance(0.5)) {
    add({{"T"}, {"U"}}, "b");
    add({}, "c");
  }
  tags_ = {"T", "U"};
  features_ = {random_.chance(.5), random_.chance(.6), random_.chance(.6), random_.chance(.3),
               random_.chance(.5), random_.chance(.5), random_.chance(.5), random_.chance(.2)};
  const int n = options.nodes ? options.nodes : 2 + static_cast<int>(random_.below(5));
  for (int i = 0; i < n; ++i) {
    nodes_.push_back(std::make_unique<Node>());
    nodes_.back()->name = "n" + std::to_string(i);
    nodes_.back()->index = i;
    boot(*nodes_.back());
  }
}
World::~World() = default;

// ---- time

void World::at(Instant when, std::function<void()> what) {
  heap_.push({std::max(when, now_), order_++, std::move(what)});
}

void World::run_until(Instant end) {
  while (!heap_.empty() && heap_.top().when <= end) {
    auto next = heap_.top();
    heap_.pop();
    now_ = next.when;
    next.what();
    if (++stats_.events > 3'000'000) throw Broken{"livelock: three million events"};
  }
  now_ = end;
}

// ---- engines

void World::boot(Node& n) {
  ++n.life;
  Limits limits;
  limits.heartbeat = milliseconds(300);
  limits.handshake = milliseconds(1000);
  limits.handover = milliseconds(500);
  limits.avoid = milliseconds(400);
  limits.chunk_bytes = 2000;
  n.engine = std::make_unique<Engine>(
      Config{.node = NodeId{random_.bits() | 1}, .seed = random_.bits(), .name = n.name, .limits = limits});
  n.wires.clear();
  n.up = nullptr;
  n.parent_ready = false;
  n.observers.clear();
  n.exposers.clear();
  n.commands.clear();
  n.backlog.clear();
  n.paused_until.reset();
  n.named.clear();
  n.started = now_;
  if (!options_.plain && more_.chance(.5)) {
    n.rate = static_cast<double>(16 + more_.below(9)) / 20;  // one rounding, the same with every compiler
    count("clocks of another speed");
  }
  ++n.timer;
}

Instant World::local(const Node& n) const {
  if (n.rate == 1) return now_;
  return n.started + Duration(static_cast<std::int64_t>(n.rate * static_cast<double>((now_ - n.started).count())));
}

Instant World::global(const Node& n, Instant t) const {
  if (n.rate == 1) return t;
  return n.started + Duration(1000 + static_cast<std::int64_t>(static_cast<double>((t - n.started).count()) / n.rate));
}

void World::feed(Node& n, const Event& e) {
  feed_one(n, e);
  while (!n.commands.empty()) {  // user code that called back: its commands are the next events
    Event next = std::move(n.commands.front());
    n.commands.pop_front();
    feed_one(n, next);
  }
  arm(n);
}

void World::feed_one(Node& n, const Event& e) {
  Actions actions;
  const auto* p = std::get_if<Publish>(&e);
  const auto before = p ? numbered(n, p->sink) : std::nullopt;
  closed_.clear();
  step(n, e, actions);
  if (before) check_numbers(n, *p, *before, actions);
  carry_out(n, actions);
  check_node(n);
  check_bounds(n);
}

void World::step(Node& n, const Event& e, Actions& actions) {
  const Instant now = local(n);
  stats_.trace.event(n.index, now, e);
  n.engine->step(now, e, actions);
  for (const auto& a : actions) stats_.trace.action(a);
}

void World::arm(Node& n) {
  const auto next = n.engine->next_deadline();
  const std::uint64_t generation = ++n.timer;
  if (!next) return;
  at(global(n, *next), [this, &n, generation] {
    if (n.timer != generation || n.paused_until) return;
    feed(n, DeadlineReached{});
  });
}

void World::carry_out(Node& n, Actions& actions) {
  for (auto& a : actions) {
    if (auto* send_frames = std::get_if<SendFrames>(&a)) {
      if (auto it = n.wires.find(send_frames->link); it != n.wires.end())
        send(*it->second, n, send_frames->message);
    } else if (auto* c = std::get_if<CloseLink>(&a)) {
      log(n.name + " closes link " + std::to_string(c->link.value) + " " + std::string(to_string(c->code)));
      count("close " + std::string(to_string(c->code)));
      closed_.push_back(c->link);
      if (c->code == ErrorCode::outbound_overflow)
        throw Broken{"P13: what waits on one link of " + n.name + " does not fold"};
      if (auto it = n.wires.find(c->link); it != n.wires.end()) close(*it->second, n);
    } else {
      notice(n, a);
      call_back(n);
    }
  }
}

void World::notice(Node& n, const Action& a) {
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
  } else if (auto* stale = std::get_if<SinkStale>(&a)) {
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

// ---- wires

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
  if (w->bytes_per_second < 1e6) count("slow links");
  child.up = w.get();
  child.parent = &parent;
  child.wires[w->child_link] = w.get();
  parent.wires[w->parent_link] = w.get();
  Wire* wire = w.get();
  wires_.push_back(std::move(w));
  log(child.name + " dials " + parent.name + " wire " + std::to_string(wire->id));
  count("dials");
  const std::size_t room = features_.slow ? 3000 : 100000;
  feed(parent, LinkUp{wire->parent_link, LinkRole::child, room, {}, {}});
  feed(child, LinkUp{wire->child_link, LinkRole::parent, room, {}, {}});
}

void World::send(Wire& w, Node& from, Bytes message) {
  const bool up = &from == w.child;
  if (options_.verbose)
    if (const std::string text = show(*message); !text.empty())
      log(from.name + (up ? " up" : " down") + " wire " + std::to_string(w.id) + (w.cut ? " (cut)" : "") +
          text);
  check_message(w, from, *message);
  if (w.cut) return;
  auto& d = up ? w.up : w.down;
  d.unsent += message->size();
  if (d.free_at < now_) d.free_at = now_;
  if (w.stalled_until && *w.stalled_until > d.free_at) d.free_at = *w.stalled_until;
  d.free_at +=
      Duration(static_cast<std::int64_t>(1e9 * static_cast<double>(message->size()) / w.bytes_per_second));
  const Instant left = d.free_at;
  d.last_arrival = std::max(d.last_arrival, left + w.latency);
  Wire* wire = &w;
  const std::size_t size = message->size(), room = features_.slow ? 3000 : 100000;
  at(left, [this, wire, up, size, room] {
    auto& dir = up ? wire->up : wire->down;
    dir.unsent -= std::min(dir.unsent, size);
    Node& n = up ? *wire->child : *wire->parent;
    const LinkId link = up ? wire->child_link : wire->parent_link;
    if (wire->cut || !n.wires.count(link)) return;
    const std::size_t free = room > dir.unsent ? room - dir.unsent : 0;
    if (n.paused_until) {
      n.backlog.push_back([this, &n, link, free] { feed(n, LinkWritable{link, free}); });
      return;
    }
    feed(n, LinkWritable{link, free});
  });
  at(d.last_arrival, [this, wire, up, message] {
    if (wire->cut) return;
    Node& to = up ? *wire->parent : *wire->child;
    const LinkId link = up ? wire->parent_link : wire->child_link;
    const auto deliver = [this, &to, link, message] {
      if (to.wires.count(link)) feed(to, LinkFrames{link, *message});
    };
    if (to.paused_until)
      to.backlog.push_back(deliver);
    else
      deliver();
  });
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
  log("cut wire " + std::to_string(w.id) + (silent ? " silently" : ""));
  count(silent ? "half-open links" : "cuts");
  if (silent) return;  // only heartbeats will tell
  lost(w, *w.child, random_.between(milliseconds(0), milliseconds(1500)));
  lost(w, *w.parent, random_.between(milliseconds(0), milliseconds(1500)));
}

/// The engine at `from` has given the link up: what was sent before still arrives, then the far side notices.
void World::close(Wire& w, Node& from) {
  const bool child = &from == w.child;
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
    dial(n, *n.parent);
  });
}

/// Is `p` in n's subtree, as the wires run?
bool World::below(const Node* p, const Node* n) const {
  std::set<const Node*> seen;
  while (p && seen.insert(p).second) {
    if (p == n) return true;
    p = p->up ? p->up->parent : nullptr;
  }
  return false;
}

// ---- user code

OpenContract World::new_contract(Node& n, Random& random) {
  const std::uint64_t id = next_id_++;
  const bool tag = features_.tags && random.chance(.4);
  const std::string key = tag ? random.pick(tags_) : random.pick(objects_)->canonical();
  OpenContract open{.id = ContractId{id}};
  if (tag)
    open.tag = TagDescriptor(Json(key));
  else
    open.object = by_canonical_.at(key);
  if (random.chance(.5)) {
    open.kind = tag ? ContractKind::tag_observe : ContractKind::object_observe;
    n.observers[id] = Observer{open.id, open.kind, key, {}, {}};
  } else {
    open.kind = tag ? ContractKind::tag_expose : ContractKind::object_expose;
    open.options.priority = features_.priorities && random.chance(.3) ? 2 : 1;
    open.options.capacity = random.chance(.05) ? 0 : 1 + static_cast<std::uint32_t>(random.below(3));
    n.exposers[id] =
        Exposer{open.id, open.kind, key, features_.user_versions && random.chance(.6), open.options, {}};
  }
  log(n.name + (observes(open.kind) ? " +observe " : " +expose ") + key + " " + std::to_string(id) +
      " priority " + std::to_string(open.options.priority) + " capacity " +
      std::to_string(open.options.capacity));
  count(observes(open.kind) ? "observe contracts" : "expose contracts");
  return open;
}

void World::add_contract(Node& n) {
  feed(n, new_contract(n, random_));
}

/// User code that opens and drops contracts from within a notice, of whatever kind.
void World::call_back(Node& n) {
  if (!chaotic_ || options_.plain || !more_.chance(.01)) return;
  if (more_.chance(.4)) {
    count("contracts opened from within");
    n.commands.push_back(new_contract(n, more_));
    return;
  }
  std::vector<std::uint64_t> ids;
  for (auto& [id, o] : n.observers) ids.push_back(id);
  for (auto& [id, x] : n.exposers) ids.push_back(id);
  if (ids.empty()) return;
  const std::uint64_t id = more_.pick(ids);
  count("contracts dropped from within");
  log(n.name + " drops " + std::to_string(id) + " from within");
  n.observers.erase(id);
  n.exposers.erase(id);
  n.commands.push_back(DropContract{ContractId{id}});
}

void World::drop_contract(Node& n) {
  std::vector<std::uint64_t> ids;
  for (auto& [id, o] : n.observers) ids.push_back(id);
  for (auto& [id, x] : n.exposers) ids.push_back(id);
  if (ids.empty()) return;
  drop_contract(n, random_.pick(ids));
}

void World::drop_contract(Node& n, std::uint64_t id) {
  log(n.name + " drops " + std::to_string(id));
  // A last word just before: it must not be lost to the withdrawal.
  if (auto x = n.exposers.find(id); x != n.exposers.end() && !x->second.sinks.empty() && random_.chance(.5)) {
    publish(n, x->second, x->second.sinks.begin()->first);
    const Event e = std::move(n.commands.back());
    n.commands.pop_back();
    feed(n, e);
  }
  n.observers.erase(id);
  n.exposers.erase(id);
  feed(n, DropContract{ContractId{id}});
}

void World::publish(Node& n, Exposer& x, SinkId sink) {
  SinkUser& u = x.sinks.at(sink);
  std::string data = n.name + "." + std::to_string(n.life) + "#" + std::to_string(++sequence_);
  if (features_.big && random_.chance(.3)) data.append(3000 + random_.below(9000), 'x');
  Publish p{.sink = sink, .payload = payload_of(data)};
  if (x.own_version) {
    const auto floor = u.floor.items();
    const std::int64_t base = floor.empty() ? 0 : floor[0];
    std::int64_t v = base + static_cast<std::int64_t>(random_.below(3));
    if (!producing_ || u.stale) v = base + 1;
    p.version = Version{v};
  } else if (random_.chance(.5)) {
    p.own_version = false;
    p.version = std::max(Version{static_cast<std::int64_t>(u.epoch.counter), 0}, u.floor.next());
  }
  if (!options_.plain && more_.chance(.2)) p.sends = 1 + more_.below(4);
  n.commands.push_back(std::move(p));
}

void World::produce(Node& n) {
  if (n.paused_until) return;
  std::vector<std::uint64_t> ids;  // user code that is told meanwhile may drop any of them
  for (const auto& [id, x] : n.exposers) ids.push_back(id);
  for (std::uint64_t id : ids) {
    auto it = n.exposers.find(id);
    if (it == n.exposers.end()) continue;
    std::vector<SinkId> sinks;
    for (auto& [sink, u] : it->second.sinks)
      if ((producing_ && random_.chance(.5)) || !u.sent || u.stale) sinks.push_back(sink);
    for (SinkId sink : sinks) {
      it = n.exposers.find(id);
      if (it == n.exposers.end() || !it->second.sinks.count(sink)) continue;
      publish(n, it->second, sink);
      Event e = std::move(n.commands.back());
      n.commands.pop_back();
      feed(n, e);
    }
  }
}

// ---- faults

void World::crash(Node& n) {
  log("crash of " + n.name);
  count("crashes");
  for (auto& [link, w] : n.wires) {
    w->cut = true;
    Node& far = w->child == &n ? *w->parent : *w->child;
    lost(*w, far, random_.between(milliseconds(0), milliseconds(1000)));
  }
  Node* parent = n.parent;
  boot(n);
  n.parent = parent;
  redial_later(n);
}

void World::pause(Node& n, Duration d) {
  log("pause of " + n.name);
  count("pauses");
  n.paused_until = now_ + d;
  const std::uint64_t life = n.life;
  after(d, [this, &n, life] {
    if (n.life != life || !n.paused_until || *n.paused_until > now_) return;
    n.paused_until.reset();
    log("resume of " + n.name);
    // It wakes as a process does: first what its sockets hold, then its timers.
    auto backlog = std::move(n.backlog);
    n.backlog.clear();
    for (auto& b : backlog) b();
    feed(n, DeadlineReached{});
  });
}

void World::fault() {
  Node& n = *random_.pick(nodes_);
  std::vector<Wire*> alive;
  for (auto& w : wires_)
    if (!w->cut && w->child->wires.count(w->child_link) && w->parent->wires.count(w->parent_link))
      alive.push_back(w.get());
  const auto roll = random_.below(100);
  if (n.paused_until) return;
  if (roll < 28)
    add_contract(n);
  else if (roll < 40)
    drop_contract(n);
  else if (roll < 62)
    produce(n);
  else if (roll < 74) {
    if (!n.up) {
      Node* p = random_.pick(nodes_).get();
      if (p != &n && !p->paused_until && (features_.loops || !below(p, &n))) dial(n, *p);
    }
  } else if (roll < 80) {
    if (!alive.empty()) cut(*random_.pick(alive), random_.chance(.3));
  } else if (roll < 84) {
    if (!alive.empty()) {
      Wire* w = random_.pick(alive);
      w->stalled_until = now_ + random_.between(milliseconds(50), milliseconds(2500));
      count("stalls");
    }
  } else if (roll < 87) {
    if (n.up && random_.chance(.5)) {  // another parent
      count("re-parentings");
      Wire* w = n.up;
      n.up = nullptr;
      n.parent_ready = false;
      n.wires.erase(w->child_link);
      w->cut = true;
      Node* p = random_.pick(nodes_).get();
      if (p != &n) n.parent = p;
      lost(*w, *w->parent, random_.between(milliseconds(0), milliseconds(500)));
      feed(n, LinkDown{w->child_link});
      redial_later(n);
    }
  } else if (roll < 89) {
    if (features_.crashes) crash(n);
  } else if (roll < 92) {
    if (features_.pauses) pause(n, random_.between(milliseconds(10), milliseconds(3000)));
  } else if (roll < 94) {
    std::vector<std::uint64_t> ids;
    for (auto& [id, x] : n.exposers) ids.push_back(id);
    if (!ids.empty()) {
      Exposer& x = n.exposers.at(random_.pick(ids));
      x.options.capacity = static_cast<std::uint32_t>(random_.below(3));
      count("capacity changes");
      feed(n, SetCapacity{x.id, x.options.capacity});
    }
  } else if (roll < 97 && !options_.plain) {
    hostile(n);
  }
}

void World::chaos(Duration d) {
  const Instant end = now_ + d;
  chaotic_ = true;
  while (now_ < end) {
    run_for(random_.between(milliseconds(0), milliseconds(60)));
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
      for (auto& b : backlog) b();
      feed(*n, DeadlineReached{});
    }
  for (auto& w : wires_) w->stalled_until.reset(), w->bytes_per_second = std::max(w->bytes_per_second, 1e5);
  for (auto& n : nodes_)
    if (!n->up) n->parent = nullptr;
  for (int round = 0; round < 40; ++round) {
    run_for(random_.between(milliseconds(0), milliseconds(2500)));
    std::vector<Node*> orphans;
    for (auto& n : nodes_)
      if (!n->up) orphans.push_back(n.get());
    if (orphans.size() <= 1 || (!whole && random_.chance(.3))) break;
    Node* n = random_.pick(orphans);
    Node* p = random_.pick(nodes_).get();
    if (p == n || below(p, n)) continue;
    dial(*n, *p);
    count("merges");
  }
}

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

void World::run() {
  const int rounds = 1 + static_cast<int>(random_.below(3));
  for (int i = 0; i < rounds; ++i) {
    chaos(random_.between(seconds(1), seconds(6)));
    heal(random_.chance(.7));
    quiet();
    checks_at_quiet();
    silence();
    for (auto& n : nodes_)
      if (!n->parent && n->up) n->parent = n->up->parent;
  }
  if (!options_.plain) {
    calm();
    quiet();
    checks_at_quiet();
    silence();
  }
  clean_up();
}

void World::log(const std::string& text) {
  if (options_.verbose)
    std::printf("%10.3f %s\n", std::chrono::duration<double>(now_.time_since_epoch()).count() - 1000,
                text.c_str());
}

std::string World::stamp(const Epoch& e, const Version& v) const {
  return std::to_string(e.counter) + "@" + std::to_string(e.minter.value % 1000) + to_string(v);
}

// ---- what must hold after every event, for the exchange that took it

void World::check_node(Node& n) {
  for (const auto& o : objects_) {
    const std::string key = o->canonical();
    const auto* r = n.engine->tree().find(key);
    if (!r || !r->held) continue;
    const auto& data = r->held->payload->data;
    const std::string text(reinterpret_cast<const char*>(data.data()),
                           std::min<std::size_t>(data.size(), 60));
    const std::string writer = writer_of(text);
    const auto& st = r->held->stamp;
    auto [w, made] = writer_.try_emplace({key, st.epoch}, writer);
    if (!made && w->second != writer)
      throw Broken{"P4: two writers in " + to_string(st.epoch) + " of " + key + ": " + w->second + " and " +
                   writer};
    const auto items = st.version.items();
    auto [d, new_one] = identity_.try_emplace({key, {st.epoch, {items.begin(), items.end()}}}, text, r->held->nth);
    if (!new_one && d->second.second != r->held->nth)
      throw Broken{"P3: " + to_string(st.epoch) + " " + to_string(st.version) + " of " + key + " is number " +
                   std::to_string(d->second.second) + " and number " + std::to_string(r->held->nth)};
    if (!new_one && d->second.first != text)
      throw Broken{"identity: two states at " + to_string(st.epoch) + " " + to_string(st.version) + " of " +
                   key};
    if (r->cur && r->drain && !(r->drain->epoch < r->cur->epoch))
      throw Broken{"drain is not older than cur: " + key + " at " + n.name};
    if (r->sync && r->source.kind == core::Target::Kind::none)
      throw Broken{"synchronized without a source: " + key + " at " + n.name};
  }
}

}  // namespace mla::sim
