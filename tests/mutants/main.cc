#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>

#include "contracts/mutant.h"
#include "tests/mutants/findings.h"
#include "tests/sim/world.h"

// mla_mutants         every planted slip must be noticed by a check of the promise it breaks; none planted, all holds
// mla_mutants NAME    one of them, with all it turns red
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

std::string run_seed(std::uint64_t seed) {
  sim::World world({.seed = seed});
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

bool holds_without() {
  chosen_mutant = Mutant::none;
  const auto findings = mutants::exercise({.run_seed = run_seed, .run_scenarios = run_scenarios});
  for (const auto& f : findings) std::printf("FAILED without a slip, %s: %s\n", f.where.c_str(), f.what.c_str());
  return findings.empty();
}

/// Is it noticed, and for its own promise?
bool noticed(const Planted& p) {
  chosen_mutant = p.mutant;
  const auto start = std::chrono::steady_clock::now();
  const auto findings =
      mutants::exercise({.promise = p.promise, .run_seed = run_seed, .run_scenarios = run_scenarios});
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

int all_of(const Planted& p) {
  chosen_mutant = p.mutant;
  std::printf("%s: %s\n", p.name + 1, p.slip);
  for (const auto& f : mutants::exercise({.run_seed = run_seed, .run_scenarios = run_scenarios}))
    std::printf("%-9s %-3s %s\n", f.where.c_str(), mutants::promise_of(f.what).c_str(), f.what.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) {
    for (const auto& p : kPlanted)
      if (std::string(argv[1]) == p.name + 1) return all_of(p);
    return std::fprintf(stderr, "no such slip: %s\n", argv[1]), 2;
  }
  int failed = holds_without() ? 0 : 1;
  for (const auto& p : kPlanted)
    if (!noticed(p)) ++failed;
  std::printf("%zu slips, %d failed\n", std::size(kPlanted), failed);
  return failed ? 1 : 0;
}
