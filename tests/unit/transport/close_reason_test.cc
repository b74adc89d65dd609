#include "exchange/transport/close_reason.h"

#include <catch2/catch.hpp>
#include <string>

#include "exchange/transport/refusal.h"

namespace mla::transport {

TEST_CASE("every error survives the way through a close frame") {
#define MLA_ERROR(name, number, group, text) \
  CHECK(from_close_code(to_close_code(ErrorCode::name)) == ErrorCode::name);
#include "mla/errors.def"
#undef MLA_ERROR
  CHECK(to_close_code(ErrorCode::ok) == 1000);
  CHECK(to_close_code(ErrorCode::text_message) == 4607);
}

TEST_CASE("close codes of others are understood") {
  CHECK(from_close_code(0) == ErrorCode::ok);
  CHECK(from_close_code(1001) == ErrorCode::ok);
  CHECK(from_close_code(1002) == ErrorCode::bad_frame);
  CHECK(from_close_code(1009) == ErrorCode::message_too_large);
  CHECK(from_close_code(1006) == ErrorCode::link_lost);
  CHECK(from_close_code(3000) == ErrorCode::link_lost);
  CHECK(from_close_code(4999) == ErrorCode::link_lost);
  CHECK(from_close_code(65535) == ErrorCode::link_lost);
}

TEST_CASE("a detail is made to fit a close frame") {
  CHECK(close_detail("short") == "short");
  CHECK(close_detail(std::string(200, 'x')) == std::string(123, 'x'));
  CHECK(close_detail(std::string(122, 'x') + "é") == std::string(122, 'x'));
  CHECK(close_detail(std::string(121, 'x') + "é") == std::string(121, 'x') + "é");
  CHECK(close_detail("a\xff\xc3-\xed\xa0\x80\xf5z") ==
        "a?"
        "?-?"
        "?"
        "?"
        "?z");
  CHECK(close_detail("€ 😀") == "€ 😀");
}

TEST_CASE("a refusal is one header") {
  CHECK(to_refusal(ErrorCode::bad_origin, "not you") == "401 not you");
  const auto refusal = from_refusal("401 not you");
  REQUIRE(refusal.has_value());
  CHECK(refusal->first == ErrorCode::bad_origin);
  CHECK(refusal->second == "not you");
  CHECK(from_refusal("402")->first == ErrorCode::bad_host);
  for (const std::string text : {"", "x", "0 fine", "401x", "12345 y", "99999999999 z", "-1", " 401"}) {
    INFO(text);
    CHECK_FALSE(from_refusal(text).has_value());
  }
}

}  // namespace mla::transport
