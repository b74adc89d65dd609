#include "exchange/describe/names.h"

#include <string>

namespace mla::description {

TagDescriptor node_tag() {
  return Json::from_canonical(R"({"$mla":"node"})");
}
ObjectDescriptor node_object(NodeId id) {
  return ObjectDescriptor({node_tag()}, Json::from_canonical(R"({"$mla":"node","id":")" + to_string(id) + "\"}"));
}
TagDescriptor query_tag(NodeId id) {
  return Json::from_canonical(R"({"$mla":"query","node":")" + to_string(id) + "\"}");
}

std::optional<NodeId> parse_node_id(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  NodeId id;
  for (const char c : text) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return std::nullopt;
    id.value = id.value << 4 | static_cast<std::uint64_t>(digit);
  }
  return id;
}

}  // namespace mla::description
