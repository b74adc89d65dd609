#pragma once
#include <mla/descriptor.h>
#include <mla/epoch.h>

#include <optional>
#include <string_view>

// The reserved descriptors by which exchanges describe themselves. Node ids are text in them: as numbers they
// would be above 2^53, which no descriptor may hold.
namespace mla::description {

TagDescriptor node_tag();                ///< {"$mla":"node"}
ObjectDescriptor node_object(NodeId id); ///< {"tags":[{"$mla":"node"}],"json":{"$mla":"node","id":"<16 hex digits>"}}
TagDescriptor query_tag(NodeId id);      ///< {"$mla":"query","node":"<16 hex digits>"}

/// From 16 hex digits as to_string(NodeId) writes them.
std::optional<NodeId> parse_node_id(std::string_view text);

}  // namespace mla::description
