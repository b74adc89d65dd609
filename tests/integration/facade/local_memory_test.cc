#include <mla/mla.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <new>
#include <optional>
#include <thread>
#include <vector>

namespace {

std::atomic<std::uint64_t> g_calls{0};  // of all threads of this program

void* counted(std::size_t size) {
  g_calls.fetch_add(1, std::memory_order_relaxed);
  if (void* block = std::malloc(size)) return block;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  g_calls.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  g_calls.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size);
}
void operator delete(void* block) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}
void operator delete[](void* block) noexcept {
  std::free(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  std::free(block);
}

namespace mla {
namespace {

using namespace std::chrono_literals;

constexpr int kStates = 2000;
constexpr std::uint64_t kByTimers = kStates / 10;  // at most: the engine looks after balance meanwhile, however few states pass

/// A sink and a stream of one object in one exchange, states gone through.
struct Pair {
  explicit Pair(Runtime& runtime) : exchange(runtime) {
    auto elected = exposing.next_for(10s);
    REQUIRE(elected);
    sink.emplace(*elected);
    sink->send(state);
    auto handed = observing.next_for(10s);
    REQUIRE(handed);
    stream.emplace(*handed);
    REQUIRE(stream->next_for(10s));
    exchange.info();  // the engine is through with all that
  }
  /// Sends states, each of which is taken before the next; false: one did not come.
  bool pass() {
    for (int i = 0; i < kStates; ++i) {
      sink->send(state);
      while (!stream->try_next())
        if (std::chrono::steady_clock::now() > limit) return false;
    }
    return true;
  }

  const std::chrono::steady_clock::time_point limit = std::chrono::steady_clock::now() + 60s;
  const State state = State::bytes(std::vector<std::byte>(64), {"BYTES"});
  Exchange exchange;
  ObserveContract observing = exchange.object_observe_contract({{"memory"}, "local"}).build();
  ExposeContract exposing = exchange.object_expose_contract({{"memory"}, "local"}).build();
  std::optional<StateSink> sink;
  std::optional<StateStream> stream;
};

/// Allocations of the whole program while states pass, after as many before.
template <class Pass>
std::uint64_t allocations(Pass pass) {
  REQUIRE(pass());
  const std::uint64_t before = g_calls;
  REQUIRE(pass());
  return g_calls - before;
}

}  // namespace

TEST_CASE("the counter of a program's allocations counts") {
  const std::uint64_t before = g_calls;
  std::vector<std::byte> block(100);
  std::thread([&] { block = std::vector<std::byte>(1000); }).join();
  CHECK(g_calls - before >= 3);
}

TEST_CASE("2: states that pass from a sink to a stream of the same process allocate nothing") {
  SECTION("on a runtime with threads") {
    Runtime runtime;
    Pair pair(runtime);
    CHECK(allocations([&] { return pair.pass(); }) < kByTimers);
  }
  SECTION("on a manual runtime") {
    Runtime runtime(manual);
    Pair pair(runtime);
    CHECK(allocations([&] { return pair.pass(); }) < kByTimers);
  }
}

TEST_CASE("2: states that pass to another thread of the process, which waits or looks, allocate nothing") {
  const bool waits = GENERATE(true, false);
  Runtime runtime;
  Pair pair(runtime);
  std::atomic<int> taken{0};
  std::atomic<bool> end{false};
  std::thread reader([&] {
    while (!end) {
      if (!(waits ? pair.stream->next_for(10s) : pair.stream->try_next())) {
        std::this_thread::yield();
        continue;
      }
      ++taken;
      taken.notify_one();
    }
  });
  const auto one = [&] {
    const int before = taken;
    pair.sink->send(pair.state);
    taken.wait(before);
  };
  const std::uint64_t allocated = allocations([&] {
    for (int i = 0; i < kStates; ++i) one();
    return true;
  });
  end = true;
  pair.sink->send(pair.state);
  reader.join();
  CHECK(allocated < kByTimers);
}

}  // namespace mla
