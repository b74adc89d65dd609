#include <mla/permission.h>

#include <catch2/catch.hpp>

namespace permission_test {

using namespace mla;

namespace {

Json json(const char* text) {
  return *Json::parse(text);
}
const Principal kAnybody;
const Principal kAdmin{"root", true};

}  // namespace

TEST_CASE("Reserved are objects with a key that starts with $mla, and nothing else") {
  for (const char* text :
       {R"({"$mla":"node"})", R"({"$mla":"node","id":4})", R"({"a":[1,{"b":2}],"$mla-x":null})",
        R"({"\u0024mla":1})", R"({"!":"a\\\"b","$mlab":{}})", R"({"#":[],"$mla":1})"}) {
    CAPTURE(text);
    CHECK(is_reserved(json(text)));
  }
  for (const char* text :
       {R"("$mla")", R"(["$mla"])", R"([{"$mla":1}])", R"({})", R"({"$ml":1})", R"({"mla":1})",
        R"({"a":"$mla"})", R"({"a":{"$mla":1}})", R"({"a":["x","$mla"]})", R"({"a":"\",\"$mla\":1"})",
        R"({"x$mla":1})", R"({"a":[1,{"$mla":1}],"b":"{\"$mla\":1}"})", "null"}) {
    CAPTURE(text);
    CHECK_FALSE(is_reserved(json(text)));
  }
  CHECK_FALSE(is_reserved(Json("\xff")));
}

TEST_CASE("Without rules everybody may observe and expose all that is not reserved") {
  for (const Operation operation : {Operation::observe, Operation::expose}) {
    CHECK(check(kAnybody, operation, TagDescriptor("demo")) == Permission::granted);
    CHECK(check(kAnybody, operation, ObjectDescriptor{{"demo"}, "temp"}) == Permission::granted);
    CHECK(check(kAnybody, operation, TagDescriptor(json(R"({"$mla":"node"})"))) == Permission::reserved);
    CHECK(check(kAnybody, operation, ObjectDescriptor{{"demo"}, json(R"({"$mla":"node"})")}) ==
          Permission::reserved);
    CHECK(check(kAnybody, operation, ObjectDescriptor{{"demo", json(R"({"$mla":"node"})")}, 1}) ==
          Permission::reserved);
    CHECK(check(kAdmin, operation, ObjectDescriptor{{}, json(R"({"$mla":"node"})")}) == Permission::granted);
    CHECK(check(kAdmin, operation, TagDescriptor(json(R"({"$mla":"node"})"))) == Permission::granted);
  }
}

TEST_CASE("To administrate needs an administrator") {
  CHECK(check(kAnybody, Operation::admin, ObjectDescriptor{}) == Permission::denied);
  CHECK(check(kAdmin, Operation::admin, ObjectDescriptor{}) == Permission::granted);
}

TEST_CASE("A refusal has an error that says why") {
  CHECK(to_error(Permission::granted) == ErrorCode::ok);
  CHECK(to_error(Permission::reserved) == ErrorCode::reserved_descriptor);
  CHECK(to_error(Permission::denied) == ErrorCode::permission_denied);
  CHECK(to_string(Permission::reserved) == "reserved");
  CHECK(to_string(Operation::expose) == "expose");
}

}  // namespace permission_test
