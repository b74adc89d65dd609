#include "tools/mla/bench/common.h"
#include "tools/mla/bench/drive.h"
#include "tools/mla/bench/run.h"

namespace mla::cli::bench {
namespace {

using namespace std::chrono_literals;

/// Every object by about as many; who observes it is spread over the observers.
std::vector<std::uint32_t> share_of(std::uint32_t observer, const BenchOptions& bench) {
  std::vector<std::uint32_t> out(bench.share);
  const auto first = static_cast<std::uint64_t>(observer) * bench.share;
  for (std::uint32_t i = 0; i < bench.share; ++i)
    out[i] = static_cast<std::uint32_t>((first + i) % bench.objects);
  return out;
}

/// Allocators give back what is free after some seconds only: until it has not fallen for a while.
std::optional<double> resident_at_rest(Rig& rig) {
  constexpr int kMostSeconds = 30, kQuietSeconds = 6;
  std::optional<double> least;
  for (int second = 0, quiet = 0; second < kMostSeconds && quiet < kQuietSeconds; ++second) {
    const auto usage = usage_of(*rig.router_pid());
    if (!usage) return least;
    const auto now = static_cast<double>(usage->resident_bytes);
    const bool falls = !least || now < 0.995 * *least;
    quiet = falls ? 0 : quiet + 1;
    if (falls) least = now;
    rig.turn_until([] { return false; }, 1s);
  }
  return least;
}

}  // namespace

void run_load(const Options& options, const BenchOptions& bench) {
  Rig rig(options);
  const Limits limits = limits_for(bench, bench.observers + 1, bench.objects);
  const std::string url = rig.router(bench, limits);
  Peer& producer = rig.add(url, "mla bench producer", limits);
  const Sockets producers_end = rig.link_all();
  std::vector<Load::Observer> observers;
  std::vector<Peer*> peers;
  for (std::uint32_t i = 0; i < bench.observers; ++i) {
    peers.push_back(&rig.add(url, "mla bench observer", limits));
    observers.push_back({peers.back(), share_of(i, bench)});
  }
  const Sockets observers_ends = rig.link_all();
  const auto resident = [&] { return rig.router_pid() ? usage_of(*rig.router_pid()) : std::nullopt; };
  const auto before = resident();
  const auto asked_at = Clock::now();
  Load load(rig, producer, observers, bench.objects, payload_for(bench));
  load.establish();
  const double ready = in_seconds(Clock::now() - asked_at);
  settle(load);
  warm_up(load, bench);

  Meter meter(rig, producers_end, {peers, observers_ends});
  load.begin();
  if (bench.rate)
    open_loop(load, *bench.rate, seconds(bench.seconds));
  else
    closed_loop(load, bench.window, seconds(bench.seconds));
  settle(load);
  const Cost cost = meter.stop();

  const Tally& tally = load.tally();
  Report report(bench.kind, describe_run(bench));
  tell_settings(report, bench);
  if (bench.kind == BenchKind::objects) {
    report.number("ready_s", "until all had a first state", ready, "s");
    const auto at_rest = before ? resident_at_rest(rig) : std::nullopt;
    report.number("router_bytes_per_object", "router memory per object, resident, at rest",
                  at_rest ? std::optional((*at_rest - static_cast<double>(before->resident_bytes)) / bench.objects) : std::nullopt, "B");
  }
  report.count("states", "states offered", load.states(), "");
  tell_throughput(report, load.last_delivery() - load.began(), load.states(), tally.deliveries);
  tell_tally(report, tally);
  tell_cost(report, cost, load.states(), tally.deliveries);
  report.latency("latency_us", bench.rate ? "from the intended send" : "from the send", tally.latency);
  if (bench.rate) report.latency("send_lag_us", "of it, before it was sent", load.send_lag());
  report.print(options.form);
}

}  // namespace mla::cli::bench
