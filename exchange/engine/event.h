#pragma once
#include <mla/contract_options.h>
#include <mla/descriptor.h>
#include <mla/epoch.h>
#include <mla/error.h>
#include <mla/limits.h>
#include <mla/standing.h>
#include <mla/state.h>
#include <mla/version.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "contracts/ids.h"
#include "exchange/core/notices.h"

// What goes into the engine and what comes out. The engine never reads a clock: every event comes with its
// time.
namespace mla::engine {

using mla::ContractId;
using mla::ContractKind;
using mla::ContractOptions;
using mla::Instant;
using mla::LinkId;
using mla::SinkId;

// ---- events
// -----------------------------------------------------------------------------------------------------------

/// The far side of a new link. `parent`: this exchange dialled and says HELLO. `child`: it accepted and waits
/// for one.
enum class LinkRole : std::uint8_t { parent, child };

struct LinkUp {
  LinkId link;  // unique within the engine's life
  LinkRole role = LinkRole::child;
  std::size_t bytes_free = 0;  // what the transport takes before it must be asked again
  std::optional<std::chrono::milliseconds>
      heartbeat;            // own announcement on this link, instead of limits.heartbeat
  std::string credentials;  // for role parent
};
/// One whole message from the peer. The bytes are read during the call only.
struct LinkFrames {
  LinkId link;
  std::span<const std::byte> message;
};
/// The transport can take so many bytes now, all told (not: so many more).
struct LinkWritable {
  LinkId link;
  std::size_t bytes_free = 0;
};
/// The transport is gone. Also the answer to CloseLink, or not: after CloseLink the engine has forgotten the
/// link.
struct LinkDown {
  LinkId link;
};
/// The time named by next_deadline() has come. Harmless at any other time.
struct DeadlineReached {};

struct OpenContract {
  ContractId id;  // chosen by the caller, unique within the engine's life
  ContractKind kind = ContractKind::object_observe;
  ObjectPtr object;   // for the object kinds
  TagDescriptor tag;  // for the tag kinds
  ContractOptions options;
};
struct DropContract {
  ContractId id;
};
struct SetCapacity {
  ContractId id;
  std::uint32_t capacity = 1;
};
/// Of an observe contract: least time between two states of one object on the links towards it.
struct SetMinInterval {
  ContractId id;
  Interval interval{0};
};
/// A new state from an elected exposer. `sends` ≥ 1: how many states this one stands for (those conflated
/// before it count as skipped). Answered by Published.
struct Publish {
  SinkId sink;
  PayloadPtr payload;
  std::optional<Version> version;  // none: the default version
  bool own_version = true;  // false: `version` is a default one proposed by the caller; may be replaced
  std::uint64_t sends = 1;
};
/// Gives the object back; this contract is left out for it for `retry_after`.
struct Decline {
  SinkId sink;
  std::string reason;
  std::chrono::milliseconds retry_after{1000};
};
/// Other limits from now on, such that check_limits() finds nothing wrong. They apply to new work: a deadline
/// that runs goes on, an announced heartbeat stays, and what is held already stays even if it is more than a
/// lowered limit; but a link whose queue is above outbound_bytes is given up when more is queued.
struct Reconfigured {
  Limits limits;
};
/// Closes all links after what is queued has been handed out, and refuses new ones.
struct Shutdown {};

using Event = std::variant<LinkUp, LinkFrames, LinkWritable, LinkDown, DeadlineReached, OpenContract,
                           DropContract, SetCapacity, SetMinInterval, Publish, Decline, Reconfigured, Shutdown>;

// ---- actions
// ----------------------------------------------------------------------------------------------------------

using Bytes = std::shared_ptr<const std::vector<std::byte>>;
struct SendFrames {
  LinkId link;
  Bytes message;
};  // one message; counted against bytes_free
/// Close after what was sent before has left (or at once if it cannot leave). The engine has forgotten the
/// link already.
struct CloseLink {
  LinkId link;
  ErrorCode code = ErrorCode::ok;
  std::string detail;
};

// What user code is told, described in core/notices.h. They leave at the end of the step, when the state is
// consistent.
using core::Confirmed;
using core::Elected;
using core::ObjectEnded;
using core::Published;
using core::PublishOutcome;
using core::SinkStale;
using core::SlotChanged;
using core::StandingChanged;
using core::StateArrived;
using core::TermChanged;
using core::Withdrawn;

/// The session on this link is established (`parent`: we are linked upward).
struct LinkReady {
  LinkId link;
  LinkRole role = LinkRole::child;
  NodeId peer;
  std::string peer_name;
};
/// A session ended that had been ready, for whatever reason.
struct LinkLost {
  LinkId link;
  ErrorCode code = ErrorCode::ok;
};

/// The permission for this contract is missing; it was not opened. Whoever wants to answer at once asks
/// mla::check() first, which is what decides here too.
struct ContractRefused {
  ContractId contract;
  ErrorCode code = ErrorCode::ok;
};

using Action = std::variant<SendFrames, CloseLink, StateArrived, StandingChanged, ObjectEnded, Elected,
                            TermChanged, Withdrawn, Published, SinkStale, Confirmed, SlotChanged, LinkReady, LinkLost,
                            ContractRefused>;
using Actions = std::vector<Action>;

}  // namespace mla::engine
