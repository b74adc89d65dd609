#include "tools/mla/bench/drive.h"

#include <algorithm>

namespace mla::cli::bench {
namespace {

using namespace std::chrono_literals;

// Between two of them the generator also reads.
constexpr int kSendsAtATime = 256;

}  // namespace

void closed_loop(Load& load, std::uint32_t window, nanoseconds duration) {
  const auto end = Clock::now() + duration;
  const std::uint64_t fan_out = std::max<std::uint64_t>(1, load.subscriptions() / load.objects());
  std::uint32_t object = 0;
  for (auto now = Clock::now(); now < end; now = Clock::now()) {
    for (int i = 0; i < kSendsAtATime && load.outstanding() + fan_out <= window * fan_out; ++i) {
      load.send(object, Clock::now());
      object = (object + 1) % load.objects();
    }
    load.turn(end);
  }
}

void open_loop(Load& load, double rate, nanoseconds duration) {
  const auto start = Clock::now();
  const auto count = static_cast<std::uint64_t>(std::max(1.0, rate * in_seconds(duration)));
  const auto time_of = [&](std::uint64_t n) { return start + seconds(static_cast<double>(n) / rate); };
  // Who is late must not send an object's states one upon the other: none but the last would leave.
  const int most = static_cast<int>(std::min<std::uint64_t>(kSendsAtATime, load.objects()));
  for (std::uint64_t n = 0; n < count;) {
    const auto now = Clock::now();
    for (int i = 0; i < most && n < count && time_of(n) <= now; ++i, ++n)
      load.send(static_cast<std::uint32_t>(n % load.objects()), time_of(n));
    load.turn(n < count ? time_of(n) : now);
  }
}

void warm_up(Load& load, const BenchOptions& bench) {
  const auto duration = std::min<nanoseconds>(seconds(bench.seconds) / 5, 1s);
  if (bench.rate)
    open_loop(load, *bench.rate, duration);
  else
    closed_loop(load, bench.window, duration);
  settle(load);
}

void settle(Load& load) {
  if (!load.settle(10s)) throw Failed(ExitCode::failed, "not all observers have the newest state after 10 s");
}

}  // namespace mla::cli::bench
