#include "exchange/runtime/backoff.h"

#include <catch2/catch.hpp>
#include <set>

namespace mla::runtime {

using std::chrono::milliseconds;

TEST_CASE("runtime: pauses are any part of a bound that doubles up to its greatest") {
  Backoff backoff(milliseconds(250), milliseconds(30'000), 1);
  milliseconds bound(250);
  for (int i = 0; i < 20; ++i) {
    CHECK(backoff.bound() == bound);
    const milliseconds pause = backoff.pause(true);
    CHECK(pause >= milliseconds(0));
    CHECK(pause <= bound);
    bound = std::min(bound * 2, milliseconds(30'000));
  }
  CHECK(backoff.bound() == milliseconds(30'000));
  backoff.reset();
  CHECK(backoff.bound() == milliseconds(250));
}

TEST_CASE("runtime: two who lost the same peer do not come back together") {
  std::set<milliseconds> pauses;
  for (std::uint64_t seed = 0; seed < 100; ++seed)
    pauses.insert(Backoff(milliseconds(1000), milliseconds(1000), seed).pause(true));
  CHECK(pauses.size() > 50);
  CHECK(*pauses.begin() < milliseconds(200));
  CHECK(*pauses.rbegin() > milliseconds(800));
}

TEST_CASE("runtime: within a round through a list the bound stays") {
  Backoff backoff(milliseconds(250), milliseconds(30'000), 1);
  backoff.pause(false);
  backoff.pause(false);
  CHECK(backoff.bound() == milliseconds(250));
}

}  // namespace mla::runtime
