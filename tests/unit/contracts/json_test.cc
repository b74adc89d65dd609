#include <mla/json.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

namespace json_test {

using namespace mla;

TEST_CASE("Values of C++ are JSON values") {
  CHECK(Json().text() == "null");
  CHECK(Json(nullptr).text() == "null");
  CHECK(Json(true).text() == "true");
  CHECK(Json(false).text() == "false");
  CHECK(Json("temp").text() == "\"temp\"");
  CHECK(Json(std::string("a\"b")).text() == "\"a\\\"b\"");
  CHECK(Json(1).text() == "1");
  CHECK(Json(1.0f).text() == "1");
  CHECK(Json(-0.0).text() == "0");
  CHECK(Json(0.1).text() == "0.1");
  CHECK(Json(std::int64_t{1} << 53).text() == "9007199254740992");
  CHECK(Json(1) == Json(1.0));
  CHECK_FALSE(Json(1) == Json("1"));
}

TEST_CASE("P12: numbers that are not finite or above 2^53 name nothing") {
  const std::int64_t greatest = std::int64_t{1} << 53;
  const auto refused = [](const Json& json) {
    return !json.valid() && json.text().empty() && json.error() == ErrorCode::json_number;
  };
  CHECK(Json(-greatest).valid());
  CHECK(refused(Json(greatest + 1)));
  CHECK(refused(Json(-greatest - 1)));
  CHECK(refused(Json(std::numeric_limits<std::uint64_t>::max())));
  CHECK(refused(Json(std::numeric_limits<std::int64_t>::min())));
  CHECK(refused(Json(std::nextafter(9007199254740992.0, 1e300))));
  CHECK(refused(Json(std::numeric_limits<double>::infinity())));
  CHECK(refused(Json(-std::numeric_limits<double>::infinity())));
  CHECK(refused(Json(std::nan(""))));
}

TEST_CASE("P12: a string that is no UTF-8 names nothing") {
  for (const char* text : {"\xff", "a\xc0\x80", "\xed\xa0\x80", "\xe2\x82"}) {
    CHECK(Json(text).error() == ErrorCode::json_encoding);
    CHECK_FALSE(Json(text).valid());
  }
  CHECK(Json("\xf0\x9f\x98\x80").text() == "\"\xf0\x9f\x98\x80\"");
  CHECK(Json(std::string_view("\0", 1)).text() == "\"\\u0000\"");
}

TEST_CASE("P13: no canonical text is longer than 4096 bytes, and no text to be read than 64 KiB") {
  CHECK(Json(std::string(4094, 'a')).valid());
  CHECK(Json(std::string(4095, 'a')).error() == ErrorCode::descriptor_too_large);
  CHECK(Json(std::string(2048, '"')).error() == ErrorCode::descriptor_too_large);
  CHECK(Json(std::string(1 << 20, 'a')).error() == ErrorCode::descriptor_too_large);
  const std::string spaces((64 << 10) - 1, ' ');
  CHECK(Json::parse(spaces + "1")->text() == "1");
  CHECK(Json::parse(spaces + "10").error() == ErrorCode::descriptor_too_large);
  CHECK(Json::parse(std::string(1 << 20, '[')).error() == ErrorCode::descriptor_too_large);
}

TEST_CASE("P14: deep, endless and broken texts are refused, not followed") {
  CHECK_FALSE(Json::parse(std::string(60000, '[')).ok());
  CHECK(Json::parse(std::string(30000, '[') + std::string(30000, ']')).error() == ErrorCode::json_depth);
  CHECK_FALSE(Json::parse(std::string(60000, '"')).ok());
  CHECK_FALSE(Json::parse(std::string(60000, '\\')).ok());
  CHECK(Json::parse("\"" + std::string(60000, '\\') + "\"").error() == ErrorCode::descriptor_too_large);
  CHECK_FALSE(Json::parse(std::string(60000, '9')).ok());
  CHECK(Json::parse(std::string_view("1\0", 2)).error() == ErrorCode::json_syntax);
  CHECK(Json::parse(std::string_view("\"a\0b\"", 5)).error() == ErrorCode::json_syntax);
}

TEST_CASE("A text that was refused leaves nothing behind for the next one") {
  CHECK_FALSE(Json::parse("[1,2").ok());
  CHECK(Json::parse("[3]")->text() == "[3]");
  CHECK_FALSE(Json::parse(std::string(9000, '[')).ok());
  CHECK(Json::parse(std::string(9000, ' ') + "{\"b\":1,\"a\":2}")->text() == "{\"a\":2,\"b\":1}");
}

}  // namespace json_test
