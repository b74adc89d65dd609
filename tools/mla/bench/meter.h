#pragma once
#include <optional>
#include <vector>

#include "tools/mla/bench/process_usage.h"
#include "tools/mla/bench/rig.h"

namespace mla::cli::bench {

/// Bytes that links carried, as their ends in the generator count them: WebSocket messages without their
/// heads. *value*
struct Wire {
  std::uint64_t bytes_out = 0;  ///< from the producer
  std::uint64_t bytes_in = 0;   ///< to observers
  std::uint64_t states_in = 0, differences_in = 0;
};

/// What a stretch of time cost. *value*
struct Cost {
  std::optional<nanoseconds> router_cpu;      ///< none: it is not known which process it is
  std::optional<std::uint64_t> router_bytes;  ///< resident, at the end
  std::int64_t router_growth = 0;             ///< of those
  double generator_cores = 0;
  Wire wire;
};

/// From its making to stop(). *loop-confined*
class Meter {
 public:
  Meter(const Rig& rig, const Peer& producer, std::vector<Peer*> observers);
  Cost stop();

 private:
  Wire wire() const;

  std::optional<pid_t> router_;
  const Peer& producer_;
  std::vector<Peer*> observers_;
  Wire wire_;
  std::optional<ProcessUsage> usage_;
  nanoseconds cpu_;
  Clock::time_point start_;
};

}  // namespace mla::cli::bench
