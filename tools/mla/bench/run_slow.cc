#include "tools/mla/bench/common.h"
#include "tools/mla/bench/drive.h"
#include "tools/mla/bench/run.h"
#include "tools/mla/bench/sockets.h"

namespace mla::cli::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kOthers = 0, kSlow = 1;
// What the slow one's kernel takes in its stead. By itself it may grow to megabytes, and hide for how long
// nobody reads.
constexpr int kReceiveBuffer = 128 << 10;

struct Resumed {
  std::optional<nanoseconds> newest;  ///< until it held what was the newest when it went on
};

/// Open loop, for so long; tells how soon the slow one has caught up, if asked.
void offer(Load& load, double rate, nanoseconds duration, Resumed* resumed) {
  const auto start = Clock::now();
  const std::uint64_t newest = load.newest(0);
  const auto count = static_cast<std::uint64_t>(std::max(1.0, rate * in_seconds(duration)));
  for (std::uint64_t n = 0; n < count;) {
    const auto due = start + seconds(static_cast<double>(n) / rate);
    if (due <= Clock::now()) {
      load.send(0, due);
      ++n;
    }
    load.turn(due);
    if (resumed && !resumed->newest && load.held(0, kSlow) >= newest) resumed->newest = Clock::now() - start;
  }
}

/// Answers its size; none when the link is not over TCP, which is no harm: the buffers of other sockets do
/// not grow.
std::optional<std::uint64_t> make_receive_buffer_small(const Sockets& ends) {
  if (ends.empty()) return {};
  const auto size = limit_receive_buffer(ends.front(), kReceiveBuffer);
  if (!size || *size > kReceiveBuffer)
    throw Failed(ExitCode::failed, "the receive buffer of the slow observer cannot be made small");
  return static_cast<std::uint64_t>(*size);
}

}  // namespace

void run_slow(const Options& options, const BenchOptions& bench) {
  Rig rig(options);
  const Limits limits = limits_for(bench, bench.observers + 1, bench.objects);
  const std::string url = rig.router(bench, limits);
  Peer& producer = rig.add(url, "mla bench producer", limits);
  const Sockets producers_end = rig.link_all();
  std::vector<Load::Observer> observers;
  std::vector<Peer*> peers;
  for (std::uint32_t i = 1; i < bench.observers; ++i) {
    peers.push_back(&rig.add(url, "mla bench observer", limits));
    observers.push_back({peers.back(), {0}, kOthers});
  }
  const Sockets others_ends = rig.link_all();
  Peer& slow = rig.add(url, "mla bench slow observer", limits, true);
  observers.push_back({&slow, {0}, kSlow});
  const std::optional<std::uint64_t> receive_buffer = make_receive_buffer_small(rig.link_all());
  Load load(rig, producer, observers, 1, payload_for(bench));
  load.establish();
  settle(load);
  warm_up(load, bench);

  const nanoseconds stall = seconds(*bench.stall);
  Meter meter(rig, producers_end, {peers, others_ends});
  load.begin();
  rig.pause(true);
  offer(load, *bench.rate, stall, nullptr);
  // What is on its way to the others is theirs.
  for (const auto limit = Clock::now() + 1s; load.held(0, kOthers) < load.newest(0) && Clock::now() < limit;)
    load.turn(limit);
  const Tally others = load.tally(kOthers);
  const nanoseconds elapsed = load.last_delivery() - load.began();
  const Cost cost = meter.stop();
  const std::uint64_t stalled_states = load.states();
  const std::uint64_t had = load.tally(kSlow).deliveries;
  rig.pause(false);
  const auto resumed_at = Clock::now();
  Resumed resumed;
  offer(load, *bench.rate, seconds(bench.seconds) - stall, &resumed);
  settle(load);
  if (!resumed.newest) resumed.newest = Clock::now() - resumed_at;
  const Tally& slow_tally = load.tally(kSlow);
  Report report(bench.kind, describe_run(bench) + "; one does not read for " +
                                std::to_string(in_seconds(stall)).substr(0, 4) + " s");
  tell_settings(report, bench);
  report.setting("stall_s", bench.stall);
  report.count("slow_receive_buffer_bytes", "the slow one's receive buffer", receive_buffer, "B");
  report.count("states", "states offered", load.states(), "");
  report.count("stalled_states", "… while one did not read", stalled_states, "");
  tell_throughput(report, elapsed, stalled_states, others.deliveries, ", while one did not read");
  report.number("others_share_percent", "of what was offered then, the others had",
                others.offered == 0 ? std::nullopt
                                    : std::optional(100 * static_cast<double>(others.deliveries) /
                                                    static_cast<double>(others.offered)),
                "%");
  tell_cost(report, cost, stalled_states, others.deliveries);
  const auto& router = cost.routers.front();
  report.number("router_growth_mib", "router memory, growth while one did not read",
                router ? std::optional(static_cast<double>(router->growth) / (1 << 20)) : std::nullopt,
                "MiB");
  report.number("newest_after_ms", "newest state there, after it reads again",
                in_seconds(*resumed.newest) * 1000, "ms");
  tell_tally(report, slow_tally);
  report.setting("deliveries_while_stalled", had);
  report.setting("others_deliveries", load.tally(kOthers).deliveries);
  report.setting("others_skipped", load.tally(kOthers).skipped);
  report.latency("others_latency_us", "of the others, while one did not read", others.latency);
  report.latency("slow_latency_us", "of the slow one, in all", slow_tally.latency);
  report.print(options.form);
}

}  // namespace mla::cli::bench
