// P12: which text names what, as Node and Python say it (make_identity_vectors.py). Other languages read the
// same file.
#include <mla/descriptor.h>
#include <mla/json.h>
#include <simdjson.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace identity_vectors_test {

using namespace mla;

namespace {

struct Vector {
  std::string kind, input, canonical, error, json, value, form;
  std::uint64_t bits = 0;
  std::vector<std::string> tags;
};

std::string bytes_of_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

std::vector<Vector> read_vectors() {
  std::ifstream file(MLA_IDENTITY_VECTORS);
  REQUIRE(file);
  std::vector<Vector> vectors;
  simdjson::dom::parser parser;
  for (std::string line; std::getline(file, line);) {
    const simdjson::dom::object object = parser.parse(line);
    Vector vector;
    for (const auto& [key, value] : object) {
      if (key == "tags") {
        for (const std::string_view tag : value.get_array()) vector.tags.emplace_back(tag);
        continue;
      }
      const std::string text(std::string_view{value});
      if (key == "kind") vector.kind = text;
      if (key == "input") vector.input = text;
      if (key == "input_hex") vector.input = bytes_of_hex(text);
      if (key == "canonical") vector.canonical = text;
      if (key == "error") vector.error = text;
      if (key == "json") vector.json = text;
      if (key == "value") vector.value = text;
      if (key == "form") vector.form = text;
      if (key == "bits") std::from_chars(text.data(), text.data() + text.size(), vector.bits, 16);
    }
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

std::vector<Vector> vectors_of(std::string_view kind, std::size_t at_least) {
  std::vector<Vector> chosen;
  for (Vector& vector : read_vectors()) {
    if (vector.kind == kind) chosen.push_back(std::move(vector));
  }
  REQUIRE(chosen.size() >= at_least);
  return chosen;
}

// Canonical text is its own canonical text.
void check_parse(const Vector& vector) {
  CAPTURE(vector.input.substr(0, 200));
  const auto json = Json::parse(vector.input);
  REQUIRE(json.ok());
  CHECK(json->text() == vector.canonical);
  const auto again = Json::parse(vector.canonical);
  REQUIRE(again.ok());
  CHECK(again->text() == vector.canonical);
}

}  // namespace

TEST_CASE("P12: numbers are written as ECMAScript writes them, whatever their spelling") {
  for (const Vector& vector : vectors_of("number", 400)) {
    check_parse(vector);
    double value;  // no std::bit_cast: the tests are built for WebAssembly too, by an older library
    std::memcpy(&value, &vector.bits, sizeof value);
    CHECK(Json(value).text() == vector.canonical);
  }
}

TEST_CASE("P12: strings are written as ECMAScript writes them, whatever their escapes") {
  for (const Vector& vector : vectors_of("string", 200)) {
    check_parse(vector);
    CHECK(Json(vector.value).text() == vector.canonical);
  }
}

TEST_CASE("P12: keys are ordered by their UTF-16 code units") {
  for (const Vector& vector : vectors_of("keys", 50)) check_parse(vector);
}

TEST_CASE("P12: values of all kinds have one text") {
  for (const Vector& vector : vectors_of("value", 60)) check_parse(vector);
}

TEST_CASE("P12: tags are a set, and a descriptor has one text") {
  for (const Vector& vector : vectors_of("tags", 50)) {
    CAPTURE(vector.canonical.substr(0, 200));
    const auto object = ObjectDescriptor::parse(vector.tags, vector.json);
    REQUIRE(object.ok());
    CHECK(object->canonical() == vector.canonical);
    const auto received = ObjectDescriptor::from_canonical(vector.canonical);
    REQUIRE(received.ok());
    CHECK(*received == *object);
  }
}

TEST_CASE("P12: what names nothing is refused, with the right error") {
  std::map<std::string, int> counts;
  for (const Vector& vector : vectors_of("refusal", 240)) {
    CAPTURE(vector.input.substr(0, 200));
    ++counts[vector.error];
    const auto json = Json::parse(vector.input);
    REQUIRE_FALSE(json.ok());
    CHECK(to_string(json.error()) == vector.error);
  }
  for (const char* kind : {"json_syntax", "json_number", "json_duplicate_key", "json_encoding", "json_depth",
                           "descriptor_too_large"}) {
    CAPTURE(kind);
    CHECK(counts[kind] >= 40);
  }
}

TEST_CASE("P12: objects with too many tags or of too many bytes are refused") {
  std::map<std::string, int> counts;
  for (const Vector& vector : vectors_of("tags_refusal", 80)) {
    ++counts[vector.error];
    CHECK(to_string(ObjectDescriptor::parse(vector.tags, vector.json).error()) == vector.error);
  }
  CHECK(counts["too_many_tags"] >= 40);
  CHECK(counts["descriptor_too_large"] >= 40);
}

TEST_CASE("1B: the identity vectors have every power of ten and RFC 8785's appendix") {
  std::map<std::uint64_t, std::string> numbers;
  std::size_t refused_tens = 0;
  for (const Vector& vector : read_vectors()) {
    if (vector.kind == "number") numbers[vector.bits] = vector.canonical;
    if (vector.kind == "refusal" && vector.error == "json_number" && (vector.input == "1e16" || vector.input == "1e17"))
      ++refused_tens;
  }
  CHECK(numbers.size() >= 250);
  CHECK(refused_tens == 2);  // above 2^53 nothing has a name
  for (int power = -8; power <= 15; ++power) {
    CAPTURE(power);
    const std::string text = "1e" + std::to_string(power);
    const double value = std::stod(text);
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    CHECK(numbers.count(bits));
  }
  // Appendix B, bits and text as printed there; the rest of it lies above 2^53, is infinite, or is no number.
  const std::map<std::uint64_t, std::string> appendix{{0x0000000000000000, "0"},
                                                      {0x8000000000000000, "0"},
                                                      {0x0000000000000001, "5e-324"},
                                                      {0x8000000000000001, "-5e-324"},
                                                      {0x4340000000000000, "9007199254740992"},
                                                      {0xc340000000000000, "-9007199254740992"},
                                                      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
                                                      {0x3eb0c6f7a0b5ed8d, "0.000001"},
                                                      {0x41b3de4355555553, "333333333.3333332"},
                                                      {0x41b3de4355555554, "333333333.33333325"},
                                                      {0x41b3de4355555555, "333333333.3333333"},
                                                      {0x41b3de4355555556, "333333333.3333334"},
                                                      {0x41b3de4355555557, "333333333.33333343"},
                                                      {0xbecbf647612f3696, "-0.0000033333333333333333"},
                                                      {0x43143ff3c1cb0959, "1424953923781206.2"}};
  for (const auto& [bits, text] : appendix) {
    CAPTURE(text);
    CHECK(numbers[bits] == text);
  }
}

TEST_CASE("1B: the identity vectors have enough of each kind of string, key order and set of tags") {
  std::map<std::string, std::size_t> counts;
  std::string nfc;
  for (const Vector& vector : read_vectors()) {
    const auto has = [&](std::string_view what) { return vector.canonical.find(what) != std::string::npos; };
    ++counts[vector.kind];
    if (vector.kind == "string") {
      counts["escapes in the text"] += vector.input.find('\\') != std::string::npos;
      counts["escapes that stay"] += has("\\");
      counts["surrogates"] += has("\xf0") || has("\xf4");
      counts["U+2028"] += has("\u2028");
      if (vector.form == "nfc") nfc = vector.canonical;
      counts["composed and decomposed"] += vector.form == "nfd" && vector.canonical != nfc;
    }
    // Beyond the surrogates in UTF-8, but not in UTF-16: a key where the two orders can differ.
    if (vector.kind == "keys")
      counts["keys that tell UTF-16 from UTF-8"] += has("\xf0") && (has("\xee") || has("\xef"));
    if (vector.kind == "tags") {
      auto sorted = vector.tags;
      std::sort(sorted.begin(), sorted.end());
      counts["tags in another order"] += sorted != vector.tags;
      counts["tags said twice"] += std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
    }
  }
  const std::map<std::string, std::size_t> least{
      {"number", 250},        {"string", 200},           {"keys", 50},
      {"tags", 50},           {"escapes in the text", 100}, {"escapes that stay", 50},
      {"surrogates", 20},     {"U+2028", 10},            {"composed and decomposed", 12},
      {"value", 60},          {"tags said twice", 20},   {"tags in another order", 40},
      {"keys that tell UTF-16 from UTF-8", 20}};
  for (const auto& [what, n] : least) {
    CAPTURE(what, counts[what]);
    CHECK(counts[what] >= n);
  }
}

TEST_CASE("P14: a damaged descriptor is refused, or is itself canonical") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 generator(seed);
  int taken = 0, refused = 0;
  for (const Vector& vector : vectors_of("tags", 50)) {
    for (int i = 0; i < 200; ++i) {
      std::string text = vector.canonical;
      const std::size_t at = generator() % text.size();
      constexpr std::string_view kLikely = "[]{},:\"\\0123456789.eE-+ \nntfu";
      switch (generator() % 4) {
        case 0:
          text.erase(at, 1 + generator() % 3);
          break;
        case 1:
          text[at] = kLikely[generator() % kLikely.size()];
          break;
        case 2:
          text.insert(at, 1, kLikely[generator() % kLikely.size()]);
          break;
        default:
          text[at] = static_cast<char>(generator());
      }
      CAPTURE(text);
      const auto object = ObjectDescriptor::from_canonical(text);
      if (!object) {
        ++refused;
        REQUIRE(object.error() == ErrorCode::bad_descriptor);
        continue;
      }
      ++taken;
      REQUIRE(object->canonical() == text);
      REQUIRE(object->check() == ErrorCode::ok);
      REQUIRE(Json::parse(object->json().text())->text() == object->json().text());
    }
  }
  CHECK(taken > 100);
  CHECK(refused > 100);
}

}  // namespace identity_vectors_test
