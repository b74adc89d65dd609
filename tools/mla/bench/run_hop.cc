#include "tools/mla/bench/common.h"
#include "tools/mla/bench/drive.h"
#include "tools/mla/bench/run.h"

namespace mla::cli::bench {

/// States go in turn to an observer at the producer's router, and to one at a router below that: both see the
/// same machine in the same moments, and neither's states wait for the other's.
void run_hop(const Options& options, const BenchOptions& bench) {
  Rig rig(options);
  const Limits limits = limits_for(bench, 3, bench.objects);
  const std::string upper = rig.router(bench, limits);
  const std::string lower = rig.own_router(bench, limits, upper);
  Peer& producer = rig.add(upper, "mla bench producer", limits);
  const Sockets producers_end = rig.link_all();
  Peer& near = rig.add(upper, "mla bench observer", limits);
  Peer& far = rig.add(lower, "mla bench observer", limits);
  const Sockets observers_ends = rig.link_all();
  Load load(rig, producer, {{&near, {0}, 0}, {&far, {1}, 1}}, 2, payload_for(bench));
  load.establish();
  settle(load);
  warm_up(load, bench);
  Meter meter(rig, producers_end, {{&near, &far}, observers_ends});
  load.begin();
  open_loop(load, *bench.rate, seconds(bench.seconds));
  settle(load);
  const Cost cost = meter.stop();

  const Tally& one = load.tally(0);
  const Tally& two = load.tally(1);
  const auto at = [](const Tally& tally, double share) {
    return static_cast<double>(tally.latency.quantile(share)) / 1000;
  };
  Report report(bench.kind, "one router or two in a row, " + describe_run(bench));
  tell_settings(report, bench);
  report.count("states", "states offered", load.states(), "");
  const std::uint64_t deliveries = one.deliveries + two.deliveries;
  tell_throughput(report, load.last_delivery() - load.began(), load.states(), deliveries);
  report.count("deliveries", "deliveries", deliveries, "");
  report.count("skipped", "skipped (conflated)", one.skipped + two.skipped, "");
  tell_cost(report, cost, load.states(), deliveries);
  // Only what goes to the far observer passes it.
  tell_router(report, "second_router", "second router", cost.routers.back(), two.deliveries);
  report.number("hop_p50_us", "one hop more, at p50", at(two, 0.5) - at(one, 0.5), "µs");
  report.number("hop_p99_us", "one hop more, at p99", at(two, 0.99) - at(one, 0.99), "µs");
  report.latency("one_router_us", "through one router", one.latency);
  report.latency("two_routers_us", "through two routers", two.latency);
  report.latency("send_lag_us", "of it, before it was sent", load.send_lag());
  report.print(options.form);
}

}  // namespace mla::cli::bench
