#include <mla/limits.h>

#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace limits_test {

using namespace mla;

TEST_CASE(
    "P13: every limit has a name, a default above zero, a unit and a text, and can be set by its name") {
  Limits limits;
  std::set<std::string_view> names;
  const auto rows = limit_rows(limits);
  REQUIRE(rows.size() >= 15);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const LimitRow& row = rows[i];
    CAPTURE(std::string(row.name));
    CHECK(names.insert(row.name).second);
    CHECK(row.value == row.standard);
    CHECK(row.value > 0);
    CHECK((row.unit.empty() || row.unit == "B" || row.unit == "ms" || row.unit == "%"));
    CHECK_FALSE(row.text.empty());
    REQUIRE(set_limit(limits, row.name, row.standard + 1) == ErrorCode::ok);
    const auto changed = limit_rows(limits);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      CHECK(changed[k].value == rows[k].value + (k == i));
      CHECK(changed[k].standard == rows[k].standard);
    }
    REQUIRE(set_limit(limits, row.name, row.standard) == ErrorCode::ok);
  }
  CHECK(limits == Limits{});
}

TEST_CASE("A limit that is unknown, none at all or absurd is refused, and nothing changes") {
  Limits limits;
  CHECK(set_limit(limits, "state_byte", 1) == ErrorCode::bad_config);
  CHECK(set_limit(limits, "", 1) == ErrorCode::bad_config);
  CHECK(set_limit(limits, "state_bytes", 0) == ErrorCode::bad_option);
  CHECK(set_limit(limits, "heartbeat", (std::uint64_t{1} << 53) + 1) == ErrorCode::bad_option);
  CHECK(limits == Limits{});
}

TEST_CASE("The default limits fit together, and those that do not are named") {
  CHECK(check_limits({}).empty());
  const auto problem = [](std::string_view name, std::uint64_t value) {
    Limits limits;
    REQUIRE(set_limit(limits, name, value) == ErrorCode::ok);
    return check_limits(limits);
  };
  CHECK(problem("state_bytes", 64 << 20).empty());
  CHECK(problem("state_bytes", (64 << 20) + 1) == "state_bytes is above 67108864");
  CHECK(problem("descriptor_bytes", 4097) == "descriptor_bytes is above 4096");
  CHECK(problem("tags_per_object", 17) == "tags_per_object is above 16");
  CHECK(problem("heartbeat", 24 * 60 * 60 * 1000 + 1) == "heartbeat is above 86400000");
  CHECK(problem("message_bytes", 64 << 10) == "message_bytes leaves no room for a piece of chunk_bytes");
  CHECK(problem("message_bytes", 4096) ==
        "message_bytes leaves no room for a descriptor of descriptor_bytes");
  CHECK(problem("outbound_bytes", 1000) == "outbound_bytes is below message_bytes");
  Limits zero;
  zero.links = 0;
  CHECK(check_limits(zero) == "links is 0");
  Limits full;
  CHECK(set_limit(full, "links", 0) == ErrorCode::bad_option);
  CHECK(set_limit(full, "delta_bytes", 0) == ErrorCode::ok);  // turns it off
  CHECK(check_limits(full).empty());
}

}  // namespace limits_test
