#include "tools/mla/bench/common.h"
#include "tools/mla/bench/run.h"

namespace mla::cli::bench {
namespace {

using namespace std::chrono_literals;

// Handshakes at a time: less than a router cuts the oldest of.
constexpr std::size_t kAtATime = 64;

std::optional<std::uint64_t> resident(const Rig& rig) {
  if (!rig.router_pid()) return {};
  const auto usage = usage_of(*rig.router_pid());
  return usage ? std::optional(usage->resident_bytes) : std::nullopt;
}

}  // namespace

void run_connections(const Options& options, const BenchOptions& bench) {
  Rig rig(options);
  const Limits limits = limits_for(bench, bench.links, 0);
  const std::string url = rig.router(bench, limits);
  // The first link makes what all share.
  rig.add(url, "mla bench first link", limits);
  rig.link_all();
  const auto before = resident(rig);
  const auto cpu = rig.router_pid() ? usage_of(*rig.router_pid()) : std::nullopt;
  const auto start = Clock::now();
  for (std::size_t added = 0; added < bench.links; ++added) {
    if (rig.linked() + kAtATime <= added + 1 &&
        !rig.turn_until([&] { return rig.linked() + kAtATime > added + 1; }, options.timeout.value_or(10s)))
      break;  // link_all() says it
    rig.add(url, "mla bench idle link", limits);
  }
  rig.link_all();
  const double elapsed = in_seconds(Clock::now() - start);
  // What a handshake needed is given back, and the links are idle.
  rig.turn_until([] { return false; }, std::min<nanoseconds>(seconds(bench.seconds), 1s));
  const auto after = resident(rig);
  const auto cpu_after = rig.router_pid() ? usage_of(*rig.router_pid()) : std::nullopt;

  Report report(bench.kind, std::to_string(bench.links) + " idle links");
  report.setting("links", bench.links);
  report.number("elapsed_s", "elapsed", elapsed, "s");
  report.number("links_per_s", "links made", bench.links / elapsed, "links/s");
  const auto per_link = [&](auto value) { return static_cast<double>(value) / bench.links; };
  report.number(
      "router_bytes_per_link", "router memory per link, resident",
      before && after
          ? std::optional(per_link(static_cast<std::int64_t>(*after) - static_cast<std::int64_t>(*before)))
          : std::nullopt,
      "B");
  report.number("router_resident_mib", "router memory, resident",
                after ? std::optional(static_cast<double>(*after) / (1 << 20)) : std::nullopt, "MiB");
  report.number(
      "router_cpu_us_per_link", "router CPU per link",
      cpu && cpu_after ? std::optional(per_link((cpu_after->cpu - cpu->cpu).count()) / 1000) : std::nullopt,
      "µs");
  report.print(options.form);
}

}  // namespace mla::cli::bench
