#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "contracts/mutant.h"
#include "tests/mutants/findings.h"
#include "tests/sim/seeds.h"
#include "tests/sim/world.h"

// mla_mutants         every planted slip must be noticed by a check of the promise it breaks; none planted, all holds
// mla_mutants NAME [FROM TO]   one of them, with all it turns red among these seeds
namespace {

using namespace mla;

struct Planted {
  Mutant mutant;
  const char* name;
  const char* promise;
  const char* slip;
};
constexpr Planted kPlanted[] = {
#define MLA_MUTANT(name, promise, text) {Mutant::name, #name, promise, text},
#include "contracts/mutants.def"
#undef MLA_MUTANT
};

std::string first_failed;
struct FirstFailed : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    if (!stats.totals.assertions.allPassed() && first_failed.empty()) first_failed = stats.testInfo.name;
  }
};
CATCH_REGISTER_LISTENER(FirstFailed)

std::string run_seed(const sim::Options& options) {
  sim::World world(options);
  try {
    world.run();
  } catch (const sim::Broken& broken) {
    return broken.what;
  } catch (const std::exception& thrown) {
    return std::string("crash: ") + thrown.what();
  }
  return {};
}

/// Those whose names begin with the promise; all of them when there is none.
std::string run_scenarios(const std::string& promise) {
  static Catch::Session session;
  std::vector<std::string> arguments{"mla_mutants", "--abort"};
  if (!promise.empty()) arguments.push_back(promise + ":*");
  std::vector<const char*> argv;
  for (const auto& a : arguments) argv.push_back(a.c_str());
  if (session.applyCommandLine(static_cast<int>(argv.size()), argv.data()) != 0) return "crash: Catch2";
  session.run();
  return first_failed;
}

/// Seeds 0…99, then those that failed once: each may be the only one that shows what it was kept for.
std::vector<sim::Options> seeds() {
  std::vector<sim::Options> result;
  for (std::uint64_t seed = 0; seed < 100; ++seed) result.push_back({.seed = seed});
  const auto kept = sim::read_seeds(MLA_SEEDS_FILE);
  result.insert(result.end(), kept.begin(), kept.end());
  return result;
}

mutants::Exercise with(std::vector<sim::Options> seeds, std::string promise) {
  mutants::Exercise e;
  e.promise = std::move(promise);
  for (const auto& options : seeds)
    e.runs.push_back({(options.plain ? "plain " : "seed ") + std::to_string(options.seed),
                      [options] { return run_seed(options); }});
  e.runs.push_back({"scenario", [p = e.promise] { return run_scenarios(p); }});
  return e;
}

bool holds_without() {
  chosen_mutant = Mutant::none;
  const auto findings = mutants::exercise(with(seeds(), {}));
  for (const auto& f : findings) std::printf("FAILED without a slip, %s: %s\n", f.where.c_str(), f.what.c_str());
  return findings.empty();
}

/// Is it noticed, and for its own promise?
bool noticed(const Planted& p) {
  chosen_mutant = p.mutant;
  const auto start = std::chrono::steady_clock::now();
  const auto findings = mutants::exercise(with(seeds(), p.promise));
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const bool own = !findings.empty() && mutants::promise_of(findings.back().what) == p.promise;
  if (own) {
    const auto& f = findings.back();
    std::printf("%-26s -> %-9s -> %-3s %5.1f s  %s\n", p.name + 1, f.where.c_str(), p.promise, took, f.what.c_str());
  } else if (findings.empty()) {
    std::printf("FAILED %s survives (%s): %s\n", p.name + 1, p.promise, p.slip);
  } else {
    std::printf("FAILED %s is noticed, but not for %s; first by %s: %s\n", p.name + 1, p.promise,
                findings.front().where.c_str(), findings.front().what.c_str());
  }
  std::fflush(stdout);
  return own;
}

int all_of(const Planted& p, const std::vector<sim::Options>& among) {
  chosen_mutant = p.mutant;
  std::printf("%s: %s\n", p.name + 1, p.slip);
  for (const auto& f : mutants::exercise(with(among, {})))
    std::printf("%-9s %-3s %s\n", f.where.c_str(), mutants::promise_of(f.what).c_str(), f.what.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) {
    auto among = seeds();
    if (argc == 4) {
      among.clear();
      const auto to = std::strtoull(argv[3], nullptr, 10);
      for (auto seed = std::strtoull(argv[2], nullptr, 10); seed < to; ++seed) among.push_back({.seed = seed});
    }
    for (const auto& p : kPlanted)
      if (std::string(argv[1]) == p.name + 1) return all_of(p, among);
    return std::fprintf(stderr, "no such slip: %s\n", argv[1]), 2;
  }
  int failed = holds_without() ? 0 : 1;
  for (const auto& p : kPlanted)
    if (!noticed(p)) ++failed;
  std::printf("%zu slips, %d failed\n", std::size(kPlanted), failed);
  return failed ? 1 : 0;
}
