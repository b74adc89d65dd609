#pragma once
#include <mla/error.h>
#include <mla/info.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "contracts/json_writer.h"

namespace mla::description {

/// What one exchange tells of itself. *value*
struct Node {
  /// How its connector stands.
  struct Parent {
    std::string url, status;
    ErrorCode error = ErrorCode::ok;
    std::string detail;
  };
  std::string version;
  std::chrono::seconds uptime{0};
  std::vector<std::string> listening;
  std::optional<Parent> parent;  ///< none: no parent was named
  ExchangeInfo exchange;
};

/// No answer and no node object is larger.
inline constexpr std::size_t kAnswerBytes = 64 * 1024;

/// The members of the node object, between begin_object() and end_object(). At most `links_bytes` are spent on
/// links; the member `links_total` says how many there are.
void write_node(JsonWriter& w, const Node& node, std::optional<std::size_t> links_bytes = {});

/// The state of the node object, at most kAnswerBytes.
std::string node_json(const Node& node);

std::string link_json(const LinkInfo& link);

}  // namespace mla::description
