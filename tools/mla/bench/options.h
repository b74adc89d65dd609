#pragma once
#include <sys/types.h>

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace mla::cli {

enum class BenchKind : std::uint8_t { fanout, objects, latency, connections, slow, hop, local };
inline constexpr std::string_view kBenchNames[] = {"fanout", "objects", "latency", "connections",
                                                   "slow",   "hop",     "local"};
inline constexpr std::size_t kBenches = std::size(kBenchNames);
constexpr std::string_view to_string(BenchKind kind) {
  return kBenchNames[static_cast<std::size_t>(kind)];
}

/// What each kind does not use it does not offer either. *value*
struct BenchOptions {
  BenchKind kind = BenchKind::fanout;
  std::uint32_t observers = 1;
  std::uint32_t objects = 1;
  std::uint32_t share = 1;             ///< objects that each observer observes
  std::uint32_t links = 0;             ///< connections
  std::uint32_t window = 1;            ///< closed loop: states that may be under way
  std::optional<std::uint64_t> bytes;  ///< a state
  bool json_field = false;
  bool differences = true;
  std::optional<double> rate;  ///< states per second, of all objects; none: closed loop
  double seconds = 5;
  std::optional<double> stall;  ///< seconds
  std::string router;           ///< program; empty: look for it
  std::optional<pid_t> router_pid;
};

}  // namespace mla::cli
