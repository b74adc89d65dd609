#pragma once
#include <cstdint>
#include <string>

#include "tests/sim/counts.h"

namespace mla::sim {

/// P8 in a world of its own kind: many objects under one tag, up to 64 equal exposers anywhere in a random tree with
/// perfect links. Then one comes, or goes by dropping its contract or with its process. Ten seconds later all must be
/// even again, and no more have moved than must, or hardly more where exchanges are in between. At last the root is lost and
/// comes back: what was below it is one again.
/// Answers what does not hold; empty: all does.
std::string balance_world(std::uint64_t seed, bool verbose, Counts& counts);

}  // namespace mla::sim
