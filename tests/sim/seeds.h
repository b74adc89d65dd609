#pragma once
#include <string>
#include <vector>

#include "tests/sim/world.h"

namespace mla::sim {

/// Seeds kept in a file, a line each: [plain | earlier | profile=NAME] SEED, with comments behind '#'.
std::vector<Options> read_seeds(const std::string& file);

}  // namespace mla::sim
