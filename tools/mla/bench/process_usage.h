#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>

namespace mla::cli::bench {

/// What a process has used, as the kernel counts it: CPU in steps of 10 ms, its own and the kernel's for it.
/// *value*
struct ProcessUsage {
  std::chrono::nanoseconds cpu{0};
  std::uint64_t resident_bytes = 0;
};

/// None when there is no such process.
std::optional<ProcessUsage> usage_of(pid_t process);

/// CPU of this process, exactly.
std::chrono::nanoseconds own_cpu();

}  // namespace mla::cli::bench
