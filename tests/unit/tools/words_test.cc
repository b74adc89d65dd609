#include "tools/mla/words.h"

#include <catch2/catch.hpp>

namespace words_test {

using namespace mla;
using namespace mla::cli;

namespace {

std::string value(std::string_view text) {
  const auto parsed = parse_value(text);
  if (const auto* error = std::get_if<UsageError>(&parsed)) return "refused: " + error->message;
  return std::get<Json>(parsed).text();
}

std::string target(const std::optional<std::string>& object, const std::vector<std::string>& tags) {
  const auto parsed = parse_target(object, tags);
  if (const auto* error = std::get_if<UsageError>(&parsed)) return "refused: " + error->message;
  const auto& t = std::get<Target>(parsed);
  if (const auto* tag = std::get_if<TagDescriptor>(&t)) return "tag " + tag->json.text();
  return "object " + std::get<ObjectDescriptor>(t).canonical();
}

}  // namespace

TEST_CASE("A word that is no JSON stands for a string") {
  CHECK(value("temp") == R"("temp")");
  CHECK(value("room 7") == R"("room 7")");
  CHECK(value("007") == R"("007")");
  CHECK(value("-") == R"("-")");
  CHECK(value("") == R"("")");
  CHECK(value("true") == "true");
  CHECK(value("1.0") == "1");
  CHECK(value(R"("temp")") == R"("temp")");
  CHECK(value(R"({"b":1,"a":2})") == R"({"a":2,"b":1})");
}

TEST_CASE("What begins like JSON and is none is refused, not taken as a string") {
  CHECK(value(R"({"a":)") == R"(refused: "{\"a\":": the text is not JSON)");
  CHECK(value(" [1,").starts_with("refused:"));
  CHECK(value(R"("open)").starts_with("refused:"));
  CHECK(value("1e400").starts_with("refused:"));
  CHECK(value("9007199254740993").starts_with("refused:"));
  CHECK(value("a\xFF").starts_with("refused:"));
  CHECK(value(R"({"a":1,"a":2})").starts_with("refused:"));
  CHECK(value(std::string(5000, 'x')).starts_with("refused:"));
}

TEST_CASE("An object has any number of tags, a tag contract exactly one") {
  CHECK(target("temp", {}) == R"(object [[],"temp"])");
  CHECK(target("temp", {"b", "a", "b"}) == R"(object [["a","b"],"temp"])");
  CHECK(target({}, {"demo"}) == R"(tag "demo")");
  CHECK(target({}, {}).starts_with("refused: without OBJECT"));
  CHECK(target({}, {"a", "b"}).starts_with("refused: without OBJECT"));
  CHECK(target("temp", {"{"}).starts_with("refused: tag"));
  CHECK(target("{", {}).starts_with("refused: object"));
  CHECK(target("temp",
               {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17"})
            .starts_with("refused:"));
}

TEST_CASE("Values are shown as one would type them") {
  for (const char* text : {"temp", "a/b:c.d-e_f", "true", "1", R"("true")", R"("1")", R"("two words")",
                           R"({"a":"b"})", "[]", R"("")", R"("-x")"})
    CHECK(show_value(std::get<Json>(parse_value(text))) == text);
}

TEST_CASE("What is shown holds nothing that a terminal would obey") {
  CHECK(show_value(Json("a\x1b[31m")) == R"("a\u001b[31m")");
  CHECK(show_value(Json("a\x7f")) == R"("a\u007f")");
  CHECK(show_value(Json("a\xC2\x9B"
                        "31m")) == R"("a\u009b31m")");
  CHECK(show_value(Json("\xC2\xA0\xC3\x9Bn")) == "\"\xC2\xA0\xC3\x9Bn\"");
}

TEST_CASE("An object is shown with the tags that are not known already") {
  const ObjectDescriptor object({TagDescriptor("demo"), TagDescriptor(7)}, "temp");
  CHECK(show_object(object) == "temp [demo 7]");
  CHECK(show_object(object, {TagDescriptor("demo")}) == "temp [7]");
  CHECK(show_object(object, object.tags()) == "temp");
}

}  // namespace words_test
