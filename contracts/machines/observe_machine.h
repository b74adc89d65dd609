#pragma once
#include <mla/descriptor.h>
#include <mla/observe_event.h>
#include <mla/standing.h>
#include <mla/state.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>

#include "contracts/ids.h"
#include "contracts/machines/turns.h"

namespace mla::machines {

/// One stream that a contract has handed out; unique within the contract. *value*
struct StreamId {
  std::uint64_t value = 0;
  auto operator<=>(const StreamId&) const = default;
};

/// Who may find something new after an input: the contract's reader, or that of one stream. *value*
struct News {
  bool contract = false;
  StreamId stream;
  explicit operator bool() const { return contract || stream.value != 0; }
};

/// What an observe contract knows of its objects and has not told yet: per object one state (the newest), one
/// standing, one end. Objects take turns. Bounded whatever the reader does: by the live objects, plus those
/// that events have told of whose end is not told yet. An object that came and went before the reader was
/// told of it is never told.
///
/// It counts what was skipped, drops changes that are none to a reader (same version, same freshness), and
/// holds states back that come within the minimum interval. It knows no threads, no clock and no tree.
/// *loop-confined*
class ObserveMachine {
 public:
  explicit ObserveMachine(std::chrono::nanoseconds min_interval = {});
  ~ObserveMachine();
  ObserveMachine(const ObserveMachine&) = delete;
  ObserveMachine& operator=(const ObserveMachine&) = delete;

  // ---- what happened.
  News state_arrived(Instant now, const ObjectPtr& object, State&& state);
  News standing_changed(Instant now, const ObjectPtr& object, Standing standing);
  News object_ended(Instant now, const ObjectPtr& object, EndReason reason);
  /// Ends the contract and every stream. What was not taken is gone.
  void close(EndReason reason);
  void set_min_interval(Instant now, std::chrono::nanoseconds interval);

  // ---- taking. Each gives nothing when there is nothing (now).
  /// Merged over all objects but those handed out as streams, whose standing and end come here all the same.
  /// Into `out`, which is as it was made. False: there is none, and nothing was written.
  bool next_event(Instant now, ObserveEvent& out);
  std::optional<ObserveEvent> next_event(Instant now) {
    std::optional<ObserveEvent> event(std::in_place);
    if (!next_event(now, *event)) event.reset();
    return event;
  }
  /// A new stream, for an object that has a state and no stream.
  std::optional<StreamId> next_stream(Instant now);
  std::optional<State> next_state(StreamId stream, Instant now);
  /// Mutes the object until it ends.
  void let_go(StreamId stream);

  // ---- asking
  EndReason end_reason() const { return end_; }
  /// `none` while states may come. A stream that ended gives its last state before it says so.
  EndReason end_reason(StreamId stream) const;
  ObjectPtr object(StreamId stream) const;
  std::optional<Standing> standing(Instant now, const ObjectDescriptor& object) const;
  bool has_event() const { return !events_.empty(); }  ///< whether next_event() would give something, but for what is held back
  /// When something that is held back for the interval becomes takeable; none: nothing is held back.
  std::optional<Instant> next_due() const;
  /// False: a synchronized state may arrive at any `now` at all.
  bool keeps_time() const { return min_interval_.count() > 0; }
  bool keeps_time(StreamId stream) const;  ///< the same for next_state()
  bool event_keeps_time() const;           ///< and for next_event()
  std::size_t objects() const { return cells_.size(); }
  /// Where that lies which is written when a state arrives of the object that was looked for last, and when it is taken. For
  /// the processor's caches, not to be read: it may be gone.
  std::span<const std::byte> written_next() const;

 private:
  struct Cell;
  struct Life;
  struct ByDescriptor {
    using is_transparent = void;
    bool operator()(const ObjectPtr& a, const ObjectPtr& b) const { return *a < *b; }
    bool operator()(const ObjectPtr& a, const ObjectDescriptor& b) const { return *a < b; }
    bool operator()(const ObjectDescriptor& a, const ObjectPtr& b) const { return a < *b; }
  };

  Cell* find(const ObjectPtr& object) const;
  Cell& cell(const ObjectPtr& object);
  void start_life(Cell& cell);
  void erase_if_empty(Cell& cell);
  void release_due(Instant now);
  void line_up(Cell& cell, Instant now);
  void take(Life& life, Instant now, State& out);

  std::chrono::nanoseconds min_interval_;
  EndReason end_ = EndReason::none;
  std::uint64_t last_sequence_ = 0;  // orders what one object has to tell
  mutable Cell* latest_ = nullptr;  // found last
  Turns<Cell> events_;              // cells with an event to tell
  Turns<Cell> streams_;             // cells that can be handed out as a stream
  std::uint64_t last_stream_ = 0;
  std::uint64_t last_cell_ = 0;
  std::map<ObjectPtr, std::unique_ptr<Cell>, ByDescriptor> cells_;
  std::unordered_map<const ObjectDescriptor*, Cell*>
      by_pointer_;  // the usual case: the same pointer each time
  std::map<std::pair<Instant, std::uint64_t>, Cell*> held_;  // by time, then by the cell's number; only under an interval
  std::map<StreamId, std::shared_ptr<Life>> handed_out_;
};

}  // namespace mla::machines
