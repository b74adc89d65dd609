#pragma once
#include "tools/mla/bench/load.h"

// How states are offered. Each returns when all were sent; what is outstanding then is the caller's.
namespace mla::cli::bench {

/// The objects in turn, the next state as soon as less than `window` states of average fan-out are under way.
void closed_loop(Load& load, std::uint32_t window, nanoseconds duration);

/// The objects in turn, a state every 1/rate seconds, whatever has become of those before.
void open_loop(Load& load, double rate, nanoseconds duration);

/// Before anything is measured: caches, buffers and differences' bases are as they will be. A fifth of
/// `duration`, at most a second. Throws Failed when states do not arrive.
void warm_up(Load& load, const BenchOptions& bench);

/// Until all have everything. Throws Failed.
void settle(Load& load);

}  // namespace mla::cli::bench
