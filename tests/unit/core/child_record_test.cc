#include "exchange/core/child_record.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>

namespace child_record_test {

using namespace mla;
using namespace mla::core;

namespace {
constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min(), kMost = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t kPriorities[] = {kLeast, kLeast + 1, -1, 0, 1, 7, kMost - 1, kMost};
constexpr std::uint64_t kCapacities[] = {0, 1, 2, 8191, 524287, 524288, 1u << 31, UINT64_MAX - 1};
}  // namespace

TEST_CASE("a child's record gives back every exposure that it was given") {
  ChildRecord record;
  CHECK_FALSE(record.exposes());
  for (const std::int32_t priority : kPriorities)
    for (const std::int32_t takes_over : kPriorities)
      for (const std::uint64_t capacity : kCapacities) {
        const Exposure exposure{.priority = priority, .takes_over = takes_over, .capacity = capacity};
        record.set_exposes(exposure);
        CHECK(record.exposes() == exposure);
        record.details.tidy();  // it does not go with what is not there
        CHECK(record.exposes() == exposure);
      }
  record.set_exposes({});
  CHECK_FALSE(record.exposes());
}

TEST_CASE("what most objects have of a child stands in its record, and nothing beside") {
  ChildRecord record;
  for (const auto& exposure : {Exposure{}, Exposure{.priority = 5}, Exposure{.takes_over = Exposure::kWaits, .capacity = 1000}}) {
    record.set_exposes(exposure);
    CHECK_FALSE(record.details);
  }
  record.set_exposes(Exposure{.capacity = UINT64_MAX - 1});
  CHECK(record.details);
  record.set_exposes(Exposure{});
  record.details.tidy();
  CHECK_FALSE(record.details);
  CHECK(record.exposes() == Exposure{});
}

TEST_CASE("what stands side by side in a child's record leaves each other alone") {
  ChildRecord record;
  const Exposure exposure{.priority = kLeast, .takes_over = kLeast, .capacity = 524287};
  record.set_exposes(exposure);
  for (const std::optional<bool> sync : {std::optional<bool>(), std::optional(false), std::optional(true)})
    for (const std::optional<bool> want : {std::optional<bool>(), std::optional(false), std::optional(true)})
      for (int i = 0; i <= static_cast<int>(StandingKind::stale); ++i)
        for (const bool flag : {false, true}) {
          record.set_told_sync(sync);
          record.set_want(want);
          record.standing_told = static_cast<StandingKind>(i);
          record.told = record.holds = flag;
          record.observes = record.end_due = !flag;
          CHECK(record.told_sync() == sync);
          CHECK(record.want() == want);
          CHECK(record.standing_told == static_cast<StandingKind>(i));
          CHECK((record.told == flag && record.holds == flag && record.observes != flag && record.end_due != flag));
          CHECK(record.exposes() == exposure);
        }
}

}  // namespace child_record_test
