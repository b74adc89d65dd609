#include "tools/mla/bench/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>

#include "contracts/quantity.h"
#include "tools/mla/bench/payload.h"
#include "tools/mla/flag_checks.h"

namespace mla::cli {
namespace {

constexpr std::string_view kAbouts[] = {
    "One object, many observers: states per second, the router's CPU per delivery",
    "Many objects of one tag, each observer has a share of them: states per second",
    "A fixed rate: how late states are, from when they were to be sent",
    "Idle links: how many a second, how soon each is up, and the router's memory for it",
    "One observer stops reading: what the others, the router and itself have of it",
    "One router beside two in a row: what a hop adds",
    "From a sink to a stream within one process, without a router",
};

template <class Into>
void add_number(CLI::App& app, const std::string& flag, Into& into, const std::string& text,
                std::uint64_t least, std::uint64_t most) {
  app.add_option(flag, into, text)
      ->check(whole_number(least, most, "from " + std::to_string(least) + " to " + std::to_string(most)))
      ->type_name("N");
}

CLI::Option* add_positive(CLI::App& app, const std::string& flag, std::optional<double>& into,
                          const std::string& text, double most, const std::string& type) {
  const std::string range = "above 0, at most " + std::to_string(static_cast<std::uint64_t>(most));
  return app
      .add_option_function<std::string>(
          flag,
          [&into, flag, most, range](const std::string& typed) {
            double value = 0;
            const auto read = std::from_chars(typed.data(), typed.data() + typed.size(), value);
            if (read.ec != std::errc{} || read.ptr != typed.data() + typed.size() || !std::isfinite(value) ||
                value <= 0 || value > most)
              throw CLI::ValidationError(flag, "\"" + typed + "\" is no number " + range);
            into = value;
          },
          text)
      ->type_name(type);
}

void add_seconds(CLI::App& app, BenchOptions& bench) {
  const std::string standard = std::to_string(static_cast<int>(bench.seconds));
  app.add_option_function<std::string>(
         "--seconds",
         [&bench](const std::string& typed) {
           double value = 0;
           const auto read = std::from_chars(typed.data(), typed.data() + typed.size(), value);
           if (read.ec != std::errc{} || read.ptr != typed.data() + typed.size() ||
               !(value >= 0.05 && value <= 3600))
             throw CLI::ValidationError("--seconds", "\"" + typed + "\" is no number from 0.05 to 3600");
           bench.seconds = value;
         },
         "how long to measure (" + standard + ")")
      ->type_name("S");
}

void add_state(CLI::App& app, BenchOptions& bench, bool json) {
  auto* bytes = app.add_option_function<std::string>(
      "--bytes",
      [&bench](const std::string& typed) {
        const auto size = parse_size(typed);
        if (!size || *size < bench::Payload::kLeastBytes || *size > (64 << 20))
          throw CLI::ValidationError("--bytes",
                                     "\"" + typed + "\" is no size from 16 to 64MiB, such as 4096 or 64KiB");
        bench.bytes = *size;
      },
      bench.bytes ? "size of a state (" + std::to_string(*bench.bytes) + ")"
                  : "size of a state (1024; of JSON 100KiB)");
  bytes->type_name("SIZE");
  if (json)
    app.add_flag("--json-field", bench.json_field, "states are JSON objects of which one field changes");
}

void add_differences(CLI::App& app, BenchOptions& bench) {
  app.add_flag_callback(
      "--whole", [&bench] { bench.differences = false; }, "send every state whole, none as a difference");
}

void add_router(CLI::App& app, BenchOptions& bench) {
  app.add_option("--router", bench.router,
                 "program to start (mla-router beside mla, else in PATH); none is started with --url")
      ->type_name("PATH");
  app.add_option("--router-pid", bench.router_pid,
                 "with --url: the running router's process, to tell its CPU and memory")
      ->check(whole_number(1, 1u << 30, "from 1 on"))
      ->type_name("PID");
}

void add_kind(CLI::App& bench, BenchOptions& o, BenchKind kind) {
  using enum BenchKind;
  const auto index = static_cast<std::size_t>(kind);
  o.kind = kind;
  auto& app = *bench.add_subcommand(std::string(to_string(kind)), std::string(kAbouts[index]));
  const auto add_observers = [&](std::uint32_t standard, std::uint32_t least) {
    o.observers = standard;
    add_number(app, "--observers", o.observers,
               "observers, each with a link (" + std::to_string(standard) + ")", least, 100'000);
  };
  const auto add_rate = [&](std::optional<double> standard) {
    o.rate = standard;
    add_positive(app, "--rate", o.rate,
                 standard ? "states per second (" + std::to_string(static_cast<int>(*standard)) + ")"
                          : "states per second, whatever became of those before (open loop)",
                 10'000'000, "R");
  };
  const auto add_window = [&](std::uint32_t standard) {
    o.window = standard;
    add_number(app, "--window", o.window,
               "without --rate: states under way at a time (" + std::to_string(standard) + ")", 1, 1'000'000);
  };
  switch (kind) {
    case fanout:
      add_observers(100, 1);
      add_rate({});
      add_window(1);
      add_state(app, o, true);
      add_differences(app, o);
      break;
    case objects:
      o.objects = 1000;
      o.share = 100;
      add_observers(10, 1);
      add_number(app, "--objects", o.objects, "objects (1000)", 1, 1'000'000);
      add_number(app, "--share", o.share, "objects that each observer observes (100)", 1, 1'000'000);
      add_rate({});
      add_window(64);
      add_state(app, o, false);
      add_differences(app, o);
      break;
    case latency:
      add_observers(1, 1);
      add_rate(1000);
      add_state(app, o, true);
      add_differences(app, o);
      break;
    case connections:
      o.links = 1000;
      o.seconds = 1;
      add_number(app, "--links", o.links, "links (1000)", 1, 100'000);
      break;
    case slow:
      o.bytes = 16 << 10;
      o.differences = false;  // they would fit into the sockets' buffers, and nothing would stand still
      add_observers(10, 2);
      add_rate(1000);
      add_positive(app, "--stall", o.stall, "seconds for which one does not read (half of --seconds)", 3600,
                   "S");
      add_state(app, o, false);
      break;
    case hop:
      o.objects = 2;
      o.observers = 2;
      add_rate(1000);
      add_state(app, o, false);
      add_differences(app, o);
      break;
    case local:
      o.seconds = 3;
      o.bytes = 100;
      add_state(app, o, false);
      break;
  }
  add_seconds(app, o);
  if (kind != local) add_router(app, o);
}

}  // namespace

void add_bench(CLI::App& app, BenchTyped& typed) {
  auto* bench = app.add_subcommand(
      "bench", "Measure throughput, latency and cost, with a router of its own unless --url is given");
  bench->require_subcommand(1);
  bench->fallthrough();
  for (std::size_t i = 0; i < kBenches; ++i) add_kind(*bench, typed.kinds[i], static_cast<BenchKind>(i));
}

std::variant<BenchOptions, UsageError> bench_of(const CLI::App& bench, const BenchTyped& typed,
                                                bool url_given) {
  const std::string name = bench.get_subcommands().front()->get_name();
  const auto index = static_cast<std::size_t>(
      std::find(std::begin(kBenchNames), std::end(kBenchNames), name) - std::begin(kBenchNames));
  BenchOptions o = typed.kinds[index];
  if (o.share > o.objects) return UsageError{"--share is more than --objects"};
  if (o.json_field && o.bytes.value_or(bench::Payload::kLeastJson) < bench::Payload::kLeastJson)
    return UsageError{"--json-field wants --bytes of " + std::to_string(bench::Payload::kLeastJson) +
                      " at least"};
  if (o.router_pid && !url_given)
    return UsageError{"--router-pid goes with --url: a router that is started is known"};
  if (!o.router.empty() && url_given && o.kind != BenchKind::hop)
    return UsageError{"--router and --url exclude each other"};
  if (o.kind == BenchKind::slow) {
    if (!o.stall) o.stall = o.seconds / 2;
    if (*o.stall >= o.seconds)
      return UsageError{"--stall must be less than --seconds: it reads again within them"};
  }
  return o;
}

}  // namespace mla::cli
