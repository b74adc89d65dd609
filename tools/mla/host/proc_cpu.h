#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mla::host {

/// Time since boot, in the kernel's ticks. *value*
struct CpuTimes {
  std::uint64_t busy = 0, total = 0;  ///< waiting for a disk is not busy
};

/// /proc/stat. *value*
struct CpuCounters {
  CpuTimes all;
  std::vector<CpuTimes> cores;
  std::uint64_t forks = 0;
  std::uint64_t running = 0, blocked = 0;  ///< processes, now
};
std::optional<CpuCounters> parse_stat(std::string_view text);

/// /proc/loadavg: means over 1, 5 and 15 minutes. *value*
struct LoadAverages {
  double one = 0, five = 0, fifteen = 0;
};
std::optional<LoadAverages> parse_loadavg(std::string_view text);

/// Share of time spent busy between two readings, 0…100; 0 when no time has passed.
double busy_percent(const CpuTimes& before, const CpuTimes& after);

}  // namespace mla::host
