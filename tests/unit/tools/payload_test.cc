#include "tools/mla/bench/payload.h"

#include <catch2/catch.hpp>

#include "tools/mla/json_text.h"

namespace payload_test {

using mla::State;
using mla::cli::changed_leaves;
using mla::cli::leaves;
namespace bench = mla::cli::bench;

TEST_CASE("States of a bench have the size that was asked for, whichever that is") {
  for (std::size_t bytes = bench::Payload::kLeastBytes; bytes < 300; ++bytes)
    CHECK(bench::Payload(bytes, false).make(1).data().size() == bytes);
  for (std::size_t bytes = bench::Payload::kLeastJson; bytes < 1000; ++bytes)
    CHECK(bench::Payload(bytes, true).make(1).data().size() == bytes);
  CHECK(bench::Payload(100 << 10, true).make(1).data().size() == 100 << 10);
}

TEST_CASE("A state tells its number, and one that is another's or cut off tells none") {
  for (const bool json : {false, true}) {
    bench::Payload payload(500, json);
    CHECK(payload.sequence_of(payload.make(0x1234567890ABCDEF)) == 0x1234567890ABCDEFu);
    CHECK(payload.sequence_of(payload.make(0)) == 0u);
    CHECK_FALSE(payload.sequence_of(bench::Payload(499, json).make(1)).has_value());
    CHECK_FALSE(payload.sequence_of(State::text(std::string(500, 'x'))).has_value());
  }
}

TEST_CASE("Of a JSON state one field changes, in the middle") {
  bench::Payload payload(100 << 10, true);
  const State before = payload.make(1), after = payload.make(2);
  CHECK(before.format().back() == "JSON");
  const auto all = leaves(before.text());
  const auto changed = changed_leaves(all, leaves(after.text()));
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].path == ".sequence");
  CHECK(changed[0].value == "\"0000000000000002\"");
  CHECK(all.size() > 1500);
  const auto at = static_cast<std::size_t>(before.text().find("\"sequence\""));
  CHECK(at > 51000);
  CHECK(at < 51400);
}

}  // namespace payload_test
