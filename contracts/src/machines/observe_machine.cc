#include "contracts/machines/observe_machine.h"

#include "contracts/mutant.h"

namespace mla::machines {

/// One object's life within the contract, from its first state to its end. A stream is bound to one life, so
/// that what comes after an end never reaches it.
struct ObserveMachine::Life {
  ObjectPtr object;
  std::optional<State> pending;
  std::uint64_t sequence = 0;  // of the pending state
  Instant arrived{};           // of the pending state
  EndReason end = EndReason::none;
  bool told = false;  // a state was taken; the four below describe it
  Epoch epoch;
  std::uint64_t nth = 0;
  Version version;
  bool synchronized = false;
  Instant taken{};
};

struct ObserveMachine::Cell {
  Cell() = default;
  ObjectPtr object;
  std::shared_ptr<Life> life;
  StreamId stream;  // the one that serves this life; 0: none
  bool muted = false;
  bool told = false;  // an event told of it, and its end has not been told since
  EndReason end = EndReason::none;
  std::uint64_t standing_sequence = 0;  // 0: told
  std::uint64_t end_sequence = 0;       // 0: told, or nothing to tell
  Turns<Cell>::Place in_events{*this}, in_streams{*this};
  std::optional<Instant> held_until;
  std::uint64_t number = 0;
  std::optional<Standing> standing;
  Instant standing_at{};
};

ObserveMachine::ObserveMachine(std::chrono::nanoseconds min_interval) : min_interval_(min_interval) {}
ObserveMachine::~ObserveMachine() = default;

ObserveMachine::Cell* ObserveMachine::find(const ObjectPtr& object) const {
  if (latest_ && latest_->object == object) return latest_;
  if (auto it = by_pointer_.find(object.get()); it != by_pointer_.end()) return latest_ = it->second;
  auto it = cells_.find(object);
  return it == cells_.end() ? nullptr : it->second.get();
}

ObserveMachine::Cell& ObserveMachine::cell(const ObjectPtr& object) {
  if (Cell* found = find(object)) return *found;
  auto made = std::make_unique<Cell>();
  made->object = object;
  made->number = ++last_cell_;
  start_life(*made);
  Cell& cell = *made;
  cells_.emplace(object, std::move(made));
  by_pointer_.emplace(object.get(), &cell);
  return cell;
}

void ObserveMachine::start_life(Cell& cell) {
  cell.life = std::make_shared<Life>();
  cell.life->object = cell.object;
}

void ObserveMachine::erase_if_empty(Cell& cell) {
  if (cell.life->pending || cell.life->told || cell.stream.value || cell.muted || cell.standing ||
      cell.end_sequence)
    return;
  events_.leave(cell.in_events);
  streams_.leave(cell.in_streams);
  if (cell.held_until) held_.erase({*cell.held_until, cell.number});
  by_pointer_.erase(cell.object.get());
  if (latest_ == &cell) latest_ = nullptr;
  ObjectPtr key = cell.object;
  cells_.erase(key);
}

// Puts the cell into the rings where it has something, and takes it out of those where it has not.
void ObserveMachine::line_up(Cell& cell, Instant now) {
  Life& life = *cell.life;
  bool state = life.pending.has_value();
  std::optional<Instant> hold;
  // Freshness alone is never held back, nor the first state, nor the last one.
  if (state && life.told && life.end == EndReason::none && min_interval_.count() > 0 &&
      life.pending->version() != life.version) {
    Instant due = life.taken + min_interval_;
    if (due > now) hold = due;
  }
  if (cell.held_until && cell.held_until != hold) {
    held_.erase({*cell.held_until, cell.number});
    cell.held_until.reset();
  }
  if (hold && !cell.held_until) {
    held_.emplace(std::pair(*hold, cell.number), &cell);
    cell.held_until = hold;
  }
  if (hold) state = false;

  bool offered = state && cell.stream.value == 0;
  const auto place = [](Turns<Cell>& turns, Turns<Cell>::Place& in, bool wanted) { wanted ? turns.join(in) : turns.leave(in); };
  place(streams_, cell.in_streams, offered);
  place(events_, cell.in_events, offered || (cell.standing_sequence && !cell.muted) || cell.end_sequence);
}

void ObserveMachine::release_due(Instant now) {
  if (!keeps_time()) return;
  while (!held_.empty() && held_.begin()->first.first <= now) line_up(*held_.begin()->second, now);
}

News ObserveMachine::state_arrived(Instant now, const ObjectPtr& object, State&& state) {
  if (end_ != EndReason::none) return {};
  Cell& at = cell(object);
  if (at.muted) return {};
  if (at.life->end != EndReason::none) start_life(at);
  Life& life = *at.life;
  // What went straight to us may have been sent just before its writer's term was replaced, and come behind what followed;
  // it comes again, under another version (P2).
  const Version* const newest = life.pending ? &life.pending->version() : life.told ? &life.version : nullptr;
  if (newest && state.version() < *newest) return {};
  if (life.told && state.version() == life.version && state.synchronized() == life.synchronized) {
    // Back to what the reader has, or the same under a new term: nothing to tell, but numbers go on from
    // here.
    life.pending.reset();
    life.epoch = state.epoch();
    life.nth = state.nth();
    line_up(at, now);
    return {};
  }
  if (life.pending && state.version() == life.pending->version() && state.epoch() == life.pending->epoch() &&
      state.synchronized() == life.pending->synchronized())
    return {};  // it came straight from a local sink before
  if (life.pending && mutant(Mutant::kSkipCountReset)) life.nth = life.pending->nth();
  life.pending = std::move(state);
  life.sequence = ++last_sequence_;
  life.arrived = now;
  line_up(at, now);
  if (at.held_until) return {};
  return {at.stream.value == 0, at.stream};
}

News ObserveMachine::standing_changed(Instant now, const ObjectPtr& object, Standing standing) {
  if (end_ != EndReason::none) return {};
  Cell& at = cell(object);
  at.standing = std::move(standing);
  at.standing_at = now;
  at.standing_sequence = ++last_sequence_;
  line_up(at, now);
  return {!at.muted, {}};
}

News ObserveMachine::object_ended(Instant now, const ObjectPtr& object, EndReason reason) {
  if (end_ != EndReason::none) return {};
  Cell* at = find(object);
  if (!at) return {};
  const bool told = at->told;
  const StreamId stream = at->stream;
  at->life->end = reason;
  // Under a stream, its last state and its end are told there. A life that began after an end which the reader has not
  // been told of goes whole: with one end for both, its state would seem to go on from the one before.
  if (!told || stream.value != 0 || !at->life->pending || at->end_sequence) start_life(*at);
  at->stream = {};
  at->muted = false;
  at->standing.reset();
  at->standing_sequence = 0;
  if (told) {
    at->end = reason;
    at->end_sequence = ++last_sequence_;
  }
  line_up(*at, now);
  erase_if_empty(*at);
  return {told, stream};
}

void ObserveMachine::close(EndReason reason) {
  if (end_ != EndReason::none) return;
  end_ = reason;
  for (auto& [id, life] : handed_out_) {
    if (life->end == EndReason::none) life->end = reason;
    life->pending.reset();
  }
  events_.clear();
  streams_.clear();
  held_.clear();
  by_pointer_.clear();
  latest_ = nullptr;
  cells_.clear();
}

void ObserveMachine::set_min_interval(Instant now, std::chrono::nanoseconds interval) {
  min_interval_ = interval;
  for (auto& [object, cell] : cells_) line_up(*cell, now);
}

void ObserveMachine::take(Life& life, Instant now, State& out) {
  out = *std::move(life.pending);
  life.pending.reset();
  if (!out.synchronized())
    out.set_freshness(false, out.age() + std::chrono::duration_cast<std::chrono::microseconds>(now - life.arrived));
  if (!life.told) {
    out.set_skipped(0, true);  // what was before the first one was not skipped: nobody was there to see it
  } else if (out.epoch() == life.epoch) {
    out.set_skipped(out.nth() > life.nth ? out.nth() - life.nth - 1 : 0, true);
  } else {
    out.set_skipped(out.nth() > 0 ? out.nth() - 1 : 0, false);
  }
  life.told = true;
  life.epoch = out.epoch();
  life.nth = out.nth();
  life.version = out.version();
  life.synchronized = out.synchronized();
  life.taken = now;
}

bool ObserveMachine::next_event(Instant now, ObserveEvent& out) {
  release_due(now);
  if (events_.empty()) return false;
  Cell& at = events_.front();
  events_.leave(at.in_events);

  constexpr std::uint64_t kNever = ~std::uint64_t{0};
  const std::uint64_t state = at.in_streams.taken() ? at.life->sequence : kNever;
  const std::uint64_t standing = at.standing_sequence && !at.muted ? at.standing_sequence : kNever;
  const std::uint64_t ended = at.end_sequence ? at.end_sequence : kNever;
  out.object = at.object;
  if (state < standing && state < ended) {
    out.kind = ObserveEventKind::state;
    take(*at.life, now, out.state);
    if (at.life->end != EndReason::none) start_life(at);
    at.told = true;
  } else if (standing < ended) {
    out.kind = ObserveEventKind::standing;
    out.standing = *at.standing;
    at.standing_sequence = 0;
    at.told = true;
  } else {
    out.kind = ObserveEventKind::ended;
    out.reason = at.end;
    at.end_sequence = 0;
    at.told = false;
  }
  line_up(at, now);
  erase_if_empty(at);
  return true;
}

std::optional<StreamId> ObserveMachine::next_stream(Instant now) {
  release_due(now);
  if (streams_.empty()) return std::nullopt;
  Cell& at = streams_.front();
  const StreamId id{++last_stream_};
  handed_out_.emplace(id, at.life);
  if (at.life->end == EndReason::none)
    at.stream = id;
  else
    start_life(at);  // it has ended: the stream gives its last state and its end
  line_up(at, now);
  return id;
}

std::optional<State> ObserveMachine::next_state(StreamId stream, Instant now) {
  auto it = handed_out_.find(stream);
  if (it == handed_out_.end() || !it->second->pending) return std::nullopt;
  Life& life = *it->second;
  Cell* at = end_ == EndReason::none ? find(life.object) : nullptr;
  if (at && at->stream != stream) at = nullptr;
  if (at) {
    release_due(now);
    if (at->held_until) return std::nullopt;
  }
  State state;
  take(life, now, state);
  if (at) line_up(*at, now);
  return state;
}

bool ObserveMachine::keeps_time(StreamId stream) const {
  if (keeps_time()) return true;
  auto it = handed_out_.find(stream);
  return it != handed_out_.end() && it->second->pending && !it->second->pending->synchronized();
}

bool ObserveMachine::event_keeps_time() const {
  if (keeps_time()) return true;
  if (events_.empty()) return false;
  const auto& pending = events_.front().life->pending;
  return pending && !pending->synchronized();
}

void ObserveMachine::let_go(StreamId stream) {
  auto it = handed_out_.find(stream);
  if (it == handed_out_.end()) return;
  Cell* at = end_ == EndReason::none ? find(it->second->object) : nullptr;
  if (at && at->stream == stream) {
    at->muted = true;
    at->stream = {};
    start_life(*at);
    line_up(*at, {});
  }
  handed_out_.erase(it);
}

std::span<const std::byte> ObserveMachine::written_next() const {
  if (!latest_) return {};
  return std::as_bytes(std::span(latest_->life.get(), 1));
}

EndReason ObserveMachine::end_reason(StreamId stream) const {
  auto it = handed_out_.find(stream);
  if (it == handed_out_.end()) return EndReason::contract_dropped;
  return it->second->pending ? EndReason::none : it->second->end;
}

ObjectPtr ObserveMachine::object(StreamId stream) const {
  auto it = handed_out_.find(stream);
  return it == handed_out_.end() ? nullptr : it->second->object;
}

std::optional<Standing> ObserveMachine::standing(Instant now, const ObjectDescriptor& object) const {
  auto it = cells_.find(object);
  if (it == cells_.end() || !it->second->standing) return std::nullopt;
  Standing standing = *it->second->standing;
  if (standing.kind == StandingKind::stale)
    standing.age += std::chrono::duration_cast<std::chrono::microseconds>(now - it->second->standing_at);
  return standing;
}

std::optional<Instant> ObserveMachine::next_due() const {
  if (held_.empty()) return std::nullopt;
  return held_.begin()->first.first;
}

}  // namespace mla::machines
