#include "exchange/codec/text.h"

#include <catch2/catch.hpp>

namespace text_test {

using namespace mla::codec;

TEST_CASE("well-formed UTF-8 is told from the rest") {
  for (const char* good :
       {"", "a", "é", "€", "𝄞", "\x7f", "\xc2\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    INFO(good);
    CHECK(valid_utf8(good));
  }
  for (const char* bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
                          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3",
                          "\xe2\x82", "\xf0\x9d\x84", "\xc3 ", "\xe2\x82 ", "\xf0\x9d\x84 "}) {
    INFO(bad);
    CHECK_FALSE(valid_utf8(bad));
  }
}

TEST_CASE("cleaning keeps what is well-formed, between whole characters") {
  CHECK(clean_text("a€b", 5) == "a€b");
  CHECK(clean_text("a€b", 4) == "a€");
  CHECK(clean_text("a€b", 3) == "a");
  CHECK(clean_text("\xe2\x82", 5) == "??");
  CHECK(clean_text("\xff\xff\xff", 2) == "??");
}

}  // namespace text_test
