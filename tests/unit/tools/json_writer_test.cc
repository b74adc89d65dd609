#include "contracts/json_writer.h"

#include <catch2/catch.hpp>
#include <limits>

namespace json_writer_test {

using mla::append_json_string;
using mla::JsonWriter;

namespace {
std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}
}  // namespace

TEST_CASE("The writer puts commas and colons where JSON wants them") {
  JsonWriter w;
  w.begin_object()
      .member("a", 1)
      .key("b")
      .begin_array()
      .value("x")
      .value(true)
      .null()
      .begin_object()
      .end_object()
      .end_array();
  w.key("c").raw("[1,2]").member("d", 0.5).end_object();
  CHECK(w.text() == R"({"a":1,"b":["x",true,null,{}],"c":[1,2],"d":0.5})");
}

TEST_CASE("Numbers that JSON does not know are written as null") {
  JsonWriter w;
  w.begin_array()
      .value(std::numeric_limits<double>::infinity())
      .value(std::numeric_limits<double>::quiet_NaN())
      .end_array();
  CHECK(w.text() == "[null,null]");
}

TEST_CASE("Numbers are as short as they read back the same, of any magnitude, laid out as in JavaScript") {
  JsonWriter w;
  w.begin_array().value(1e5).value(-0.0).value(0.1).value(-2.5e-7).value(9007199254740992.0).value(1e20).value(-1.5e300);
  CHECK(w.end_array().text() == "[100000,0,0.1,-2.5e-7,9007199254740992,100000000000000000000,-1.5e+300]");
}

TEST_CASE("Strings are escaped") {
  CHECK(quoted("a\"b\\c\n\t\x01\x7f") == "\"a\\\"b\\\\c\\n\\t\\u0001\\u007f\"");
  CHECK(quoted("grün 𝄞") == "\"grün 𝄞\"");
}

TEST_CASE("Bytes that are not UTF-8 are replaced, so that the text stays JSON") {
  const std::string r = "\xEF\xBF\xBD";
  CHECK(quoted("a\xFF"
               "b") == "\"a" + r + "b\"");
  CHECK(quoted("\xC0\xAF") == "\"" + r + r + "\"");          // overlong
  CHECK(quoted("\xED\xA0\x80") == "\"" + r + r + r + "\"");  // a surrogate
  CHECK(quoted("\xE2\x82") == "\"" + r + r + "\"");          // cut short
}

}  // namespace json_writer_test
