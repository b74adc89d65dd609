#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace mla::runtime {

/// Pauses between attempts: a random part of a bound that doubles from `least` to `most` ("full jitter", so
/// that many who lost the same peer at once do not come back at once). *value*
class Backoff {
 public:
  Backoff(std::chrono::milliseconds least, std::chrono::milliseconds most, std::uint64_t seed)
      : least_(least), most_(most), bound_(least), random_(seed) {}

  /// The pause after a failure. `grow`: the next bound is twice this one.
  std::chrono::milliseconds pause(bool grow) {
    const std::chrono::milliseconds bound = bound_;
    if (grow) bound_ = std::min(bound_ * 2, most_);
    return std::chrono::milliseconds(random_() % static_cast<std::uint64_t>(bound.count() + 1));
  }
  void reset() { bound_ = least_; }
  std::chrono::milliseconds bound() const { return bound_; }

 private:
  std::chrono::milliseconds least_, most_, bound_;
  std::mt19937_64 random_;
};

}  // namespace mla::runtime
