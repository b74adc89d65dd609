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

/// What an expose contract has not told yet: per object at most one withdrawal, then at most one election, and one
/// confirmation, before the withdrawal of its sink or after its election. An election that ended before it was told is
/// not told at all, so this is bounded by the objects elected now plus those the reader holds. *loop-confined*
class ExposeMachine {
 public:
  struct Event {
    enum class Kind : std::uint8_t { withdrawn, elected, confirmed };
    Kind kind = Kind::withdrawn;
    SinkId id;
    SinkPtr sink;  // never null
    EndReason reason = EndReason::none;  // for withdrawn
    Version version;                     // for confirmed: as send() answered it
    std::uint64_t observers = 0;         // for confirmed
  };

  // ---- what happened. Each answers whether a reader may now find something new.
  bool elected(SinkId id, SinkPtr sink);
  bool withdrawn(SinkId id, EndReason reason);
  /// The newest takes the place of one that was not told.
  bool confirmed(SinkId id, const Version& version, std::uint64_t observers);
  /// Ends the contract and every sink.
  void close(EndReason reason);

  /// The next election, withdrawal or confirmation; objects take turns.
  std::optional<Event> next_event();
  /// The next election; what else is on the way is passed over.
  std::optional<Event> next_sink();

  SinkPtr find(SinkId id) const;
  EndReason end_reason() const { return end_; }
  std::size_t elected_now() const { return active_.size(); }

 private:
  struct Cell {
    std::optional<Event> withdrawal, election, confirmation;
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
