#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mla::mutants {

/// One check that failed: where it can be seen again, and what it said. *value*
struct Finding {
  std::string where;  // "seed 12", or the name of a scenario
  std::string what;
};

/// The promise that a check's message speaks of; empty: none, so it cannot stand for one.
std::string promise_of(std::string_view what);

/// One thing that can fail. *value*
struct Run {
  std::string name;
  std::function<std::string()> carry_out;  // what failed first; empty: nothing
};
struct Exercise {
  std::string promise;  // stop at the first finding that speaks of it; empty: go through all
  std::vector<Run> runs;
};
/// All findings up to the first for the promise that is looked for. It runs in a process of its own, since a slip may
/// crash or hang it: that is a finding too, and the next run is in another.
std::vector<Finding> exercise(const Exercise& e);

}  // namespace mla::mutants
