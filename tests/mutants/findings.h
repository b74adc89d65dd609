#pragma once
#include <cstdint>
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

/// What a mutant is exercised with, in a process of its own, since a slip may crash or hang it. `report` may be called
/// any number of times; returning ends the process.
struct Exercise {
  std::uint64_t seeds = 100;
  std::string promise;  // stop at the first finding that speaks of it; empty: go through all
  std::function<std::string(std::uint64_t seed)> run_seed;                  // empty: holds
  std::function<std::string(const std::string& promise)> run_scenarios;     // name of the first that fails; once a process
};
/// All findings up to the first for the promise that is looked for. A process that crashes is a finding, and the next
/// seed goes on in another.
std::vector<Finding> exercise(const Exercise& e);

}  // namespace mla::mutants
