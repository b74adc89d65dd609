#pragma once
#include <mla/contract_options.h>
#include <mla/epoch.h>
#include <mla/error.h>
#include <mla/standing.h>
#include <mla/state.h>
#include <mla/version.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// The frames of a link as values. Layout on the wire: WIRE.md. What each one means: ARCHITECTURE.md "The
// rules". `Object` frames name their object by the sender's handle: one table per exchange, the same number
// on all its links.
namespace mla::codec {

/// Given by the sender, per exchange; never used again within a session for another object or tag. *value*
struct Handle {
  std::uint64_t value = 0;
  auto operator<=>(const Handle&) const = default;
};

/// How new a state is: first by epoch, then by version. *value*
struct Stamp {
  Epoch epoch;
  Version version;
  bool operator==(const Stamp&) const = default;
  auto operator<=>(const Stamp&) const = default;
};

/// Ability to expose: the highest priority, and the capacity summed over that priority. *value*
struct Exposure {
  std::int32_t priority = 0;
  std::int32_t takes_over = priority;  // the highest of those who do not wait while another is at work
  std::uint64_t capacity = 1;
  static constexpr std::int32_t kWaits = INT32_MIN;  // takes over from nobody, since nobody is below
  bool operator==(const Exposure&) const = default;
  // As Compact wants it; no sum of capacities comes so far.
  static Exposure nothing() { return {.capacity = UINT64_MAX}; }
  bool is_nothing() const { return capacity == UINT64_MAX; }
};

/// Who produces an object now, seen from above: told when it differs from what the exposure says. *value*
struct AtWork {
  std::int32_t priority = 0;
  std::uint32_t linger_ms = 0;  // so long the election goes on when nobody observes any more
  bool operator==(const AtWork&) const = default;
};

// ---- link control (queued, never conflated)
// -------------------------------------------------------------------------
struct Hello {  // up, first frame of a session
  std::uint32_t protocol_min = 1, protocol_max = 1;
  NodeId node;
  std::uint64_t connection = 0;     // per-process number: a higher one replaces a link of the same node
  std::uint32_t heartbeat_ms = 0;   // the sender's own
  std::string name;                 // a label, ≤ 256 bytes; not an identity
  std::vector<NodeId> path;         // from the sender's root to the sender
  std::vector<std::string> codecs;  // differences and compressions it can read (Codecs)
  std::string credentials;          // ≤ 4 KiB
  bool operator==(const Hello&) const = default;
};
struct Welcome {  // down, the answer
  std::uint32_t protocol = 1;
  NodeId node;
  std::uint32_t heartbeat_ms = 0;
  std::string name;
  std::vector<NodeId> path;
  std::vector<std::string> codecs;
  bool operator==(const Welcome&) const = default;
};
struct Close {  // both: why the link is about to be closed
  ErrorCode code = ErrorCode::ok;
  std::string detail;  // ≤ 256 bytes
  bool operator==(const Close&) const = default;
};
struct Ping {
  std::uint64_t sequence = 0;
  bool operator==(const Ping&) const = default;
};
struct Pong {
  std::uint64_t sequence = 0;
  bool operator==(const Pong&) const = default;
};
struct Path {
  std::vector<NodeId> ids;
  bool operator==(const Path&) const = default;
};  // down: root … sender

// ---- names
// ----------------------------------------------------------------------------------------------------------
struct DefineObject {
  Handle handle;
  std::string canonical;
  bool operator==(const DefineObject&) const = default;
};
struct Release {
  Handle handle;
  bool operator==(const Release&) const = default;
};  // the sender will not use it again

// ---- up
// -------------------------------------------------------------------------------------------------------------
struct Tag {        // whole record of one tag; the last one wins; both empty = gone
  std::string tag;  // canonical JSON text
  bool observes = false;
  std::optional<Exposure> exposes;
  Interval interval{0};  // the smallest that any of its observers asks for
  bool operator==(const Tag&) const = default;
};
struct Interest {  // whole record of one object
  Handle handle;
  bool gone = false;  // nothing more about it; the other fields are then as constructed
  bool fresh =
      false;  // the sender holds nothing of what was sent before on this link: take `have` as all it has
  bool observes = false;
  bool holds = false;  // somebody below has the object and goes on, but takes nothing new (capacity 0)
  std::optional<Exposure> exposes;
  Epoch heard;                  // join of all epochs heard of
  Version floor;                // greatest version heard of
  std::optional<Stamp> have;    // own state
  std::optional<Stamp> avail;   // best of own state and what children have
  std::optional<Epoch> active;  // a current term which this session of the parent did not assign
  std::optional<Epoch> again;   // a new term is wished instead of this one
  Interval interval{0};         // the smallest that any of its observers asks for
  std::optional<AtWork> at_work;
  bool operator==(const Interest&) const = default;
};
enum class GiveupReason : std::uint8_t { lost = 0, declined = 1, full = 2 };
struct Giveup {  // the term has no writer here any more
  Handle handle;
  Epoch epoch;
  GiveupReason reason = GiveupReason::lost;
  std::string text;                  // for declined, ≤ 256 bytes
  std::uint32_t retry_after_ms = 0;  // for declined and full: not to be asked again before
  bool operator==(const Giveup&) const = default;
};
struct Started {
  Handle handle;
  Epoch epoch;
  Version version;
  bool operator==(const Started&) const = default;
};

// ---- down
// -----------------------------------------------------------------------------------------------------------
struct Assign {
  Handle handle;
  Epoch epoch;
  Version floor;
  bool want = false;
  Interval interval{0};  // the smallest that any of those who want them asks for
  bool operator==(const Assign&) const = default;
};
struct Want {
  Handle handle;
  bool want = false;
  Interval interval{0};
  bool operator==(const Want&) const = default;
};
struct Floor {
  Handle handle;
  Version floor;
  bool operator==(const Floor&) const = default;
};
struct Withdraw {
  Handle handle;
  Epoch epoch;
  EndReason reason = EndReason::none;
  bool operator==(const Withdraw&) const = default;
};
struct End {
  Handle handle;
  bool operator==(const End&) const = default;
};  // not live; to those who have it by tag
struct Pull {
  Handle handle;
  bool operator==(const Pull&) const = default;
};
struct StandingTold {
  Handle handle;
  StandingKind kind = StandingKind::waiting;
  std::string reason;
  bool operator==(const StandingTold&) const = default;
};

// ---- states (both ways; Carry up only)
// --------------------------------------------------------------------------------
struct StateFrame {  // kind State or Carry
  Handle handle;
  Epoch epoch;
  Version version;
  std::uint64_t nth = 0;
  std::optional<std::uint64_t> base_nth;  // a delta to the state of this number; none: a full state
  std::optional<std::uint64_t> age_us;    // none: synchronized
  Format format;
  std::optional<std::uint64_t> checksum;  // of the rebuilt state, when base_nth is given
  std::uint64_t parts_bytes = 0;          // sent before in Part frames; `body` follows them
  std::vector<std::byte> body;
  bool carry = false;    // an orphan state, asked for by Pull
  bool confirm = false;  // whoever made it wants to know who holds it: Confirmed goes back
  bool zstd = false;     // the body is compressed, with the base, if there is one, as its prefix; else a base means a splice
  bool operator==(const StateFrame&) const = default;
};
struct Part {  // a piece of a large state; offset 0 starts anew
  Handle handle;
  std::uint64_t offset = 0;
  std::vector<std::byte> bytes;
  bool operator==(const Part&) const = default;
};
struct Fresh {  // the state you have from me changed freshness
  Handle handle;
  Epoch epoch;
  Version version;
  std::optional<std::uint64_t> age_us;  // none: synchronized
  bool operator==(const Fresh&) const = default;
};
struct Need {
  Handle handle;
  bool operator==(const Need&) const = default;
};  // base unknown, send in full

// ---- confirmation (both ways, against the states)
struct Confirmed {  // all who observe behind the sender hold this state or a newer one
  Handle handle;
  Epoch epoch;
  Version version;
  std::uint64_t observers = 0;  // how many exchanges these are
  bool operator==(const Confirmed&) const = default;
};

using Frame = std::variant<Hello, Welcome, Close, Ping, Pong, Path, DefineObject, Release, Tag, Interest,
                           Giveup, Started, Assign, Want, Floor, Withdraw, End, Pull, StandingTold,
                           StateFrame, Part, Fresh, Need, Confirmed>;

}  // namespace mla::codec
