#pragma once
#include <mla/descriptor.h>
#include <mla/standing.h>

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>

#include "contracts/ids.h"
#include "contracts/machines/sink_machine.h"

namespace mla::machines {

using SinkPtr = std::shared_ptr<SinkMachine>;

/// What an expose contract has not told yet: per object at most one withdrawal, then at most one election. An
/// election that ended before it was told is not told at all, so this is bounded by the objects elected now
/// plus those the reader holds. *loop-confined*
class ExposeMachine {
 public:
  struct Event {
    bool elected = false;  // else withdrawn
    SinkId id;
    SinkPtr sink;  // never null
    EndReason reason = EndReason::none;
  };

  // ---- what happened. Each answers whether a reader may now find something new.
  bool elected(SinkId id, SinkPtr sink);
  bool withdrawn(SinkId id, EndReason reason);
  /// Ends the contract and every sink.
  void close(EndReason reason);

  /// The next election or withdrawal; objects take turns.
  std::optional<Event> next_event();
  /// The next election; withdrawals on the way are passed over.
  std::optional<Event> next_sink();

  SinkPtr find(SinkId id) const;
  EndReason end_reason() const { return end_; }
  std::size_t elected_now() const { return active_.size(); }

 private:
  struct Cell {
    std::optional<Event> withdrawal, election;
    std::optional<std::list<ObjectPtr>::iterator> turn;
  };
  struct ByDescriptor {
    bool operator()(const ObjectPtr& a, const ObjectPtr& b) const { return *a < *b; }
  };

  void line_up(const ObjectPtr& object, Cell& cell);

  EndReason end_ = EndReason::none;
  std::map<SinkId, SinkPtr> active_;               // elected now
  std::map<ObjectPtr, Cell, ByDescriptor> cells_;  // with something to tell
  std::list<ObjectPtr> turns_;
};

}  // namespace mla::machines
