#include "tools/mla/json_text.h"

#include <simdjson.h>

#include <algorithm>
#include <map>

#include "contracts/json_writer.h"

namespace mla::cli {
namespace {

void collect(const simdjson::dom::element& element, std::string& path, std::vector<Leaf>& out,
             std::size_t limit) {
  if (out.size() >= limit) return;
  const std::size_t length = path.size();
  simdjson::dom::object object;
  simdjson::dom::array array;
  if (element.get(object) == simdjson::SUCCESS && object.size() != 0) {
    for (const auto& member : object) {
      std::string key;  // escaped: it may hold what a terminal obeys
      append_json_string(member.key, key);
      path += '.' + key.substr(1, key.size() - 2);
      collect(member.value, path, out, limit);
      path.resize(length);
    }
  } else if (element.get(array) == simdjson::SUCCESS && array.size() != 0) {
    std::size_t i = 0;
    for (const auto item : array) {
      path += "[" + std::to_string(i++) + "]";
      collect(item, path, out, limit);
      path.resize(length);
    }
  } else {
    out.push_back({path, simdjson::minify(element)});
  }
}

}  // namespace

std::optional<std::string> compact_json(std::string_view text) {
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(text);
  if (parser.parse(padded).error() != simdjson::SUCCESS) return {};
  // Minified as text: the numbers keep their digits.
  std::string out(text.size() + simdjson::SIMDJSON_PADDING, '\0');
  std::size_t length = 0;
  if (simdjson::minify(padded.data(), padded.size(), out.data(), length) != simdjson::SUCCESS) return {};
  out.resize(length);
  return out;
}

std::string without_controls(std::string_view json) {
  std::string out;
  const auto escape = [&out](unsigned char c) {
    constexpr std::string_view kHex = "0123456789abcdef";
    (out += "\\u00") += kHex[c >> 4];
    out += kHex[c & 15];
  };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto c = static_cast<unsigned char>(json[i]);
    const auto next = i + 1 < json.size() ? static_cast<unsigned char>(json[i + 1]) : 0;
    if (c == 0x7F) {
      escape(c);
    } else if (c == 0xC2 && next >= 0x80 && next <= 0x9F) {
      escape(next);
      ++i;
    } else {
      out += json[i];
    }
  }
  return out;
}

std::vector<Leaf> leaves(std::string_view json, std::size_t limit) {
  std::vector<Leaf> out;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const simdjson::padded_string padded(json);
  if (parser.parse(padded).get(root) != simdjson::SUCCESS) return out;
  std::string path;
  collect(root, path, out, limit);
  return out;
}

std::vector<Leaf> changed_leaves(const std::vector<Leaf>& before, const std::vector<Leaf>& after) {
  std::map<std::string_view, std::string_view> old;
  for (const auto& leaf : before) old[leaf.path] = leaf.value;
  std::vector<Leaf> changed;
  for (const auto& leaf : after) {
    const auto found = old.find(leaf.path);
    if (found == old.end() || found->second != leaf.value) changed.push_back(leaf);
    if (found != old.end()) old.erase(found);
  }
  for (const auto& leaf : before)
    if (old.contains(leaf.path)) changed.push_back({leaf.path, ""});
  return changed;
}

}  // namespace mla::cli
