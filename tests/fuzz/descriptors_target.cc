#include <mla/descriptor.h>
#include <mla/json.h>
#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/heap_meter.h"
#include "tests/fuzz/require.h"

// Any bytes as JSON, as an object's canonical text, and, line by line, as tags and a JSON. What is refused is refused by
// every way in; what is taken has one canonical text, which says the same and is its own canonical text.
using namespace mla;
using mla::test::HeapMeter;
using mla::test::require;
using simdjson::dom::element;
using simdjson::dom::element_type;

namespace {

constexpr std::size_t kFromPeers = 4096;  // no peer's descriptor or tag is longer
// Fields of a JSON object are sorted as pairs of 32 B each, which is more than 4 × their text. Bounded by the longest text.
constexpr std::int64_t kRoom = 64 << 10;

double number_of(element value) {
  if (value.is<std::int64_t>()) return static_cast<double>(value.get_int64().value_unsafe());
  return value.get_double().value_unsafe();
}

/// The same value, apart from the order of an object's keys.
bool same(element a, element b) {
  const auto is_number = [](element e) {
    return e.type() == element_type::INT64 || e.type() == element_type::DOUBLE;
  };
  if (is_number(a)) return is_number(b) && number_of(a) == number_of(b);
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case element_type::ARRAY: {
      const auto x = a.get_array().value_unsafe(), y = b.get_array().value_unsafe();
      return std::equal(x.begin(), x.end(), y.begin(), y.end(), same);
    }
    case element_type::OBJECT: {
      const auto x = a.get_object().value_unsafe(), y = b.get_object().value_unsafe();
      if (x.size() != y.size()) return false;
      for (const auto field : x) {
        element other;
        if (y.at_key(field.key).get(other) != simdjson::SUCCESS || !same(field.value, other)) return false;
      }
      return true;
    }
    case element_type::STRING:
      return a.get_string().value_unsafe() == b.get_string().value_unsafe();
    case element_type::BOOL:
      return a.get_bool().value_unsafe() == b.get_bool().value_unsafe();
    default:
      return true;
  }
}

void as_json(std::string_view text) {
  HeapMeter heap;
  Result<Json> parsed = ErrorCode::json_syntax;
  {
    const HeapMeter::Counting counting(heap);
    parsed = Json::parse(text);
  }
  if (text.size() <= kFromPeers)
    require(heap.peak() <= kRoom + 4 * static_cast<std::int64_t>(text.size()), "JSON takes too much memory");
  if (!parsed) return require(parsed.error() != ErrorCode::ok, "refused without a reason");
  const std::string& canonical = parsed->text();
  require(canonical.size() <= kFromPeers, "canonical text is too long");
  const auto again = Json::parse(canonical);
  require(again.ok() && again->text() == canonical, "canonical text is not its own canonical text");
  thread_local simdjson::dom::parser one, other;
  element said, kept;
  require(one.parse(text.data(), text.size()).get(said) == simdjson::SUCCESS, "taken, but no JSON");
  require(other.parse(canonical).get(kept) == simdjson::SUCCESS && same(said, kept), "canonical text says another thing");
}

void as_string(std::string_view text) {
  const Json json(text);
  if (!json.valid()) return require(json.error() != ErrorCode::ok, "refused without a reason");
  thread_local simdjson::dom::parser parser;
  std::string_view read;
  require(parser.parse(json.text()).get_string().get(read) == simdjson::SUCCESS && read == text,
          "a string is another one when it is read");
  const auto again = Json::parse(json.text());
  require(again.ok() && *again == json, "a string's text is not canonical");
}

void as_canonical(std::string_view text) {
  HeapMeter heap;
  Result<ObjectDescriptor> parsed = ErrorCode::json_syntax;
  {
    const HeapMeter::Counting counting(heap);
    parsed = ObjectDescriptor::from_canonical(text);
  }
  require(heap.peak() <= kRoom + 4 * static_cast<std::int64_t>(text.size()), "a descriptor takes too much memory");
  const auto json = Json::parse(text);
  if (!parsed) return;
  require(parsed->canonical() == text, "a descriptor is another one when it is sent on");
  require(parsed->check() == ErrorCode::ok, "a descriptor is taken that names nothing");
  const auto& tags = parsed->tags();
  require(std::adjacent_find(tags.begin(), tags.end(), std::greater_equal<>()) == tags.end(), "tags are no sorted set");
  for (const auto& tag : tags) require(Json::parse(tag.json.text()).ok(), "a tag that is no JSON");
  // The pair around its tags and its JSON adds to the depth.
  require((json.ok() && json->text() == text) || json.error() == ErrorCode::json_depth,
          "a descriptor is taken whose text is refused");
}

void as_tags_and_json(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  const std::string json = lines.back();
  lines.pop_back();
  const auto parsed = ObjectDescriptor::parse(lines, json);
  if (!lines.empty()) lines.push_back(lines.front());
  std::reverse(lines.begin(), lines.end());
  const auto shuffled = ObjectDescriptor::parse(lines, json);
  require(parsed.ok() == shuffled.ok(), "the order of tags decides");
  if (!parsed) return;
  require(*parsed == *shuffled, "the order of tags makes another object");
  const auto again = ObjectDescriptor::from_canonical(parsed->canonical());
  require(again.ok() && *again == *parsed, "a descriptor cannot be read from its text");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // A thread's parser is made once, and belongs to no peer.
  static const bool warm = Json::parse("0").ok();
  require(warm, "0 is no JSON");
  as_json(text);
  as_string(text);
  as_canonical(text);
  as_tags_and_json(text);
  return 0;
}
