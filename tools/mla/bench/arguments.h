#pragma once
#include <array>
#include <optional>
#include <string>
#include <variant>

#include "tools/mla/bench/options.h"
#include "tools/mla/words.h"

namespace CLI {
class App;
}

namespace mla::cli {

/// What CLI11 fills in: each kind has its own defaults. *value*
struct BenchTyped {
  std::array<BenchOptions, kBenches> kinds;
};

void add_bench(CLI::App& app, BenchTyped& typed);

/// Of the kind that was chosen in `bench`. `url_given`: a running router is meant.
std::variant<BenchOptions, UsageError> bench_of(const CLI::App& bench, const BenchTyped& typed,
                                                bool url_given);

}  // namespace mla::cli
