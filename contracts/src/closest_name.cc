#include "contracts/closest_name.h"

#include <algorithm>
#include <vector>

namespace mla {
namespace {

/// Optimal string alignment distance.
std::size_t slips(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string_view> closest_name(std::string_view typed,
                                             std::span<const std::string_view> names) {
  std::optional<std::string_view> best;
  std::size_t fewest = 0;
  if (typed.size() > 64) return best;
  for (const auto name : names) {
    const std::size_t n = slips(typed, name);
    if (n <= std::max<std::size_t>(1, name.size() / 3) && (!best || n < fewest)) {
      best = name;
      fewest = n;
    }
  }
  return best;
}

}  // namespace mla
