#include "contracts/closest_name.h"

#include <array>
#include <catch2/catch.hpp>

namespace closest_name_test {

TEST_CASE("The closest name is the one with the fewest slips") {
  const std::array<std::string_view, 4> names{"listen", "parent", "admin", "name"};
  CHECK(mla::closest_name("lisen", names) == "listen");
  CHECK(mla::closest_name("lsiten", names) == "listen");
  CHECK(mla::closest_name("parents", names) == "parent");
  CHECK(mla::closest_name("nmae", names) == "name");
}

TEST_CASE("A name that is like none gets no suggestion") {
  const std::array<std::string_view, 2> names{"listen", "name"};
  CHECK_FALSE(mla::closest_name("threads", names).has_value());
  CHECK_FALSE(mla::closest_name("", names).has_value());
  CHECK_FALSE(mla::closest_name(std::string(5000, 'a'), names).has_value());
}

}  // namespace closest_name_test
