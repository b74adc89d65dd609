#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/sim/balance_world.h"
#include "tests/sim/seeds.h"
#include "tests/sim/world.h"

// mla_sim SEED          one run with its trace
// mla_sim FROM TO       many; exit 1 when a promise breaks, or when something that must be exercised was too rare
// mla_sim --hash FROM TO      per seed a number for all events and actions: the same with every compiler
// mla_sim --balance FROM TO   worlds of many objects (P8)
// mla_sim --seeds FILE        those that failed once; a line: [plain | earlier] SEED
// Before SEED, --plain and --earlier leave out what came later, --never FAULT one fault.
namespace {

using namespace mla::sim;

/// Empty: it holds.
std::string broken(World& world) {
  try {
    world.run();
    return {};
  } catch (const Broken& b) {
    return b.what;
  }
}

std::string words_of(const Options& options) { return options.plain ? "--plain " : options.earlier ? "--earlier " : ""; }

void print(const Counts& counts) {
  for (const auto& [what, n] : counts) std::printf("%10llu %s\n", static_cast<unsigned long long>(n), what.c_str());
}

bool holds(const Options& options, Statistics* sum) {
  World world(options);
  const std::string what = broken(world);
  if (!what.empty())
    std::printf("FAILED %s\n  replay: mla_sim %s%llu\n", what.c_str(), words_of(options).c_str(),
                static_cast<unsigned long long>(options.seed));
  if (sum) {
    for (const auto& [name, n] : world.statistics().counts) sum->counts[name] += n;
    sum->events += world.statistics().events;
    sum->trace.word(world.statistics().trace.value());
  }
  return what.empty();
}

int one(const Options& options) {
  World world(options);
  const std::string what = broken(world);
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(options.seed), what.empty() ? "holds" : what.c_str());
  return what.empty() ? 0 : 1;
}

int kept(const char* file) {
  int passed = 0, failed = 0;
  for (const auto& options : read_seeds(file)) ++(holds(options, nullptr) ? passed : failed);
  std::printf("%d kept seeds, %d passed, %d failed\n", passed + failed, passed, failed);
  return failed || !passed ? 1 : 0;
}

int hashes(Options options, std::uint64_t to) {
  bool all = true;
  for (; options.seed < to; ++options.seed) {
    World world(options);
    const std::string what = broken(world);
    if (!what.empty()) std::fprintf(stderr, "FAILED %s\n", what.c_str());
    all = all && what.empty();
    std::printf("%llu %016llx\n", static_cast<unsigned long long>(options.seed),
                static_cast<unsigned long long>(world.statistics().trace.value()));
  }
  return all ? 0 : 1;
}

/// Worlds of many objects.
int balanced(std::uint64_t from, std::uint64_t to, bool verbose) {
  Counts counts;
  std::uint64_t failed = 0;
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t seed = from; seed < to; ++seed) {
    const std::string what = balance_world(seed, verbose, counts);
    if (what.empty()) continue;
    ++failed;
    std::printf("FAILED %s\n  replay: mla_sim --balance %llu\n", what.c_str(), static_cast<unsigned long long>(seed));
  }
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  print(counts);
  std::printf("%llu worlds of many objects, %.1f s\n%llu passed, %llu failed\n",
              static_cast<unsigned long long>(to - from), took, static_cast<unsigned long long>(to - from - failed),
              static_cast<unsigned long long>(failed));
  return failed ? 1 : 0;
}

/// Seeds from…to of one kind; answers the exit status.
int many(Options options, std::uint64_t to) {
  const std::uint64_t from = options.seed;
  Statistics sum;
  std::uint64_t failed = 0;
  const auto start = std::chrono::steady_clock::now();
  for (; options.seed < to; ++options.seed)
    if (!holds(options, &sum)) ++failed;
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  print(sum.counts);
  const bool newest = !options.plain && !options.earlier;
  const auto rare = newest ? below_bounds(sum.counts, to - from) : std::vector<std::string>();
  for (const auto& what : rare) std::printf("FAILED too rare: %s\n", what.c_str());
  std::printf("%llu seeds, %llu events, %.1f s, trace %016llx\n%llu passed, %llu failed\n",
              static_cast<unsigned long long>(to - from), static_cast<unsigned long long>(sum.events), took,
              static_cast<unsigned long long>(sum.trace.value()), static_cast<unsigned long long>(to - from - failed),
              static_cast<unsigned long long>(failed));
  return failed || !rare.empty() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  Options options;
  const auto take = [&](const char* word) {
    if (words.empty() || words.front() != word) return false;
    words.erase(words.begin());
    return true;
  };
  const auto number = [&](std::size_t i) { return std::strtoull(words[i].c_str(), nullptr, 10); };
  std::string never;
  options.plain = take("--plain");
  options.earlier = take("--earlier");
  if (take("--never") && !words.empty()) {
    never = words.front();
    words.erase(words.begin());
    options.never = never;
  }
  if (take("--seeds") && words.size() == 1) return kept(words[0].c_str());
  const bool hash = take("--hash"), balance = take("--balance");
  if (words.empty() || words.size() > 2)
    return std::fprintf(stderr,
                        "usage: mla_sim [--plain | --earlier] [--never FAULT] [--hash] SEED | FROM TO\n"
                        "       mla_sim --balance SEED | FROM TO\n"
                        "       mla_sim --seeds FILE\n"),
           2;
  const std::uint64_t from = number(0), to = words.size() == 2 ? number(1) : from + 1;
  if (balance) return balanced(from, to, words.size() == 1);
  options.seed = from;
  if (hash) return hashes(options, to);
  options.verbose = words.size() == 1;
  return options.verbose ? one(options) : many(options, to);
}
