#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

// The numbers of the wire: kinds, bounds and the format table. WIRE.md draws the frames; a change here
// changes it too.
namespace mla::codec {

/// First item of every frame. Numbers never change their meaning. States are below 24 because they are hot:
/// such a kind takes one byte, the others two.
enum class Kind : std::uint8_t {
  // 1…15: states
  state = 1,
  carry = 2,
  part = 3,
  fresh = 4,
  need = 5,
  // 16…23: names
  define_object = 16,
  release = 17,
  // 24…39: link control
  hello = 24,
  welcome = 25,
  close = 26,
  ping = 27,
  pong = 28,
  path = 29,
  // 40…55: interest, upward
  tag = 40,
  interest = 41,
  giveup = 42,
  started = 43,
  // 56…71: election, downward
  assign = 56,
  want = 57,
  floor = 58,
  withdraw = 59,
  end = 60,
  pull = 61,
  standing = 62,
  // 72…79: confirmation
  confirmed = 72,
};

/// Kinds set aside for what is to come; today they are unknown like any other, and skipped.
inline constexpr std::uint64_t kReservedGoElsewhere = 38;
inline constexpr std::uint64_t kReservedConfirmation = 73;   // …79
inline constexpr std::uint64_t kReservedStreams = 80;        // …95
inline constexpr std::uint64_t kReservedRequests = 96;       // …111
inline constexpr std::uint64_t kReservedTap = 112;           // …119
inline constexpr std::uint64_t kReservedTraceContext = 120;  // …127

inline constexpr std::size_t kMaxSkipDepth = 16;
inline constexpr std::size_t kMaxFormatLabels = 8;
inline constexpr std::size_t kMaxLabelBytes = 32;
inline constexpr std::size_t kMaxPathIds = 17;
inline constexpr std::size_t kMaxTextBytes = 256;  // names, reasons, details
inline constexpr std::size_t kMaxCredentialBytes = 4096;
inline constexpr std::size_t kMaxCanonicalBytes = 4096;
inline constexpr std::size_t kMaxCodecs = 16;
inline constexpr std::size_t kMaxCodecBytes = 32;
inline constexpr std::uint64_t kMaxCapacity = std::uint64_t{1} << 40;
/// An epoch's counter is the first item of a default version, an int64.
inline constexpr std::uint64_t kMaxEpochCounter = (std::uint64_t{1} << 63) - 1;
/// 35 years: ages can be added up over a path, and be turned into nanoseconds, without overflow. Older is
/// sent as this.
inline constexpr std::uint64_t kMaxAgeUs = std::uint64_t{1} << 50;
/// Offsets and sizes of states can be added up without overflow; the limit of the session is far lower.
inline constexpr std::uint64_t kMaxStateBytes = std::uint64_t{1} << 40;

/// Label stacks that go as one small number: 0 is the empty stack, n the single label kWellKnownLabels[n -
/// 1].
inline constexpr std::array<std::string_view, 4> kWellKnownLabels = {"JSON", "CBOR", "TEXT", "BYTES"};

/// Bit of STATE's flags, which stand at its end and are left out when there is none. Unknown bits are ignored.
inline constexpr std::uint64_t kFlagConfirm = 1;
inline constexpr std::uint64_t kFlagZstd = 2;

/// Bits of INTEREST and TAG. Unknown bits are ignored.
inline constexpr std::uint64_t kFlagObserves = 1;
inline constexpr std::uint64_t kFlagFresh = 2;
inline constexpr std::uint64_t kFlagGone = 4;
inline constexpr std::uint64_t kFlagHolds = 8;

}  // namespace mla::codec
