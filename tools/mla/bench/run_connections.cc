#include <algorithm>
#include <vector>

#include "tools/mla/bench/common.h"
#include "tools/mla/bench/run.h"
#include "tools/mla/bench/sockets.h"

namespace mla::cli::bench {
namespace {

using namespace std::chrono_literals;

// Handshakes at a time: less than a router cuts the oldest of.
constexpr std::size_t kAtATime = 64;

std::optional<ProcessUsage> usage_of_router(const Rig& rig) {
  return rig.router_pid() ? usage_of(*rig.router_pid()) : std::nullopt;
}

struct Ups {
  Histogram until_up;
  Clock::time_point last;
};

/// From when a link was to be dialled, which is when so many were up that it was one of those at a time,
/// until it was up. A generator that comes to it later has that counted, too.
Ups look_at_ups(const std::vector<const Peer*>& links, Clock::time_point start) {
  std::vector<Clock::time_point> up;
  for (const Peer* link : links) up.push_back(link->linked_at);
  std::sort(up.begin(), up.end());
  Ups out{{}, up.back()};
  for (std::size_t i = 0; i < links.size(); ++i) {
    const auto due = i < kAtATime ? start : up[i - kAtATime];
    out.until_up.add(static_cast<std::uint64_t>(nanoseconds(links[i]->linked_at - due).count()));
  }
  return out;
}

}  // namespace

void run_connections(const Options& options, const BenchOptions& bench) {
  Rig rig(options);
  const Limits limits = limits_for(bench, bench.links, 0);
  const std::string url = rig.router(bench, limits);
  // The first link makes what all share.
  rig.add(url, "mla bench first link", limits);
  rig.link_all();
  const auto before = usage_of_router(rig);
  std::vector<const Peer*> links;
  const auto start = Clock::now();
  for (std::size_t added = 0; added < bench.links; ++added) {
    if (rig.linked() + kAtATime <= added + 1 &&
        !rig.turn_until([&] { return rig.linked() + kAtATime > added + 1; }, options.timeout.value_or(10s)))
      break;  // link_all() says it
    links.push_back(&rig.add(url, "mla bench idle link", limits));
  }
  const Sockets ends = rig.link_all();
  const Ups ups = look_at_ups(links, start);
  const double elapsed = in_seconds(ups.last - start);
  const auto wire = bytes_of(ends);
  // What a handshake needed is given back, and the links are idle.
  rig.turn_until([] { return false; }, std::min<nanoseconds>(seconds(bench.seconds), 1s));
  const auto after = usage_of_router(rig);

  Report report(bench.kind, std::to_string(bench.links) + " idle links");
  report.setting("links", bench.links);
  report.number("elapsed_s", "elapsed", elapsed, "s");
  report.number("links_per_s", "links made", bench.links / elapsed, "links/s");
  const auto per_link = [&](auto value) { return static_cast<double>(value) / bench.links; };
  const bool known = before && after;
  report.number("router_bytes_per_link", "router memory per link, resident",
                known ? std::optional(per_link(static_cast<std::int64_t>(after->resident_bytes) -
                                               static_cast<std::int64_t>(before->resident_bytes)))
                      : std::nullopt,
                "B");
  report.number("router_resident_mib", "router memory, resident",
                known ? std::optional(static_cast<double>(after->resident_bytes) / (1 << 20)) : std::nullopt,
                "MiB");
  const auto cpu = known ? std::optional(in_seconds(after->cpu - before->cpu)) : std::nullopt;
  report.number("router_cpu_s", "router CPU", cpu, "s");
  report.number("router_cpu_us_per_link", "router CPU per link",
                cpu ? std::optional(per_link(*cpu * 1e6)) : std::nullopt, "µs");
  report.number("bytes_to_router_per_link", "to the router, per link that is made",
                wire ? std::optional(per_link(wire->sent)) : std::nullopt, "B");
  report.number("bytes_from_router_per_link", "from it",
                wire ? std::optional(per_link(wire->received)) : std::nullopt, "B");
  report.latency("up_us", "from when it was to be dialled until up", ups.until_up);
  report.print(options.form);
}

}  // namespace mla::cli::bench
