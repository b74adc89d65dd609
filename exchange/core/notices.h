#pragma once
#include <mla/descriptor.h>
#include <mla/epoch.h>
#include <mla/standing.h>
#include <mla/state.h>
#include <mla/version.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "contracts/ids.h"

// What user code is told. Collected while an event is carried out, handed over at its end, when all is
// consistent.
namespace mla::core {

/// Newer, or its freshness changed. skipped() is not set here: it belongs to the stream.
struct StateArrived {
  ContractId contract;
  ObjectPtr object;
  State state;
};
struct StandingChanged {
  ContractId contract;
  ObjectPtr object;
  Standing standing;
};
/// The object is gone for this tag-observe contract; a stream of it ends.
struct ObjectEnded {
  ContractId contract;
  ObjectPtr object;
  EndReason reason = EndReason::gone;
};
/// `current`: the newest state known here, for exposers that go on from it.
struct Elected {
  ContractId contract;
  SinkId sink;
  ObjectPtr object;
  Epoch epoch;
  Version floor;
  std::optional<State> current;
};
/// The sink goes on under a new epoch, or its floor has risen and its last state was published again above
/// it.
struct TermChanged {
  SinkId sink;
  Epoch epoch;
  Version floor;
  bool published = false;  // its last state was published again, with `floor` as its version
};
struct Withdrawn {
  ContractId contract;
  SinkId sink;
  ObjectPtr object;
  EndReason reason = EndReason::none;
};
enum class PublishOutcome : std::uint8_t { accepted, stale, ended };
/// The answer to Publish. `version`: what it got; when stale, the floor it must exceed.
struct Published {
  SinkId sink;
  PublishOutcome outcome = PublishOutcome::accepted;
  Version version;
};
/// Something newer than what this sink published under its own version is known: it must exceed `floor`.
struct SinkStale {
  SinkId sink;
  Version floor;
};

/// All who observe hold what this sink published as `version`, or something newer, or their number has changed. `observers`:
/// exchanges that do. Only for contracts that asked; of several publications only the newest is told.
struct Confirmed {
  SinkId sink;
  Version version;
  std::uint64_t observers = 0;
};

/// What this sink sends may go straight to these local observers, before the engine hears of it: its term runs
/// undisturbed, so that the engine would do nothing but deliver it. `nth`: the number of the last state that the
/// engine has had. `alone`: nobody else needs them, so the engine may hear of them at its next step, whenever that
/// is. Until it is told anew; `observers` empty: not any more. Withdrawn ends it too.
struct SlotChanged {
  SinkId sink;
  Epoch epoch;
  std::uint64_t nth = 0;
  std::vector<ContractId> observers;
  bool alone = false;
};

using Notice = std::variant<StateArrived, StandingChanged, ObjectEnded, Elected, TermChanged, Withdrawn,
                            Published, SinkStale, Confirmed, SlotChanged>;
using Notices = std::vector<Notice>;

}  // namespace mla::core
