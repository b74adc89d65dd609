#include "contracts/quantity.h"

#include <catch2/catch.hpp>

namespace quantity_test {

using namespace std::chrono_literals;
using mla::format_duration;
using mla::format_size;
using mla::parse_duration;
using mla::parse_size;

TEST_CASE("Durations are a number and a unit") {
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(parse_duration("10s") == 10s);
  CHECK(parse_duration("5m") == 5min);
  CHECK(parse_duration("2h") == 2h);
  CHECK(parse_duration("1.5s") == 1500ms);
  CHECK(parse_duration("0.1s") == 100ms);
  CHECK(parse_duration("100us") == 100us);
  CHECK(parse_duration("0") == 0ns);
  CHECK(parse_duration("0s") == 0ns);
}

TEST_CASE("What is no duration is refused") {
  for (const char* text : {"", "s", "10", "10 s", " 10s", "-1s", "+1s", "1.s", ".5s", "1..5s", "1s5", "10sec",
                           "1.5.5s", "99999999999h", "99999999999999999999999s", "0.0000000001s"})
    CHECK_FALSE(parse_duration(text).has_value());
}

TEST_CASE("Durations are written so that they are read back") {
  for (const char* text : {"0", "1ns", "250ms", "1500ms", "10s", "90s", "5m", "2h", "25h"})
    CHECK(format_duration(*parse_duration(text)) == text);
}

TEST_CASE("Sizes are bytes, with a unit or without") {
  CHECK(parse_size("0") == 0u);
  CHECK(parse_size("4096") == 4096u);
  CHECK(parse_size("4096B") == 4096u);
  CHECK(parse_size("64KiB") == 65536u);
  CHECK(parse_size("4MiB") == 4194304u);
  CHECK(parse_size("1GiB") == 1073741824u);
  CHECK(parse_size("10kB") == 10000u);
  for (const char* text :
       {"", "KiB", "1.5KiB", "-1", "1 KiB", "1kib", "1K", "99999999999999999999", "99999999999999GiB"})
    CHECK_FALSE(parse_size(text).has_value());
}

TEST_CASE("Sizes for people have one decimal") {
  CHECK(format_size(312) == "312 B");
  CHECK(format_size(1536) == "1.5 KiB");
  CHECK(format_size(64ull << 20) == "64.0 MiB");
}

}  // namespace quantity_test
