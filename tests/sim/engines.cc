#include <algorithm>
#include <set>

#include "tests/sim/world.h"

// Engines fed by their own clocks, and what they answer carried out.
namespace mla::sim {

using namespace engine;

namespace {
std::string text_of(const Payload& p) {
  return {reinterpret_cast<const char*>(p.data.data()), std::min<std::size_t>(p.data.size(), 60)};
}
}  // namespace

void World::boot(Node& n) {
  ++n.life;
  if (n.engine) sum_up(n);
  model_.exchange_gone(n.index);
  n.was.clear();
  Limits limits;
  limits.heartbeat = milliseconds(300);
  limits.handshake = milliseconds(1000);
  limits.handover = milliseconds(500);
  limits.avoid = milliseconds(400);
  limits.chunk_bytes = 2000;
  limits.delta_bytes = profile_.differences ? 4 : 0;
  codec::Codecs reads;
  if (profile_.differences) {
    const auto kind = more_.below(4);
    reads = {.splice = kind > 0, .zstd = kind > 1 && codec::Codecs::all().zstd};
  }
  // All share their room, as those of one loop do: what one leaves there must not reach another.
  n.engine = std::make_unique<Engine>(
      Config{.node = NodeId{random_.bits() | 1}, .seed = random_.bits(), .name = n.name, .limits = limits, .reads = reads}, nullptr, room_);
  n.wires.clear();
  n.up = nullptr;
  n.parent_ready = false;
  n.observers.clear();
  n.exposers.clear();
  n.commands.clear();
  n.backlog.clear();
  n.heard.clear();
  n.paused_until.reset();
  n.named.clear();
  n.checked.clear();
  n.started = now_;
  if (!options_.plain && more_.chance(profile_.features.clocks)) {
    n.rate = static_cast<double>(16 + more_.below(9)) / 20;  // one rounding, the same with every compiler
    count("clocks of another speed");
  }
  if (n.inner()) n.rate = n.first->rate;
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

/// It is told with what else comes in this turn of the loop, or before whatever else happens.
void World::hear(Node& n, LinkId link, const Bytes& message) {
  n.heard.emplace_back(link, message);
  if (n.heard.size() > 1) return;
  const std::uint64_t life = n.life;
  after(Duration(static_cast<std::int64_t>(more_.below(3'000'000))), [this, &n, life] {
    if (n.life == life && !n.paused_until && !n.heard.empty()) feed(n, std::nullopt);
  });
}

void World::feed(Node& n, const std::optional<Event>& e) {
  if (!n.heard.empty()) feed_heard(n);
  if (e) feed_one(n, *e);
  while (!n.commands.empty()) {  // user code that called back: its commands are the next events
    Event next = std::move(n.commands.front());
    n.commands.pop_front();
    feed_one(n, next);
  }
  arm(n);
}

void World::feed_heard(Node& n) {
  const auto heard = std::exchange(n.heard, {});
  std::vector<Event> events;
  std::set<LinkId> links;
  for (const auto& [link, message] : heard) {
    events.emplace_back(LinkFrames{link, *message});
    links.insert(link);
  }
  if (events.size() > 1) count("steps of several messages");
  if (links.size() > 1) count("steps of messages of several links");
  if (events.size() > 1) n.hearing = std::move(links);
  Actions actions;
  closed_.clear();
  for (const Event& e : events) watch_event(e);
  const Instant now = local(n);
  for (const Event& e : events) stats_.trace.event(n.index, now, e);
  n.engine->step(now, events, actions);
  for (const auto& a : actions) stats_.trace.action(a);
  carry_out(n, actions);
  n.hearing.clear();
  check_node(n);
  watch_step(n);
  check_bounds(n);
}

void World::feed_one(Node& n, const Event& e) {
  Actions actions;
  const auto* p = std::get_if<Publish>(&e);
  const auto before = p ? numbered(n, p->sink) : std::nullopt;
  if (p) sending_ = text_of(*p->payload);
  closed_.clear();
  watch_event(e);
  step(n, e, actions);
  if (before) check_numbers(n, *p, *before, actions);
  carry_out(n, actions);
  check_node(n);
  watch_step(n);
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
      if (auto it = n.wires.find(c->link); it != n.wires.end()) {
        check_inside(*it->second, c->code);
        close(*it->second, n);
      }
    } else {
      notice(n, a);
      call_back(n);
      answer(n, a);
    }
  }
  confirmations_.end_of_step();
}

}  // namespace mla::sim
