#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace mla {

/// What an observer knows about an object's production. In order of hope.
enum class StandingKind : std::uint8_t {
  unexposed,     ///< nobody can expose it
  declined,      ///< those who could have declined it; the reason says why
  waiting,       ///< somebody is elected or will be, no state has come yet
  synchronized,  ///< the newest state is held, with an unbroken path to its exposer
  stale,         ///< a state is held, but its exposer cannot be heard
};
std::string_view to_string(StandingKind kind);

struct Standing {
  StandingKind kind = StandingKind::waiting;
  std::string reason;                 ///< for declined
  std::chrono::microseconds age{0};   ///< for stale: since it was last synchronized
  bool operator==(const Standing&) const = default;
};

/// Why a sink, a stream or a contract ended.
enum class EndReason : std::uint8_t {
  none,
  unobserved,        ///< the last observer left
  handed_over,       ///< another exposer took over
  declined,          ///< given back by its own holder
  gone,              ///< the object is no longer live (tag contracts)
  contract_dropped,
  exchange_closed,
};
std::string_view to_string(EndReason reason);

}  // namespace mla
