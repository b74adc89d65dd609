#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/balance_world.h"
#include "tests/sim/counts.h"
#include "tests/sim/seeds.h"
#include "tests/sim/world.h"

// mla_sim [KIND] SEED            one run with its trace
// mla_sim [KIND] FROM TO         many; exit 1 when a promise breaks, or when something that must be exercised never happened
// mla_sim [KIND] --hash FROM TO  per seed a number for all events and actions: the same with every compiler
// mla_sim --profiles FROM TO     seeds of every profile
// mla_sim --balance FROM TO      worlds of many objects (P8)
// mla_sim --seeds FILE           those that failed once; a line: [plain | earlier | profile=NAME] SEED
// KIND: --plain, --earlier (both leave out what came later), or --profile NAME; before it, --never FAULT
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

std::string words(const Options& options) {
  if (options.plain) return "--plain ";
  if (options.earlier) return "--earlier ";
  return options.profile == &kAnyWorld ? "" : "--profile " + std::string(options.profile->name) + " ";
}

void print(const Counts& counts) {
  for (const auto& [what, n] : counts) std::printf("%10llu %s\n", static_cast<unsigned long long>(n), what.c_str());
}

bool holds(const Options& options, Statistics* sum) {
  World world(options);
  const std::string what = broken(world);
  if (!what.empty())
    std::printf("FAILED %s\n  replay: mla_sim %s%llu\n", what.c_str(), words(options).c_str(),
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

/// Seeds of one kind of world, from options.seed on; answers the exit status.
int many(Options options, std::uint64_t to) {
  const auto from = options.seed;
  if (to <= from) return std::fputs("no seeds: the second number is not above the first\n", stderr), 2;
  Statistics sum;
  std::uint64_t failed = 0;
  const auto start = std::chrono::steady_clock::now();
  for (; options.seed < to; ++options.seed)
    if (!holds(options, &sum)) ++failed;
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  print(sum.counts);
  std::vector<std::string> rare;
  if (options.profile == &kAnyWorld) {
    if (!options.plain && !options.earlier) rare = below_bounds(sum.counts, to - from);
  } else if (to - from >= 100) {
    for (std::string_view what : options.profile->must_happen)
      if (!what.empty() && !sum.counts[std::string(what)]) rare.push_back(std::string(what) + ": 0");
  }
  for (const auto& what : rare) std::printf("FAILED too rare: %s\n", what.c_str());
  std::printf("%s%llu seeds, %llu events, %.1f s, trace %016llx\n%llu passed, %llu failed\n", words(options).c_str(),
              static_cast<unsigned long long>(to - from), static_cast<unsigned long long>(sum.events), took,
              static_cast<unsigned long long>(sum.trace.value()), static_cast<unsigned long long>(to - from - failed),
              static_cast<unsigned long long>(failed));
  return failed || !rare.empty() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  const auto number = [](const char* text) { return std::strtoull(text, nullptr, 10); };
  if (argc == 3 && !std::strcmp(argv[1], "--seeds")) return kept(argv[2]);
  if (argc == 4 && !std::strcmp(argv[1], "--profiles")) {
    int status = 0;
    for (const Profile& p : profiles()) {
      options.profile = &p;
      options.seed = number(argv[2]);
      status |= many(options, number(argv[3]));
    }
    return status;
  }
  if ((argc == 3 || argc == 4) && !std::strcmp(argv[1], "--balance"))
    return balanced(number(argv[2]), number(argv[argc - 1]) + (argc == 3 ? 1 : 0), argc == 3);
  if (argc > 2 && !std::strcmp(argv[1], "--never")) {
    options.never = argv[2];
    argc -= 2, argv += 2;
  }
  if (argc > 1 && (!std::strcmp(argv[1], "--plain") || !std::strcmp(argv[1], "--earlier"))) {
    (argv[1][2] == 'p' ? options.plain : options.earlier) = true;
    --argc, ++argv;
  } else if (argc > 2 && !std::strcmp(argv[1], "--profile")) {
    options.profile = find_profile(argv[2]);
    if (!options.profile) return std::fprintf(stderr, "no such profile: %s\n", argv[2]), 2;
    argc -= 2, argv += 2;
  }
  if (argc == 4 && !std::strcmp(argv[1], "--hash")) {
    options.seed = number(argv[2]);
    return hashes(options, number(argv[3]));
  }
  if (argc < 2 || argc > 3)
    return std::fprintf(stderr,
                        "usage: mla_sim [--never FAULT] [--plain | --earlier | --profile NAME] [--hash] SEED | FROM TO | mla_sim --balance FROM TO | "
                        "mla_sim --profiles FROM TO | mla_sim --seeds FILE\n"),
           2;
  options.seed = number(argv[1]);
  options.verbose = argc == 2;
  return argc == 2 ? one(options) : many(options, number(argv[2]));
}
