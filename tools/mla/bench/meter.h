#pragma once
#include <optional>
#include <vector>

#include "tools/mla/bench/process_usage.h"
#include "tools/mla/bench/rig.h"
#include "tools/mla/bench/sockets.h"

namespace mla::cli::bench {

/// What links carried, to their ends in the generator. *value*
struct Wire {
  std::optional<StreamBytes> producer, observers;   ///< none: not over TCP
  std::uint64_t states_in = 0, differences_in = 0;  ///< to observers, as the library counts them
};

/// What a router's process has used. *value*
struct RouterCost {
  nanoseconds cpu{0};
  std::uint64_t resident_bytes = 0;  ///< at the end
  std::int64_t growth = 0;           ///< of those
};

/// What a stretch of time cost. *value*
struct Cost {
  std::vector<std::optional<RouterCost>>
      routers;  ///< as Rig::routers(); none: it is not known which process it is
  double generator_cores = 0;
  Wire wire;
};

/// Some of the generator's ends of links. *value*
struct Ends {
  std::vector<Peer*> peers;
  Sockets sockets;
};

/// From its making to stop(). *loop-confined*
class Meter {
 public:
  Meter(const Rig& rig, Sockets producer, Ends observers);
  Cost stop();

 private:
  Wire wire() const;

  std::vector<std::optional<pid_t>> routers_;
  Sockets producer_;
  Ends observers_;
  Wire wire_;
  std::vector<std::optional<ProcessUsage>> usage_;
  nanoseconds cpu_;
  Clock::time_point start_;
};

}  // namespace mla::cli::bench
