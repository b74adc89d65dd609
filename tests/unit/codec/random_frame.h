#pragma once
#include <cstdint>

#include "exchange/codec/messages.h"

namespace mla::codec::test {

/// A small seeded generator (splitmix64) that is the same everywhere. *value*
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  bool coin() { return below(2) == 0; }
  std::uint64_t integer();  ///< of every width, edges often

 private:
  std::uint64_t state_;
};

/// A frame of the kind at `index` of the variant, every field anywhere within its bounds.
Frame random_frame(Random& random, std::size_t index);

/// MLA_SEED of the environment, or `otherwise`. Tests print what they got.
std::uint64_t seed_or(std::uint64_t otherwise);

}  // namespace mla::codec::test
