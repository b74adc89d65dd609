#include <mla/standing.h>

#include <catch2/catch.hpp>

namespace standing_test {

using namespace mla;

TEST_CASE("Standings and reasons print the words that the tools promise") {
  CHECK(to_string(StandingKind::unexposed) == "unexposed");
  CHECK(to_string(StandingKind::declined) == "declined");
  CHECK(to_string(StandingKind::waiting) == "waiting");
  CHECK(to_string(StandingKind::synchronized) == "synchronized");
  CHECK(to_string(StandingKind::stale) == "stale");
  CHECK(to_string(static_cast<StandingKind>(99)) == "unknown");
  CHECK(to_string(EndReason::none) == "none");
  CHECK(to_string(EndReason::unobserved) == "unobserved");
  CHECK(to_string(EndReason::handed_over) == "handed_over");
  CHECK(to_string(EndReason::declined) == "declined");
  CHECK(to_string(EndReason::gone) == "gone");
  CHECK(to_string(EndReason::contract_dropped) == "contract_dropped");
  CHECK(to_string(EndReason::exchange_closed) == "exchange_closed");
}

TEST_CASE("Two standings are the same when kind, reason and age are") {
  const Standing declined{StandingKind::declined, "busy"};
  CHECK(declined == Standing{StandingKind::declined, "busy"});
  CHECK_FALSE(declined == Standing{StandingKind::declined, "ill"});
  CHECK_FALSE(Standing{StandingKind::stale, "", std::chrono::seconds(1)} == Standing{StandingKind::stale});
}

}  // namespace standing_test
