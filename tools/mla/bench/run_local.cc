#include <atomic>
#include <thread>

#include "tools/mla/bench/common.h"
#include "tools/mla/bench/run.h"

namespace mla::cli::bench {
namespace {

using namespace std::chrono_literals;

// Between two looks whether to end.
constexpr int kPairsAtATime = 1024;

std::uint64_t since(Clock::time_point start) {
  return static_cast<std::uint64_t>(nanoseconds(Clock::now() - start).count());
}

/// What it takes to ask the time, which is part of each figure.
Histogram clock_cost() {
  Histogram cost;
  for (int i = 0; i < 10'000; ++i) cost.add(since(Clock::now()));
  return cost;
}

/// A sink and a stream of one object in one exchange, with a state gone through. *value*
class Pair {
 public:
  Pair(Runtime& runtime, const Payload& payload)
      : exchange_(runtime),
        observing_(exchange_.object_observe_contract({{"mla bench"}, "local"}).build()),
        exposing_(exchange_.object_expose_contract({{"mla bench"}, "local"}).build()) {
    auto sink = exposing_.next_for(10s);
    Payload first = payload;
    if (sink) sink->send(first.make(0));
    auto stream = observing_.next_for(10s);
    if (!sink || !stream || !stream->next_for(10s)) throw Failed(ExitCode::failed, "no state came through");
    sink_ = *sink;
    stream_ = *stream;
    exchange_.info();  // the engine is through with all that
  }
  StateSink& sink() { return *sink_; }
  StateStream& stream() { return *stream_; }

 private:
  Exchange exchange_;
  ObserveContract observing_;
  ExposeContract exposing_;
  std::optional<StateSink> sink_;
  std::optional<StateStream> stream_;
};

struct SameThread {
  Histogram latency;
  std::uint64_t missed = 0;  ///< not there when send() returned
};

SameThread same_thread(Rig& rig, Runtime& runtime, Payload payload, nanoseconds duration) {
  Pair pair(runtime, payload);
  const State state = payload.make(1);
  SameThread out;
  for (const auto end = Clock::now() + duration; Clock::now() < end; rig.turn(Clock::now()))
    for (int i = 0; i < kPairsAtATime; ++i) {
      const auto start = Clock::now();
      pair.sink().send(state);
      const bool there = bool(pair.stream().try_next());
      out.latency.add(since(start));
      out.missed += !there;
    }
  return out;
}

/// What one thread writes and another reads or is beside: in lines of its own, or the bench would measure how the two
/// take its words from each other.
struct alignas(128) BySender {
  Clock::time_point sent_at;  // of state `sent`
  std::atomic<std::uint64_t> sent{0};
};
struct alignas(128) ByReader {
  std::atomic<std::uint64_t> seen{0};
  Histogram latency;
};
struct alignas(128) Ending {
  std::atomic<bool> end{false};
};

/// The reader spins: what is measured is the way, not the scheduler, if both threads have a core of their
/// own. When a state was sent is told after it was, so that telling is not measured.
Histogram other_thread(Rig& rig, Payload payload, nanoseconds duration) {
  Runtime runtime;
  Pair pair(runtime, payload);
  const State state = payload.make(1);
  BySender sender;
  ByReader reads;
  Ending ending;
  Clock::time_point& sent_at = sender.sent_at;
  std::atomic<std::uint64_t>&sent = sender.sent, &seen = reads.seen;
  Histogram& latency = reads.latency;
  std::atomic<bool>& end = ending.end;
  std::thread reader([&] {
    for (std::uint64_t n = 1; !end.load(std::memory_order_relaxed);) {
      if (!pair.stream().try_next()) continue;
      const auto at = Clock::now();
      while (sent.load(std::memory_order_acquire) != n)
        if (end.load(std::memory_order_relaxed)) return;
      latency.add(static_cast<std::uint64_t>(nanoseconds(at - sent_at).count()));
      seen.store(n++, std::memory_order_release);
    }
  });
  std::uint64_t n = 0;
  bool lost = false;
  try {
    const auto stop = Clock::now() + duration;
    for (; !lost && Clock::now() < stop; rig.turn(Clock::now()))
      for (int i = 0; i < kPairsAtATime && !lost && Clock::now() < stop; ++i) {
        const auto start = Clock::now();
        pair.sink().send(state);
        sent_at = start;
        sent.store(++n, std::memory_order_release);
        while (seen.load(std::memory_order_acquire) != n && !lost) lost = Clock::now() > stop + 5s;
      }
  } catch (...) {
    end = true;
    reader.join();
    throw;
  }
  end = true;
  reader.join();
  if (lost) throw Failed(ExitCode::failed, "a state did not come through to the other thread");
  return latency;
}

}  // namespace

void run_local(const Options& options, const BenchOptions& bench) {
  Rig rig(options);
  const Payload payload = payload_for(bench);
  const nanoseconds third = seconds(bench.seconds / 3);
  const Histogram clock = clock_cost();
  Runtime threaded;
  const SameThread same = same_thread(rig, threaded, payload, third);
  Runtime by_hand(manual);
  const SameThread by_hand_same = same_thread(rig, by_hand, payload, third);
  const Histogram other = other_thread(rig, payload, third);

  Report report(bench.kind, "from a sink to a stream in one process, states of " +
                                std::to_string(payload.bytes()) + " B");
  report.setting("state_bytes", payload.bytes());
  report.setting("seconds", std::optional<double>(bench.seconds));
  report.count(
      "deliveries", "states that came through",
      same.latency.count() + by_hand_same.latency.count() + other.count() - same.missed - by_hand_same.missed,
      "");
  const auto per_second = [&](const Histogram& latency) {
    return static_cast<double>(latency.count()) / in_seconds(third);
  };
  report.number("same_thread_per_s", "throughput, send and try_next", per_second(same.latency), "states/s");
  report.number("same_thread_manual_per_s", "the same, manual runtime", per_second(by_hand_same.latency),
                "states/s");
  report.number("other_thread_per_s", "to another thread that spins", per_second(other), "states/s");
  report.count("missed", "not there when send() returned", same.missed + by_hand_same.missed, "");
  report.number("clock_us", "a look at the clock, in each figure",
                static_cast<double>(clock.quantile(0.5)) / 1000, "µs");
  report.latency("same_thread_us", "send and try_next", same.latency);
  report.latency("same_thread_manual_us", "the same, manual runtime", by_hand_same.latency);
  report.latency("other_thread_us", "to another thread that spins", other);
  report.print(options.form);
}

}  // namespace mla::cli::bench
