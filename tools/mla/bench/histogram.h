#pragma once
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mla::cli::bench {

/// How often which value occurred, log-linear: each power of two is cut into 64 buckets of equal width, so a
/// quantile is at most 0.8 % off, whatever its size; values below 128 are exact. Takes memory for the
/// greatest value only. *value*
class Histogram {
 public:
  void add(std::uint64_t value) {
    const std::size_t i = index(value);
    if (i >= buckets_.size()) buckets_.resize(i + 1);
    ++buckets_[i];
    least_ = count_ == 0 ? value : std::min(least_, value);
    greatest_ = std::max(greatest_, value);
    ++count_;
  }

  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return greatest_; }

  /// The value that this share (0…1) of all do not exceed: the middle of its bucket. 0 when there is none.
  std::uint64_t quantile(double share) const {
    if (count_ == 0) return 0;
    // 0.999 of 1000 is 999 of them, however it is rounded.
    const double exact = std::ceil(share * static_cast<double>(count_) - 1e-6);
    const auto rank = std::clamp(static_cast<std::uint64_t>(std::max(exact, 1.0)), std::uint64_t{1}, count_);
    if (rank == count_) return greatest_;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i)
      if ((seen += buckets_[i]) >= rank) return std::clamp(middle(i), least_, greatest_);
    return greatest_;
  }

 private:
  static constexpr unsigned kBits = 6;  // 64 buckets a power of two

  static std::size_t index(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const unsigned shift = width > kBits + 1 ? width - kBits - 1 : 0;
    return (std::size_t{shift} << kBits) + static_cast<std::size_t>(value >> shift);
  }
  static std::uint64_t middle(std::size_t index) {
    const std::size_t row = index >> kBits;
    const std::size_t shift = row > 1 ? row - 1 : 0;
    const std::uint64_t low = std::uint64_t{index - (shift << kBits)} << shift;
    return low + ((std::uint64_t{1} << shift) - 1) / 2;
  }

  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0, least_ = 0, greatest_ = 0;
};

}  // namespace mla::cli::bench
