#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mla::sim {

/// How often what happened. *value*
using Counts = std::map<std::string, std::uint64_t>;

/// What 500 seeds must have exercised at least so often, or passing says little.
struct Bound {
  std::string_view what;
  std::uint64_t least;
};
const std::vector<Bound>& bounds();

/// Those that are below their bound, which is taken down with the number of seeds, to one; in words. Fewer than a
/// hundred seeds need not show everything.
std::vector<std::string> below_bounds(const Counts& counts, std::uint64_t seeds);

}  // namespace mla::sim
