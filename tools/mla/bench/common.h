#pragma once
#include <string>

#include "tools/mla/bench/load.h"
#include "tools/mla/bench/meter.h"
#include "tools/mla/bench/report.h"

// What several kinds have in common: limits, states, and the figures that they tell in the same words.
namespace mla::cli::bench {

/// With what the run needs, for the generator and for routers of ours. `objects`: that one link names.
Limits limits_for(const BenchOptions& bench, std::uint64_t links, std::uint64_t objects);

std::size_t state_bytes(const BenchOptions& bench);
Payload payload_for(const BenchOptions& bench);

/// "100 observers of 1 object, states of 1024 B, closed loop (window 1), 5 s"
std::string describe_run(const BenchOptions& bench);

/// The options that describe_run() says.
void tell_settings(Report& report, const BenchOptions& bench);
/// Deliveries, skipped, outstanding.
void tell_tally(Report& report, const Tally& tally);
/// How long the states took, and how many a second. `when`: the title goes on with it.
void tell_throughput(Report& report, nanoseconds elapsed, std::uint64_t states, std::uint64_t deliveries,
                     const std::string& when = {});
/// A router's CPU and memory. `key` is what their keys begin with, `title` their titles.
void tell_router(Report& report, const std::string& key, const std::string& title,
                 const std::optional<RouterCost>& router, std::uint64_t deliveries);
/// The first router's CPU and memory, the generator's CPU, what links carried.
void tell_cost(Report& report, const Cost& cost, std::uint64_t states, std::uint64_t deliveries);

}  // namespace mla::cli::bench
