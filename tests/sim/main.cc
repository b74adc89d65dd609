#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "tests/sim/world.h"

// mla_sim SEED            one run with its trace
// mla_sim FROM TO         many; exit 1 when a promise breaks, or when something that must be exercised never
// happened
int main(int argc, char** argv) {
  using namespace mla::sim;
  if (argc < 2) return std::fprintf(stderr, "usage: mla_sim SEED | mla_sim FROM TO\n"), 2;
  const auto from = std::strtoull(argv[1], nullptr, 10);
  if (argc == 2) {
    World world({.seed = from, .verbose = true});
    try {
      world.run();
      std::printf("seed %llu: holds\n", static_cast<unsigned long long>(from));
      return 0;
    } catch (const Broken& b) {
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(from), b.what.c_str());
      return 1;
    }
  }
  const auto to = std::strtoull(argv[2], nullptr, 10);
  std::map<std::string, std::uint64_t> counts;
  std::uint64_t failed = 0, events = 0, trace = 0;
  const auto start = std::chrono::steady_clock::now();
  for (auto seed = from; seed < to; ++seed) {
    World world({.seed = seed});
    try {
      world.run();
    } catch (const Broken& b) {
      ++failed;
      std::printf("FAILED %s\n  replay: mla_sim %llu\n", b.what.c_str(),
                  static_cast<unsigned long long>(seed));
    }
    for (const auto& [what, n] : world.statistics().counts) counts[what] += n;
    events += world.statistics().events;
    trace = trace * 31 + world.statistics().trace;
  }
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (const auto& [what, n] : counts)
    std::printf("%10llu %s\n", static_cast<unsigned long long>(n), what.c_str());
  int missing = 0;
  for (const char* must : {"cuts",
                           "half-open links",
                           "crashes",
                           "pauses",
                           "stalls",
                           "slow links",
                           "re-parentings",
                           "merges",
                           "hand-overs",
                           "hand-over time-outs",
                           "states fenced",
                           "pulls",
                           "stale sinks",
                           "objects ended",
                           "declined",
                           "close link_silent",
                           "close would_loop",
                           "withdrawn unobserved",
                           "withdrawn handed_over",
                           "checked with an exposer",
                           "checked without an exposer",
                           "terms continued by the same sink",
                           "capacity changes"})
    if (to - from >= 100 && !counts[must]) ++missing, std::printf("FAILED never happened: %s\n", must);
  std::printf("%llu seeds, %llu events, %.1f s, trace %016llx\n%llu passed, %llu failed\n",
              static_cast<unsigned long long>(to - from), static_cast<unsigned long long>(events), took,
              static_cast<unsigned long long>(trace), static_cast<unsigned long long>(to - from - failed),
              static_cast<unsigned long long>(failed));
  return failed || missing ? 1 : 0;
}
