#include "tests/sim/counts.h"

#include <catch2/catch.hpp>

namespace counts_test {
using namespace mla::sim;

namespace {

Counts enough() {
  Counts counts;
  for (const Bound& b : bounds()) counts[std::string(b.what)] = b.least;
  return counts;
}

}  // namespace

TEST_CASE("A run that shows everything often enough has nothing that is too rare") {
  CHECK(bounds().size() > 40);
  CHECK(below_bounds(enough(), 500).empty());
}

TEST_CASE("A run in which one thing never happened, or too rarely, is red for just that") {
  for (const Bound& b : bounds()) {
    Counts counts = enough();
    counts.erase(std::string(b.what));
    REQUIRE(below_bounds(counts, 500).size() == 1);
    CHECK(below_bounds(counts, 500).front().find(b.what) == 0);
    CHECK(below_bounds(counts, 100).size() == 1);
    counts = enough();
    --counts[std::string(b.what)];
    CHECK(below_bounds(counts, 500).size() == 1);
  }
}

TEST_CASE("A short run need not show everything") { CHECK(below_bounds({}, 99).empty()); }

}  // namespace counts_test
