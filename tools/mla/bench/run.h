#pragma once
#include "tools/mla/options.h"

// One function a kind of bench; each measures, prints, and throws Failed when it cannot.
namespace mla::cli::bench {

void run_load(const Options& options, const BenchOptions& bench);  ///< fanout, objects, latency
void run_connections(const Options& options, const BenchOptions& bench);
void run_slow(const Options& options, const BenchOptions& bench);
void run_hop(const Options& options, const BenchOptions& bench);
void run_local(const Options& options, const BenchOptions& bench);

}  // namespace mla::cli::bench
