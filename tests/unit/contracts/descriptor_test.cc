#include <mla/descriptor.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace descriptor_test {

using namespace mla;

namespace {

std::vector<std::string> numbers(int count) {
  std::vector<std::string> texts;
  for (int i = 0; i < count; ++i) texts.push_back(std::to_string(i));
  return texts;
}

}  // namespace

TEST_CASE("A descriptor is a set of tags and a value") {
  const ObjectDescriptor object{{"demo"}, "temp"};
  CHECK(object.canonical() == R"([["demo"],"temp"])");
  CHECK(object.to_json() == R"({"tags":["demo"],"json":"temp"})");
  CHECK(ObjectDescriptor{{"b", "a", "b"}, 1} == ObjectDescriptor{{"a", "b"}, 1.0});
  CHECK_FALSE(ObjectDescriptor{{"a"}, 1} == ObjectDescriptor{{"b"}, 1});
  CHECK(ObjectDescriptor().canonical() == "[[],null]");
  CHECK(ObjectDescriptor{{"a", "b"}, "two tags"}.tags().size() == 2);
}

TEST_CASE("Descriptors have one total order") {
  const ObjectDescriptor a{{}, 1}, b{{"a"}, 1}, c{{"a"}, 2}, d{{"a", "b"}, 0}, e{{"b"}, 0};
  const std::vector<ObjectDescriptor> rising = {a, b, c, d, e};
  for (std::size_t i = 0; i < rising.size(); ++i) {
    for (std::size_t k = 0; k < rising.size(); ++k) CHECK((rising[i] <=> rising[k]) == (i <=> k));
  }
}

TEST_CASE("A descriptor made of refused values is refused with their error") {
  CHECK(ObjectDescriptor{{"demo"}, "temp"}.check() == ErrorCode::ok);
  CHECK(ObjectDescriptor{{"\xff"}, "temp"}.check() == ErrorCode::json_encoding);
  CHECK(ObjectDescriptor{{"demo"}, 1e300}.check() == ErrorCode::json_number);
  CHECK(TagDescriptor(1e300).check() == ErrorCode::json_number);
  CHECK(TagDescriptor("demo").check() == ErrorCode::ok);
}

TEST_CASE("P13: sixteen tags and 4096 bytes are the most that a descriptor has") {
  CHECK(ObjectDescriptor::parse(numbers(16), "1").ok());
  CHECK(ObjectDescriptor::parse(numbers(17), "1").error() == ErrorCode::too_many_tags);
  std::vector<std::string> repeated = numbers(16);
  repeated.push_back("15.0");
  CHECK(ObjectDescriptor::parse(repeated, "1")->tags().size() == 16);
  // [[],"…"] has 7 bytes beside the letters, [["…"],"…"] 9.
  CHECK((ObjectDescriptor{{}, std::string(4096 - 7, 'x')}.check()) == ErrorCode::ok);
  CHECK((ObjectDescriptor{{}, std::string(4096 - 6, 'x')}.check()) == ErrorCode::descriptor_too_large);
  const std::string tag(2000, 't');
  CHECK((ObjectDescriptor{{tag}, std::string(4096 - 2009, 'x')}.check()) == ErrorCode::ok);
  CHECK((ObjectDescriptor{{tag}, std::string(4096 - 2008, 'x')}.check()) == ErrorCode::descriptor_too_large);
  CHECK((ObjectDescriptor{{tag}, std::string(4096 - 2009, 'x')}.canonical().size()) == 4096);
}

TEST_CASE("Errors of a part are the error of the whole") {
  CHECK(ObjectDescriptor::parse({"\"demo\""}, "temp").error() == ErrorCode::json_syntax);
  CHECK(ObjectDescriptor::parse({"1e400"}, "1").error() == ErrorCode::json_number);
}

TEST_CASE("P12: from the wire only the one canonical text of a descriptor is taken") {
  for (const char* text : {"[[],null]", R"([["a","b"],{"k":[1,2.5]}])", R"([["1",1,{}],0])"}) {
    CAPTURE(text);
    const auto object = ObjectDescriptor::from_canonical(text);
    REQUIRE(object.ok());
    CHECK(object->canonical() == text);
    CHECK(object->check() == ErrorCode::ok);
  }
  for (const char* text : {"",
                           " ",
                           "null",
                           "[]",
                           "[[]]",
                           "[[],null",
                           "[[],null]]",
                           "[[],null,1]",
                           "[null,[]]",
                           "[{},null]",
                           "[\"a\",null]",
                           "[[], null]",
                           " [[],null]",
                           "[[],null] ",
                           "[[],null]\n",
                           R"([["b","a"],1])",
                           R"([["a","a"],1])",
                           R"([["\u0061"],1])",
                           "[[1.0],1]",
                           "[[],1e0]",
                           "[[],-0]",
                           "[[],1e400]",
                           R"([[],{"b":1,"a":1}])",
                           R"([[],{"a":1,"a":1}])",
                           R"([[1,"1"],0])",
                           "[[],\"\\ud800\"]",
                           "[[],\"\xff\"]",
                           "[[1,2],]",
                           "[[1],2,]",
                           "[[1,],2]"}) {
    CAPTURE(text);
    CHECK(ObjectDescriptor::from_canonical(text).error() == ErrorCode::bad_descriptor);
  }
}

TEST_CASE("P13: from the wire neither more tags, nor more bytes, nor more depth are taken") {
  std::string sixteen = "[[10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25],0]", seventeen = sixteen;
  seventeen.insert(seventeen.find(']'), ",26");
  CHECK(ObjectDescriptor::from_canonical(sixteen).ok());
  CHECK(ObjectDescriptor::from_canonical(seventeen).error() == ErrorCode::bad_descriptor);
  const std::string full = "[[],\"" + std::string(4096 - 7, 'x') + "\"]";
  CHECK(ObjectDescriptor::from_canonical(full).ok());
  CHECK(ObjectDescriptor::from_canonical("[[],\"x" + full.substr(5)).error() == ErrorCode::bad_descriptor);
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(ObjectDescriptor::from_canonical("[[" + nested(16) + "]," + nested(16) + "]").ok());
  CHECK_FALSE(ObjectDescriptor::from_canonical("[[" + nested(17) + "],0]").ok());
  CHECK_FALSE(ObjectDescriptor::from_canonical("[[]," + nested(17) + "]").ok());
  CHECK_FALSE(ObjectDescriptor::from_canonical(std::string(4000, '[')).ok());
}

}  // namespace descriptor_test
