#include "exchange/describe/question.h"

#include <catch2/catch.hpp>

#include "exchange/describe/names.h"

namespace question_test {

using namespace mla;
using namespace mla::description;

namespace {

std::variant<Question, BadQuestion> parsed(const char* text) {
  auto json = Json::parse(text);
  REQUIRE(json.ok());
  return parse_question(*json);
}

std::string refusal(const char* text) {
  const auto result = parsed(text);
  const auto* bad = std::get_if<BadQuestion>(&result);
  return bad ? bad->why : "(taken)";
}

}  // namespace

TEST_CASE("describe: a question reads back as it was written") {
  const ObjectDescriptor object({TagDescriptor("demo"), TagDescriptor(7)}, *Json::parse(R"({"b":0.1,"a":[1.5,"x"]})"));
  const auto why = parse_question(to_json(AskWhy{object}));
  REQUIRE(std::holds_alternative<Question>(why));
  CHECK(std::get<AskWhy>(std::get<Question>(why)).object == object);

  const auto list = parse_question(to_json(AskObjects{{17, 3}, "a\"b", true}));
  REQUIRE(std::holds_alternative<Question>(list));
  const auto& objects = std::get<AskObjects>(std::get<Question>(list));
  CHECK(objects.page.after == 17u);
  CHECK(objects.page.limit == 3);
  CHECK(objects.match == "a\"b");
  CHECK(objects.all);

  const auto tags = parse_question(to_json(AskTags{}));
  REQUIRE(std::holds_alternative<Question>(tags));
  const auto& plain = std::get<AskTags>(std::get<Question>(tags));
  CHECK_FALSE(plain.page.after);
  CHECK(plain.page.limit == kPage);
  CHECK_FALSE(plain.all);
}

TEST_CASE("describe: what is no question is refused with the reason") {
  CHECK(refusal(R"("objects")") == "a question is a JSON object");
  CHECK(refusal(R"({"$mla":7})") == "$mla wants a text");
  CHECK(refusal(R"({"$mla":"obejcts"})") == "unknown question; there are objects, tags, links and why");
  CHECK(refusal(R"({})") == "unknown question; there are objects, tags, links and why");
  CHECK(refusal(R"({"$mla":"objects","limit":0})") == "limit wants a number from 1 to 500");
  CHECK(refusal(R"({"$mla":"objects","limit":501})") == "limit wants a number from 1 to 500");
  CHECK(refusal(R"({"$mla":"objects","after":-1})") == "after wants the number that an answer gave as next");
  CHECK(refusal(R"({"$mla":"objects","match":1})") == "match wants a text");
  CHECK(refusal(R"({"$mla":"objects","all":1})") == "all wants true or false");
  CHECK(refusal(R"({"$mla":"objects","x":1})") == "unknown member \"x\"");
  CHECK(refusal(R"({"$mla":"objects","object":{"tags":[],"json":1}})") == "object goes with why");
  CHECK(refusal(R"({"$mla":"why"})") == "why wants an object");
  CHECK(refusal(R"({"$mla":"why","object":{"tags":[]}})") == R"(object wants {"tags":[…],"json":…})");
  CHECK(refusal(R"({"$mla":"why","object":{"json":1,"tags":[],"more":1}})") == R"(object wants {"tags":[…],"json":…})");
}

TEST_CASE("describe: an object too long to ask about gives no question") {
  const ObjectDescriptor object({}, Json(std::string(4080, 'x')));
  REQUIRE(object.check() == ErrorCode::ok);
  CHECK_FALSE(to_json(AskWhy{object}).valid());
}

TEST_CASE("describe: node ids are 16 hex digits in names, and nothing else reads as one") {
  const NodeId id{0xF0000000000000ABu};
  CHECK(node_object(id).to_json() ==
        R"({"tags":[{"$mla":"node"}],"json":{"$mla":"node","id":"f0000000000000ab"}})");
  CHECK(node_object(id).check() == ErrorCode::ok);
  CHECK(query_tag(id).json.text() == R"({"$mla":"query","node":"f0000000000000ab"})");
  CHECK(parse_node_id("f0000000000000ab") == id);
  for (const char* no : {"", "f0000000000000a", "f0000000000000abc", "F0000000000000AB", "f0000000000000ag"})
    CHECK_FALSE(parse_node_id(no));
}

}  // namespace question_test
