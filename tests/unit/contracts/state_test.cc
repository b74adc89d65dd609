#include <mla/state.h>

#include <catch2/catch.hpp>
#include <string>

namespace state_test {

using namespace mla;

TEST_CASE("Format labels are upper-case ASCII, 1 to 32 bytes, at most 8") {
  CHECK(check_format({}) == ErrorCode::ok);
  CHECK(check_format({"JSON"}) == ErrorCode::ok);
  CHECK(check_format({"JSON", "ZSTD"}) == ErrorCode::ok);
  CHECK(check_format({"X-1"}) == ErrorCode::ok);
  CHECK(check_format({std::string(32, 'A')}) == ErrorCode::ok);
  CHECK(check_format(Format(8, "A")) == ErrorCode::ok);
  CHECK(check_format(Format(9, "A")) == ErrorCode::bad_format);
  CHECK(check_format({std::string(33, 'A')}) == ErrorCode::bad_format);
  for (const char* label : {"", "json", "JSON ", "A_B", "\xc3\x84", "A.B"}) {
    CAPTURE(label);
    CHECK(check_format({"JSON", label}) == ErrorCode::bad_format);
  }
  CHECK(check_format({std::string("A\0B", 3)}) == ErrorCode::bad_format);
}

TEST_CASE("A state keeps its bytes and its label, and has no version unless one is given") {
  const State json = State::json("{\"c\": 21}");
  CHECK(json.text() == "{\"c\": 21}");
  CHECK(json.format() == Format{"JSON"});
  CHECK_FALSE(json.has_version());
  CHECK(State::text("x").format() == Format{"TEXT"});
  const State versioned = State::text("x").with_version({7});
  CHECK(versioned.has_version());
  CHECK(versioned.version() == Version{7});
  const std::byte bytes[] = {std::byte{0}, std::byte{255}};
  const State raw = State::bytes(bytes, {"CBOR", "ZSTD"});
  CHECK(raw.data().size() == 2);
  CHECK(raw.data()[1] == std::byte{255});
}

TEST_CASE("A state that was never filled is empty, not dangerous") {
  const State state;
  CHECK(state.data().empty());
  CHECK(state.text().empty());
  CHECK(state.format().empty());
  CHECK(state.unwrap("JSON").error() == ErrorCode::wrong_format);
}

TEST_CASE("Only the top label comes off, and everything else about the state stays") {
  const std::byte bytes[] = {std::byte{1}};
  auto payload = std::make_shared<Payload>(Payload{{"JSON", "ZSTD"}, {bytes[0]}});
  State state = State::make(payload, Epoch{3, NodeId{4}}, {3, 1}, 9);
  state.set_freshness(true, {});
  state.set_skipped(2, false);
  CHECK(state.unwrap("JSON").error() == ErrorCode::wrong_format);
  const auto inner = state.unwrap("ZSTD");
  REQUIRE(inner.ok());
  CHECK(inner->format() == Format{"JSON"});
  CHECK(inner->data().size() == 1);
  CHECK(inner->epoch() == Epoch{3, NodeId{4}});
  CHECK(inner->version() == Version{3, 1});
  CHECK(inner->nth() == 9);
  CHECK(inner->synchronized());
  CHECK(inner->skipped() == 2);
  CHECK_FALSE(inner->skipped_exact());
  CHECK(state.format() == Format{"JSON", "ZSTD"});
  CHECK(inner->unwrap("JSON")->format().empty());
}

TEST_CASE("Copies of a state share its bytes") {
  const State state = State::text(std::string(1000, 'x'));
  const State copy = state;
  CHECK(copy.data().data() == state.data().data());
}

}  // namespace state_test
