#include "tools/mla/json_text.h"

#include <simdjson.h>

#include <algorithm>
#include <map>

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
      path += '.';
      path += member.key;
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
