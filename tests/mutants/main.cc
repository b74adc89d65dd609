#define CATCH_CONFIG_RUNNER
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "contracts/mutant.h"
#include "tests/mutants/findings.h"
#include "tests/sim/balance_world.h"
#include "tests/sim/seeds.h"
#include "tests/sim/world.h"

// mla_mutants                            every planted slip must be noticed by a check of the promise it breaks: within a hundred
//                                        seeds of its kind of world, or at least by what was kept
// mla_mutants NAME [PROFILE|all] [FROM TO]  one of them, with all it turns red there
// mla_mutants --trace NAME PROFILE|plain|earlier SEED  one run with the slip in, event by event
namespace {

using namespace mla;

struct Planted {
  Mutant mutant;
  const char* name;
  const char* promise;
  const char* in;  // the kind of world
  const char* slip;
  /// Worlds of many objects, which are no profile.
  bool in_balance() const { return std::string_view(in) == "balance"; }
  const sim::Profile& profile() const {
    const auto* found = sim::find_profile(in);
    if (!found) std::fprintf(stderr, "%s: no such profile: %s\n", name, in), std::exit(2);
    return *found;
  }
};
constexpr Planted kPlanted[] = {
#define MLA_MUTANT(name, promise, profile, text) {Mutant::name, #name, promise, profile, text},
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

/// Those whose names begin with the promise.
std::string run_scenarios(const std::string& promise) {
  static Catch::Session session;
  const std::string names = promise + ":*";
  const char* arguments[] = {"mla_mutants", "--abort", names.c_str()};
  if (session.applyCommandLine(3, arguments) != 0) return "crash: Catch2";
  session.run();
  return first_failed;
}

/// What may notice a slip: seeds 0…99 of one kind of world.
std::vector<sim::Options> seeds(const sim::Profile& profile, std::uint64_t from = 0, std::uint64_t to = 100) {
  std::vector<sim::Options> result;
  for (; from < to; ++from) result.push_back({.seed = from, .profile = &profile});
  return result;
}

mutants::Exercise with(const std::vector<sim::Options>& seeds, std::string promise) {
  mutants::Exercise e;
  e.promise = std::move(promise);
  for (const auto& options : seeds)
    e.runs.push_back({std::string(options.profile->name) + " " + std::to_string(options.seed),
                      [options] { return run_seed(options); }});
  return e;
}

/// Behind the seeds what once showed it: seeds that were kept, and directed scenarios. Whoever needs them is counted.
mutants::Exercise with_what_was_kept(const Planted& p) {
  mutants::Exercise e;
  e.promise = p.promise;
  if (p.in_balance())
    for (std::uint64_t seed = 0; seed < 100; ++seed)
      e.runs.push_back({"balance " + std::to_string(seed), [seed] {
                          sim::Counts counts;
                          return sim::balance_world(seed, false, counts);
                        }});
  else
    e = with(seeds(p.profile()), p.promise);
  for (const auto& options : sim::read_seeds(MLA_SEEDS_FILE))
    e.runs.push_back({"kept " + std::to_string(options.seed), [options] { return run_seed(options); }});
  e.runs.push_back({"scenario", [promise = e.promise] { return run_scenarios(promise); }});
  return e;
}

int not_by_seeds = 0;  // how many slips no seed of their kind of world shows

/// Is it noticed, and for its own promise?
bool noticed(const Planted& p) {
  chosen_mutant = p.mutant;
  const auto start = std::chrono::steady_clock::now();
  const auto findings = mutants::exercise(with_what_was_kept(p));
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const bool own = !findings.empty() && mutants::promise_of(findings.back().what) == p.promise;
  if (own) {
    const auto& f = findings.back();
    not_by_seeds += f.where.rfind(p.in, 0) != 0;
    std::printf("%-22s -> %-11s -> %-3s %5.1f s  %s\n", p.name + 1, f.where.c_str(), p.promise, took, f.what.c_str());
  } else if (findings.empty()) {
    std::printf("FAILED %s survives (%s): %s\n", p.name + 1, p.promise, p.slip);
  } else {
    std::printf("FAILED %s is noticed, but not for %s; first by %s: %s\n", p.name + 1, p.promise,
                findings.front().where.c_str(), findings.front().what.c_str());
  }
  std::fflush(stdout);
  return own;
}

/// All that a slip turns red: by profile, how many of these seeds for which promise, and the first of each.
int all_of(const Planted& p, std::vector<const sim::Profile*> among, std::uint64_t from, std::uint64_t to) {
  chosen_mutant = p.mutant;
  std::printf("%s (%s, %s): %s\n", p.name + 1, p.promise, p.in, p.slip);
  for (const sim::Profile* profile : among) {
    struct Sum {
      int n = 0;
      mutants::Finding first;
    };
    std::map<std::string, Sum> by_promise;
    for (const auto& f : mutants::exercise(with(seeds(*profile, from, to), {})))
      if (Sum& sum = by_promise[mutants::promise_of(f.what)]; !sum.n++) sum.first = f;
    for (const auto& [promise, sum] : by_promise)
      std::printf("%4d of %llu for %-3s %s: %s\n", sum.n, static_cast<unsigned long long>(to - from), promise.c_str(),
                  sum.first.where.c_str(), sum.first.what.c_str());
    std::fflush(stdout);
  }
  return 0;
}

int trace(const Planted& p, const char* profile, const char* seed) {
  sim::Options options{.seed = std::strtoull(seed, nullptr, 10), .verbose = true};
  options.plain = std::string_view(profile) == "plain";
  options.earlier = std::string_view(profile) == "earlier";
  if (!options.plain && !options.earlier) options.profile = sim::find_profile(profile);
  if (!options.profile) return std::fprintf(stderr, "no such profile: %s\n", profile), 2;
  chosen_mutant = p.mutant;
  const std::string what = run_seed(options);
  std::printf("%s\n", what.empty() ? "holds" : what.c_str());
  return what.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 5 && std::string(argv[1]) == "--trace") {
    for (const auto& p : kPlanted)
      if (std::string(argv[2]) == p.name + 1) return trace(p, argv[3], argv[4]);
    return std::fprintf(stderr, "no such slip: %s\n", argv[2]), 2;
  }
  if (argc > 1) {
    std::vector<const sim::Profile*> among;
    if (argc > 2 && std::string(argv[2]) != "all") among.push_back(sim::find_profile(argv[2]));
    if (among.empty() || !among.front()) {
      among = {&sim::kAnyWorld};
      for (const auto& profile : sim::profiles()) among.push_back(&profile);
    }
    const auto from = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 0;
    const auto to = argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 100;
    for (const auto& p : kPlanted)
      if (std::string(argv[1]) == p.name + 1) return all_of(p, among, from, to);
    return std::fprintf(stderr, "no such slip: %s\n", argv[1]), 2;
  }
  int failed = 0;
  for (const auto& p : kPlanted) failed += !noticed(p);
  std::printf("%zu slips, %d failed, %d shown by no seed of their profile\n", std::size(kPlanted), failed, not_by_seeds);
  return failed ? 1 : 0;
}
