// What a state costs from a sink to a stream of the same object in one process: `send` and `try_next` in turn, on one
// thread. Prints nanoseconds for the pair, and what that thread allocated, on a runtime with threads and on a manual
// one. `mla bench local` measures the times alone, and to another thread too; this one counts allocations.
//   local_bench [PAIRS]
#include <mla/mla.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <vector>

static thread_local std::uint64_t allocations = 0;
// The whole program allocates with malloc, counted per thread.
void* operator new(std::size_t n) {
  ++allocations;
  if (void* p = std::malloc(n)) return p;
  std::abort();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace {

using namespace mla;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

double nanoseconds(Clock::duration d) { return std::chrono::duration<double, std::nano>(d).count(); }

/// What it takes to ask the time, which is part of each figure.
double clock_cost() {
  constexpr int kTimes = 100000;
  const auto start = Clock::now();
  for (int i = 0; i < kTimes; ++i) [[maybe_unused]] const auto read = Clock::now();
  return nanoseconds(Clock::now() - start) / kTimes;
}

bool measure(const char* what, Runtime& runtime, std::size_t pairs) {
  Exchange exchange(runtime);
  const ObjectDescriptor object{{"bench"}, "local"};
  auto observing = exchange.object_observe_contract(object).build();
  auto exposing = exchange.object_expose_contract(object).build();
  auto sink = exposing.next_for(10s);
  if (!sink) return false;
  const State state = State::bytes(std::vector<std::byte>(100), {"BENCH"});
  sink->send(state);
  auto stream = observing.next_for(10s);
  if (!stream || !stream->next_for(10s)) return false;
  exchange.info();  // the engine is through with all that
  std::vector<double> times(pairs);
  std::size_t missed = 0;
  const std::uint64_t before = allocations;
  for (double& time : times) {
    const auto start = Clock::now();
    sink->send(state);
    missed += !stream->try_next();
    time = nanoseconds(Clock::now() - start);
  }
  const auto allocated = static_cast<double>(allocations - before) / static_cast<double>(pairs);
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) { return times[static_cast<std::size_t>(share * static_cast<double>(pairs - 1))]; };
  std::printf("%s: send and try_next p50 %.0f ns, p90 %.0f, p99 %.0f, p99.9 %.0f; %.3f allocations a pair; %zu of %zu not there at once\n",
              what, at(0.5), at(0.9), at(0.99), at(0.999), allocated, missed, pairs);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t pairs = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  std::printf("a look at the clock %.0f ns\n", clock_cost());
  Runtime threaded;
  Runtime by_hand(manual);
  return measure("threads", threaded, pairs) && measure("manual", by_hand, pairs) ? 0 : 1;
}
