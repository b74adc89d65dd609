#include "exchange/runtime/backoff.h"

#include <catch2/catch.hpp>
#include <set>

#include "exchange/runtime/retry_plan.h"

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

namespace {

using std::chrono::seconds;
constexpr RetryPlan::Instant kStart{};

/// With pauses that are never zero by chance: the bound is so large that a zero would be one in a billion.
RetryPlan plan_of(std::size_t parents) {
  return {parents, Backoff(milliseconds(1'000'000'000), milliseconds(1'000'000'000), 7)};
}

}  // namespace

TEST_CASE("runtime: a list of parents is tried without pauses, then a pause parts the rounds") {
  auto plan = plan_of(3);
  for (int round = 0; round < 3; ++round) {
    CHECK(plan.at() == 0);
    CHECK(plan.after_failure() == milliseconds(0));
    CHECK(plan.at() == 1);
    CHECK(plan.after_failure() == milliseconds(0));
    CHECK(plan.at() == 2);
    CHECK(plan.after_failure() > milliseconds(0));
  }
}

TEST_CASE("runtime: who loses its parent turns to the next at once, and tries each before it pauses") {
  auto plan = plan_of(3);
  CHECK(plan.after_loss(kStart, seconds(1), false) == milliseconds(0));
  CHECK(plan.at() == 1);
  CHECK(plan.after_failure() == milliseconds(0));
  CHECK(plan.after_failure() == milliseconds(0));
  CHECK(plan.at() == 0);
  CHECK(plan.after_failure() > milliseconds(0));
}

TEST_CASE("runtime: an only parent is dialled again at once if it said that it goes, else after a pause") {
  auto told = plan_of(1), lost = plan_of(1);
  CHECK(told.after_loss(kStart, seconds(60), true) == milliseconds(0));
  CHECK(told.after_failure() > milliseconds(0));
  CHECK(lost.after_loss(kStart, seconds(60), false) > milliseconds(0));
}

TEST_CASE("runtime: parents that let go again and again are dialled at once no more than once a second") {
  auto plan = plan_of(2);
  CHECK(plan.after_loss(kStart, milliseconds(1), true) == milliseconds(0));
  CHECK(plan.after_loss(kStart + milliseconds(999), milliseconds(1), true) > milliseconds(0));
  CHECK(plan.after_loss(kStart + milliseconds(1000), milliseconds(1), true) == milliseconds(0));
}

}  // namespace mla::runtime
