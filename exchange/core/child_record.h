#pragma once
#include <mla/contract_options.h>
#include <mla/epoch.h>
#include <mla/standing.h>
#include <mla/version.h>

#include <cstdint>
#include <optional>
#include <string>

#include "contracts/ids.h"
#include "exchange/codec/messages.h"
#include "exchange/core/seldom.h"

namespace mla::core {

using codec::Exposure;
using codec::Stamp;

/// Of what is known about one child link and one object, what most of them do not have. *value*
struct ChildDetails {
  std::optional<Epoch> active;  // the child's subtree goes on under this term of another root
  std::optional<Stamp> avail;   // the best its subtree holds
  std::optional<Epoch> again;   // it wishes a new term instead of this one
  Epoch heard;                  // what the child has told of epochs and versions
  Version floor;
  std::optional<Stamp> peer;  // newest known at the far side, when that is not, and was not, the state held here
  Interval interval{0};       // asked for
  Interval want_interval{0};  // told with want
  std::optional<codec::AtWork> at_work;  // the writer below, when it is not just the best of those who expose
  Version floor_told;
  std::optional<Stamp> pulled;  // asked for with PULL
  std::string standing_reason_told;
  Seldom<Exposure> exposes;  // one that the record has no room for
  bool idle() const {
    return !active && !avail && !again && !heard && floor.empty() && !peer && interval.count() == 0 && want_interval.count() == 0 &&
           !at_work && floor_told.empty() && !pulled && standing_reason_told.empty() && !exposes;
  }
};
static_assert(sizeof(ChildDetails) <= 320);

/// What is known about one child link and one object. Each object has one for who exposes it and for each who observes it:
/// three words. *value*
class ChildRecord {
 public:
  LinkId link;
  std::uint32_t has_held = 0;  // the number of the held state that it is known to have; 0: see details->peer

  std::optional<Exposure> exposes() const;
  void set_exposes(const std::optional<Exposure>& exposure);
  /// Freshness told with the state it is known to have.
  std::optional<bool> told_sync() const { return known(told_sync_); }
  void set_told_sync(std::optional<bool> value) { told_sync_ = unknown_or(value); }
  /// Last told with ASSIGN or WANT.
  std::optional<bool> want() const { return known(want_); }
  void set_want(std::optional<bool> value) { want_ = unknown_or(value); }

 private:
  // Of an exposure in the record: from which priority it takes over, in the room of two bits.
  enum Form : std::uint8_t { kNone, kWaits, kAsItsPriority, kInDetails };
  static constexpr int kCapacityBits = 19;

  static std::optional<bool> known(std::uint32_t bits) { return bits == 0 ? std::nullopt : std::optional(bits == 2); }
  static std::uint32_t unknown_or(std::optional<bool> value) { return value ? 1u + *value : 0u; }

  std::int32_t priority_ = 0;
  std::uint32_t capacity_ : kCapacityBits = 0;
  std::uint32_t form_ : 2 = kNone;
  std::uint32_t told_sync_ : 2 = 0;
  std::uint32_t want_ : 2 = 0;

 public:
  StandingKind standing_told : 3 = StandingKind::waiting;
  bool told : 1 = false;  // an interest record of the child stands
  bool observes : 1 = false;
  bool holds : 1 = false;    // a writer below goes on, but takes nothing new
  bool end_due : 1 = false;  // to be answered END if the object turns out not to be live

  Seldom<ChildDetails> details;
};
static_assert(sizeof(ChildRecord) <= 24);

}  // namespace mla::core
