#pragma once
#include <mla/epoch.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What exchanges say of themselves, read back. It comes from anybody: members that are missing or of another kind
// read as nothing.
namespace mla::cli {

struct LinkView {
  std::uint64_t link = 0;
  bool to_parent = false, ready = false;
  std::optional<NodeId> peer;
  std::string peer_name, address;
  std::optional<std::uint64_t> round_trip_us;
  bool has_rates = false;
  double messages_in = 0, messages_out = 0, bytes_in = 0, bytes_out = 0, states_in = 0, states_out = 0;  // per second
  std::uint64_t queued_bytes = 0, pending_objects = 0;
  std::string json;
};

struct NodeView {
  NodeId id;
  std::string name, version;
  std::uint64_t uptime_s = 0, objects = 0, tags = 0, contracts = 0, links_total = 0;
  std::vector<LinkView> links;
  std::string json;
};

std::optional<NodeView> parse_node(std::string_view json);

struct ListView {
  std::vector<std::string> rows;  ///< each a JSON object
  std::optional<std::uint64_t> next;
};
/// The rows of an answer, from its member `name`.
std::optional<ListView> parse_list(std::string_view json, std::string_view name);

/// How an object stands, for people. An exchange that passes nothing of it on holds no state of it, yet knows
/// whether the elected exposer has sent.
std::string show_standing(std::string_view standing, bool elected_has_sent);

std::optional<LinkView> parse_link(std::string_view json);

}  // namespace mla::cli
