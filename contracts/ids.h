#pragma once
#include <chrono>
#include <compare>
#include <cstdint>

// Identifiers and time as the pure layers use them. No naked integers cross a boundary.
namespace mla {

/// Time as the shell's monotonic clock gives it; only differences matter. The pure layers never read a clock.
using Instant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

/// One session between two exchanges; unique within an exchange's life. *value*
struct LinkId {
  std::uint32_t value = 0;
  auto operator<=>(const LinkId&) const = default;
};

/// Chosen by whoever opens the contract, unique within an exchange's life. *value*
struct ContractId {
  std::uint64_t value = 0;
  auto operator<=>(const ContractId&) const = default;
};

/// One election of one contract for one object, from elected to withdrawn. Never used again. *value*
struct SinkId {
  std::uint64_t value = 0;
  auto operator<=>(const SinkId&) const = default;
};

}  // namespace mla
