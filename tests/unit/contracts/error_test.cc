#include <mla/error.h>

#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace error_test {

using namespace mla;

namespace {

struct Row {
  ErrorCode code;
  int number;
  ErrorGroup group;
};
constexpr Row kRows[] = {
#define MLA_ERROR(name, number, group, text) {ErrorCode::name, number, ErrorGroup::group},
#include "mla/errors.def"
#undef MLA_ERROR
};

}  // namespace

TEST_CASE("Every error has its own number, its own name and a sentence") {
  std::set<int> numbers;
  std::set<std::string_view> names;
  for (const Row& row : kRows) {
    CHECK(static_cast<int>(row.code) == row.number);
    CHECK(numbers.insert(row.number).second);
    CHECK(names.insert(to_string(row.code)).second);
    CHECK(describe(row.code).size() > 5);
    CHECK(group(row.code) == row.group);
    CHECK(to_string(row.group) != "unknown");
  }
}

TEST_CASE("Error numbers that other languages know stay what they are") {
  CHECK(static_cast<int>(ErrorCode::json_syntax) == 100);
  CHECK(static_cast<int>(ErrorCode::stale) == 200);
  CHECK(static_cast<int>(ErrorCode::cannot_connect) == 300);
  CHECK(static_cast<int>(ErrorCode::permission_denied) == 400);
  CHECK(static_cast<int>(ErrorCode::state_too_large) == 500);
  CHECK(static_cast<int>(ErrorCode::bad_frame) == 600);
  CHECK(static_cast<int>(ErrorCode::internal) == 900);
  CHECK(group(ErrorCode::timed_out) == ErrorGroup::timeout);
}

TEST_CASE("A number of a newer release is unknown and nobody's fault but the system's") {
  const auto code = static_cast<ErrorCode>(65000);
  CHECK(to_string(code) == "unknown");
  CHECK_FALSE(describe(code).empty());
  CHECK(group(code) == ErrorGroup::internal);
}

TEST_CASE("A thrown error says what happened and to what") {
  const Error error(ErrorCode::bad_url, "ws:/x");
  CHECK(error.code() == ErrorCode::bad_url);
  CHECK(std::string(error.what()) == "the URL cannot be used: ws:/x");
  CHECK(std::string(Error(ErrorCode::closed).what()) == "the exchange or contract is closed");
}

}  // namespace error_test
