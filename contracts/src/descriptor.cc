#include <mla/descriptor.h>

#include <algorithm>
#include <utility>

#include "contracts/src/json_canonical.h"

namespace mla {
namespace {

// Takes descriptor text apart from left to right, comparing it with what canonical text would be.
class Expectation {
 public:
  explicit Expectation(std::string_view text) : rest_(text) {}
  bool take(std::string_view expected) {
    if (rest_.substr(0, expected.size()) != expected) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::string join_tags(const std::vector<TagDescriptor>& tags) {
  std::string text = "[";
  for (const TagDescriptor& tag : tags) {
    if (text.size() > 1) text += ',';
    text += tag.json.text();
  }
  return text += ']';
}

}  // namespace

ErrorCode TagDescriptor::check() const {
  return json.error();
}

ObjectDescriptor::ObjectDescriptor(std::vector<TagDescriptor> tags, Json json)
    : tags_(std::move(tags)), json_(std::move(json)) {
  std::sort(tags_.begin(), tags_.end());
  tags_.erase(std::unique(tags_.begin(), tags_.end()), tags_.end());
  canonical_ = "[" + join_tags(tags_) + "," + json_.text() + "]";
}

Result<ObjectDescriptor> ObjectDescriptor::parse(const std::vector<std::string>& tags,
                                                 std::string_view json) {
  std::vector<TagDescriptor> parsed;
  for (const std::string& tag : tags) {
    Result<Json> value = Json::parse(tag);
    if (!value) return value.error();
    parsed.emplace_back(*std::move(value));
  }
  Result<Json> value = Json::parse(json);
  if (!value) return value.error();
  ObjectDescriptor descriptor(std::move(parsed), *std::move(value));
  if (const ErrorCode error = descriptor.check(); error != ErrorCode::ok) return error;
  return descriptor;
}

Result<ObjectDescriptor> ObjectDescriptor::from_canonical(std::string_view text) {
  constexpr ErrorCode kBad = ErrorCode::bad_descriptor;
  if (text.size() > detail::kMaxCanonicalBytes) return kBad;
  simdjson::dom::element root;
  if (detail::parse_json(text, &root) != ErrorCode::ok) return kBad;
  simdjson::dom::array pair, tags;
  if (root.get(pair) != simdjson::SUCCESS || pair.size() != 2) return kBad;
  if (pair.at(0).get(tags) != simdjson::SUCCESS || tags.size() > detail::kMaxTags) return kBad;

  ObjectDescriptor descriptor;
  descriptor.tags_.reserve(tags.size());
  Expectation expectation(text);
  if (!expectation.take("[[")) return kBad;
  for (const simdjson::dom::element tag : tags) {
    std::string canonical;
    if (detail::append_canonical(tag, text, canonical) != ErrorCode::ok) return kBad;
    if (!descriptor.tags_.empty()) {
      if (descriptor.tags_.back().json.text() >= canonical || !expectation.take(",")) return kBad;
    }
    if (!expectation.take(canonical)) return kBad;
    descriptor.tags_.emplace_back(Json::from_canonical(std::move(canonical)));
  }
  std::string canonical;
  if (detail::append_canonical(pair.at(1).value_unsafe(), text, canonical) != ErrorCode::ok) return kBad;
  if (!expectation.take("],") || !expectation.take(canonical) || !expectation.take("]") ||
      !expectation.done())
    return kBad;
  descriptor.json_ = Json::from_canonical(std::move(canonical));
  descriptor.canonical_ = text;
  return descriptor;
}

ErrorCode ObjectDescriptor::check() const {
  std::size_t bytes = 5 + json_.text().size();  // [[],]
  if (!tags_.empty()) bytes += tags_.size() - 1;
  for (const TagDescriptor& tag : tags_) {
    if (tag.check() != ErrorCode::ok) return tag.check();
    bytes += tag.json.text().size();
  }
  if (!json_.valid()) return json_.error();
  if (tags_.size() > detail::kMaxTags) return ErrorCode::too_many_tags;
  return bytes > detail::kMaxCanonicalBytes ? ErrorCode::descriptor_too_large : ErrorCode::ok;
}

std::string ObjectDescriptor::to_json() const {
  return "{\"tags\":" + join_tags(tags_) + ",\"json\":" + json_.text() + "}";
}

std::strong_ordering ObjectDescriptor::operator<=>(const ObjectDescriptor& other) const {
  const std::size_t both = std::min(tags_.size(), other.tags_.size());
  for (std::size_t i = 0; i < both; ++i) {
    if (const auto order = tags_[i] <=> other.tags_[i]; order != 0) return order;
  }
  if (const auto order = tags_.size() <=> other.tags_.size(); order != 0) return order;
  return json_ <=> other.json_;
}

}  // namespace mla
