// What differences cost: a state of 100 KiB of which 48 bytes in the middle change, as its producer makes the difference and as
// a receiver rebuilds the state, checksums included. Prints microseconds each, or one JSON object.
//   delta_bench [--json] [TIMES]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string_view>
#include <vector>

#include "exchange/codec/difference.h"
#include "tools/bench/measured.h"

using namespace mla;

namespace {

using Data = std::vector<std::byte>;
constexpr std::size_t kSize = 100 << 10, kField = 48;

/// Appends a difference for each step of `states`, and answers the checksums of what comes of them.
MLA_MEASURED std::uint64_t make_differences(const std::vector<Data>& states, std::vector<Data>& changes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < states.size(); ++i) {
    codec::splice(states[i - 1], states[i], changes[i - 1]);
    sum += codec::checksum(states[i]);
  }
  return sum;
}

MLA_MEASURED std::uint64_t rebuild(const Data& first, const std::vector<Data>& changes) {
  std::uint64_t sum = 0;
  Data held = first, next;
  for (const Data& change : changes) {
    if (!codec::unsplice(held, change, 2 * kSize, next)) return 0;
    sum += codec::checksum(next);
    held.swap(next);
  }
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  const bool json = argc > 1 && std::string_view(argv[1]) == "--json";
  const char* const asked = argv[json ? 2 : 1];  // the last one is a null pointer
  const std::size_t times = asked ? std::strtoull(asked, nullptr, 10) : 1000;
  std::mt19937_64 random(7);
  Data state(kSize);
  for (std::byte& b : state) b = static_cast<std::byte>('a' + random() % 26);
  std::vector<Data> states{state};
  for (std::size_t i = 0; i < times; ++i) {
    std::generate_n(state.begin() + kSize / 2, kField, [&] { return static_cast<std::byte>('a' + random() % 26); });
    states.push_back(state);
  }
  std::vector<Data> changes(times);
  const auto timed = [&](double& each_us, auto run) {
    const auto start = std::chrono::steady_clock::now();
    const auto result = run();
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    each_us = took.count() / static_cast<double>(times);
    return result;
  };
  double make_us = 0, rebuild_us = 0;
  const std::uint64_t made = timed(make_us, [&] { return make_differences(states, changes); });
  const std::uint64_t rebuilt = timed(rebuild_us, [&] { return rebuild(states.front(), changes); });
  std::size_t bytes = 0;
  for (const Data& change : changes) bytes += change.size();
  std::printf(json ? "{\"bench\":\"delta\",\"state_bytes\":%zu,\"times\":%zu,\"make_us\":%.2f,\"rebuild_us\":%.2f,\"difference_bytes\":%.1f}\n"
                   : "states of %zu bytes, %zu times\nmade: %.2f us a state\nrebuilt: %.2f us a state\n%.1f bytes a difference\n",
              kSize, times, make_us, rebuild_us, static_cast<double>(bytes) / static_cast<double>(times));
  return made == rebuilt ? 0 : 1;
}
