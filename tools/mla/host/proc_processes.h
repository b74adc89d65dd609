#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mla::host {

/// /proc/PID/stat, as far as it is told on. *value*
struct ProcessCounters {
  std::string name;
  std::uint64_t cpu_ticks = 0;  ///< user and system, since it began
  std::uint64_t started = 0;    ///< ticks after boot: tells a re-used number from the same process
  std::uint64_t resident_pages = 0;
};
std::optional<ProcessCounters> parse_pid_stat(std::string_view text);

using Processes = std::map<int, ProcessCounters>;

/// All processes of one name, between two readings. *value*
struct ProcessShare {
  std::string name;
  std::size_t processes = 0;
  std::uint64_t cpu_ticks = 0;  ///< used between the readings
  std::uint64_t resident_pages = 0;
};

/// The `count` names that used most CPU time, then those that hold most memory. Names only: no numbers, no
/// arguments.
std::vector<ProcessShare> top_processes(const Processes& before, const Processes& after, std::size_t count);

}  // namespace mla::host
