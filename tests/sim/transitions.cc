#include <algorithm>
#include <iterator>
#include <variant>

#include "exchange/codec/codec.h"
#include "tests/sim/world.h"

// What is counted and judged by nobody here: how often each transition came about on which a promise rests. A run in
// which one did not come about proves little (counts.cc).
namespace mla::sim {

using namespace engine;

namespace {

constexpr auto kUnderLoad = milliseconds(500);

// In the order of codec::Frame.
constexpr const char* kFrames[] = {"HELLO", "WELCOME", "CLOSE",  "PING",    "PONG",   "PATH",  "DEFINE", "RELEASE",
                                   "TAG",   "INTEREST", "GIVEUP", "STARTED", "ASSIGN", "WANT",  "FLOOR",  "WITHDRAW",
                                   "END",   "PULL",     "STANDING", "STATE", "PART",   "FRESH", "NEED",
                                   "CONFIRMED"};
static_assert(std::size(kFrames) <= std::variant_size_v<codec::Frame>);

std::optional<Epoch> epoch_of(const core::MaybeTerm& t) { return t ? std::optional(t->epoch) : std::nullopt; }

}  // namespace

/// The record of one object at the exchange that took an event, against the one before.
void World::watch_record(Node& n, const std::string& object, const core::ObjectRecord* r) {
  if (!r) {
    n.was.erase(object);
    return;
  }
  Was& was = n.was[object];
  const Was now{epoch_of(r->cur), epoch_of(r->passing->drain), r->passing->again, r->sent, r->assigned, r->kept, r->passing->avoid.size(),
                !n.engine->tree().is_root() && r->cur && !r->assigned};
  if (was.drain && !now.drain && was.cur == now.cur && now.sent && !was.sent) {
    const auto last = last_sent_.find(object);
    const bool loaded = producing_ && last != last_sent_.end() && now_ - last->second < kUnderLoad;
    if (loaded && n.engine->tree().needs(*r)) count("hand-overs under load");
  }
  if (was.cur && !was.sent && now.cur && now.cur != was.cur && was.drain == now.drain && now.drain)
    count("terms superseded before they had sent");
  if (was.again && was.again == was.cur && now.cur && now.cur > was.cur && now.assigned) count("re-elections asked for from below");
  if (now.regent && !was.regent) count("regents");
  if (was.regent && !now.regent) count("regents that ended");
  if (now.kept && !was.kept) count("states kept without a parent");
  if (now.avoided > was.avoided) count("exposers avoided");
  was = now;
}

/// Frames on links, by kind; what is fetched when nobody writes, and what is cut in two.
void World::watch_frame(Wire& w, const Node& from, const codec::Frame& frame) {
  if (frame.index() < frames_.size()) ++frames_[frame.index()];
  auto& parts = (&from == w.child ? w.up : w.down).parts;
  if (const auto* part = std::get_if<codec::Part>(&frame)) parts.insert(part->handle.value);
  if (const auto* state = std::get_if<codec::StateFrame>(&frame)) {
    if (state->carry) count("states carried");
    if (state->base_nth) count("states as differences");
    if (state->zstd) count("states compressed");
    if (parts.erase(state->handle.value)) count("states in pieces");
  }
}

void World::watch_end(Wire& w) {
  if (w.ended) return;
  w.ended = true;
  count("states cut off between their pieces", w.up.parts.size() + w.down.parts.size());
}

/// What user code is told.
void World::watch_election(const Node& n, const Elected& e) {
  const auto own = n.exposers.find(e.contract.value);
  if (own == n.exposers.end()) return;
  const std::string object = e.object->canonical();
  for (const Node* m : tree_of(n))
    for (const auto& [id, x] : m->exposers)
      for (const auto& [sink, u] : x.sinks)
        if (u.object == object && id != e.contract.value && x.options.capacity && u.sent)
          if (x.options.priority < own->second.options.priority) count("preemptions");
}

/// Somebody else goes on where a writer was lost.
void World::watch_fail_over(const Seen& was, const Seen& now) {
  const auto writer = [](const std::string& data) { return data.substr(0, data.find('#')); };
  if (!was.sync && now.sync && now.epoch > was.epoch && writer(was.data) != writer(now.data)) count("fail-overs seen");
}

/// `child` is linked upward: two trees are one.
void World::watch_merge(const Node& child) {
  const Node* parent = child.up ? child.up->parent : nullptr;
  if (!parent) return;
  std::vector<const Node*> beneath, beside;
  for (const Node* m : tree_of(child)) (below(m, &child) ? beneath : beside).push_back(m);
  const auto writes = [](const std::vector<const Node*>& part, const std::string& object) {
    for (const Node* m : part)
      for (const auto& [id, x] : m->exposers)
        for (const auto& [sink, u] : x.sinks)
          if (u.object == object) return true;
    return false;
  };
  for (const auto& o : objects_)
    if (writes(beneath, o->canonical()) && writes(beside, o->canonical())) count("merges with two exposers");
}

/// Those that are connected with `n` by links that stand, itself among them.
std::vector<const Node*> World::tree_of(const Node& n) const {
  const auto top = [](const Node* p) {
    for (std::size_t i = 0; p->up && i < 64; ++i) p = p->up->parent;
    return p;
  };
  std::vector<const Node*> result;
  for (const auto& m : nodes_)
    if (top(m.get()) == top(&n)) result.push_back(m.get());
  return result;
}

void World::sum_up_frames() {
  for (std::size_t i = 0; i < std::size(kFrames); ++i) count(std::string("frames ") + kFrames[i], frames_[i]);
}

/// What the engine counted itself, when it goes or at the end.
void World::sum_up(const Node& n) {
  const auto& c = n.engine->tree().counters();
  count("epochs minted", c.epochs_minted);
  count("states fenced", c.states_fenced);
  count("states not newer", c.states_not_newer);
  count("hand-overs", c.handovers);
  count("hand-over time-outs", c.handover_timeouts);
  count("pulls", c.pulls);
  count("moves for balance", c.moves);
  count("bases that were not there", n.engine->info().bases_missed);
}

}  // namespace mla::sim
