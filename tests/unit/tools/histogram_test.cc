#include "tools/mla/bench/histogram.h"

#include <catch2/catch.hpp>

namespace histogram_test {

using mla::cli::bench::Histogram;

TEST_CASE("An empty histogram has nothing but zeroes") {
  const Histogram empty;
  CHECK(empty.count() == 0);
  CHECK(empty.max() == 0);
  CHECK(empty.quantile(0.5) == 0);
}

TEST_CASE("Small values have exact quantiles, by the nearest rank") {
  Histogram h;
  for (std::uint64_t value = 1; value <= 100; ++value) h.add(value);
  CHECK(h.count() == 100);
  CHECK(h.max() == 100);
  CHECK(h.quantile(0) == 1);
  CHECK(h.quantile(0.5) == 50);
  CHECK(h.quantile(0.9) == 90);
  CHECK(h.quantile(0.99) == 99);
  CHECK(h.quantile(0.991) == 100);
  CHECK(h.quantile(1) == 100);
}

TEST_CASE("One outlier in a thousand shows at the maximum and not at p99.9") {
  Histogram h;
  for (int i = 0; i < 999; ++i) h.add(7);
  h.add(1'000'000'000);
  CHECK(h.quantile(0.999) == 7);
  CHECK(h.quantile(0.9991) == 1'000'000'000);
  CHECK(h.max() == 1'000'000'000);
}

TEST_CASE("A large value is told as the middle of its bucket") {
  Histogram h;
  h.add(0);
  for (int i = 0; i < 8; ++i) h.add(1000);  // a bucket of 8: 1000…1007
  h.add(5000);
  CHECK(h.quantile(0.5) == 1003);
  CHECK(h.quantile(1) == 5000);
}

TEST_CASE("Quantiles stay within what was seen") {
  Histogram h;
  for (int i = 0; i < 3; ++i) h.add(1001);
  CHECK(h.quantile(0.5) == 1001);  // the bucket's middle, 1003, is above all of them
  Histogram low;
  low.add(1007);
  low.add(2000);
  CHECK(low.quantile(0.5) == 1007);  // and here below
}

TEST_CASE("No quantile is more than two percent off, at any size") {
  for (unsigned bits = 0; bits < 64; ++bits)
    for (const std::uint64_t offset : {0ull, 1ull, 3ull, 5ull}) {
      const std::uint64_t value = (std::uint64_t{1} << bits) + (offset << bits) / 7;
      if (value >> bits == 0) continue;  // past the end of 64 bits
      Histogram h;
      h.add(0);
      h.add(value);
      h.add(~std::uint64_t{0});
      const auto told = h.quantile(0.5);
      const auto error = told > value ? told - value : value - told;
      INFO(value << " is told as " << told);
      CHECK(error <= value / 50);
      if (value < 128) CHECK(error == 0);
    }
}

}  // namespace histogram_test
