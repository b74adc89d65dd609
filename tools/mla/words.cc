#include "tools/mla/words.h"

#include <algorithm>

#include "contracts/json_writer.h"
#include "tools/mla/json_text.h"

namespace mla::cli {
namespace {

UsageError refusal(std::string_view text, ErrorCode error) {
  std::string shown;
  append_json_string(text.substr(0, 60), shown);
  return {shown + (text.size() > 60 ? " and so on" : "") + ": " + std::string(describe(error))};
}

bool is_plain_word(std::string_view text) {
  if (text.empty() || text.front() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '/' || c == ':' || c == '@' || c == '+';
  });
}

}  // namespace

std::variant<Json, UsageError> parse_value(std::string_view text) {
  auto parsed = Json::parse(text);
  if (parsed) return *std::move(parsed);
  const auto first = text.find_first_not_of(" \t\n\r");
  const bool meant_as_json =
      first != text.npos && (text[first] == '{' || text[first] == '[' || text[first] == '"');
  if (parsed.error() != ErrorCode::json_syntax || meant_as_json) return refusal(text, parsed.error());
  Json word(text);
  if (!word.valid()) return refusal(text, word.error());
  return word;
}

std::variant<Target, UsageError> parse_target(const std::optional<std::string>& object,
                                              const std::vector<std::string>& tags) {
  std::vector<TagDescriptor> parsed_tags;
  for (const auto& tag : tags) {
    auto value = parse_value(tag);
    if (auto* error = std::get_if<UsageError>(&value)) return UsageError{"tag " + error->message};
    parsed_tags.emplace_back(std::get<Json>(std::move(value)));
  }
  if (!object) {
    if (parsed_tags.size() != 1)
      return UsageError{"without OBJECT the contract is on a tag: give exactly one --tag"};
    if (const auto error = parsed_tags.front().check(); error != ErrorCode::ok)
      return refusal(tags.front(), error);
    return Target(std::move(parsed_tags.front()));
  }
  auto value = parse_value(*object);
  if (auto* error = std::get_if<UsageError>(&value)) return UsageError{"object " + error->message};
  ObjectDescriptor descriptor(std::move(parsed_tags), std::get<Json>(std::move(value)));
  if (const auto error = descriptor.check(); error != ErrorCode::ok) return refusal(*object, error);
  return Target(std::move(descriptor));
}

std::string show_value(const Json& value) {
  const std::string& text = value.text();
  if (text.size() < 2 || text.front() != '"') return without_controls(text);
  const std::string_view inside(text.data() + 1, text.size() - 2);
  if (!is_plain_word(inside) || Json::parse(inside).ok()) return without_controls(text);
  return std::string(inside);
}

std::string show_object(const ObjectDescriptor& object, const std::vector<TagDescriptor>& known) {
  std::string out = show_value(object.json());
  std::string tags;
  for (const auto& tag : object.tags())
    if (std::find(known.begin(), known.end(), tag) == known.end())
      tags += (tags.empty() ? "" : " ") + show_value(tag.json);
  if (!tags.empty()) out += " [" + tags + "]";
  return out;
}

}  // namespace mla::cli
