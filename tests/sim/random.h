#pragma once
#include <chrono>
#include <cstdint>
#include <random>

namespace mla::sim {

using Duration = std::chrono::nanoseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Distributions of our own: the standard library's differ between implementations. *value*
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t below(std::uint64_t n) { return engine_() % n; }
  bool chance(double p) { return static_cast<double>(engine_() >> 11) * 0x1p-53 < p; }
  Duration between(Duration lo, Duration hi) {
    return lo + Duration(static_cast<std::int64_t>(below(static_cast<std::uint64_t>((hi - lo).count()) + 1)));
  }
  template <class C>
  auto& pick(C& c) {
    return c[below(c.size())];
  }
  std::uint64_t bits() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace mla::sim
