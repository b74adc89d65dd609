#include "exchange/describe/node_json.h"

#include <algorithm>

namespace mla::description {
namespace {

constexpr std::size_t kLinksBytes = 48 * 1024;
constexpr std::size_t kShownUrls = 16;

void write_parent(JsonWriter& w, const Node& node) {
  const auto& links = node.exchange.links;
  const auto up = std::find_if(links.begin(), links.end(), [](auto& l) { return l.to_parent && l.ready; });
  w.key("parent");
  if (!node.parent && up == links.end()) {
    w.null();
    return;
  }
  w.begin_object().key("node");
  if (up == links.end()) {
    w.null().key("name").null();
  } else {
    w.value(to_string(up->peer)).member("name", up->peer_name);
  }
  if (node.parent) {
    w.member("url", node.parent->url).member("status", node.parent->status);
    w.member("error", to_string(node.parent->error)).member("detail", node.parent->detail);
  }
  w.end_object();
}

/// One decimal: more would only be noise.
double shown(double rate) {
  return static_cast<double>(static_cast<std::uint64_t>(rate * 10 + 0.5)) / 10;
}

}  // namespace

std::string link_json(const LinkInfo& link) {
  JsonWriter w;
  w.begin_object().member("link", link.link).member("role", link.to_parent ? "parent" : "child");
  w.member("ready", link.ready).key("peer");
  if (link.ready)
    w.value(to_string(link.peer));
  else
    w.null();
  w.member("peer_name", link.peer_name).member("address", link.address).key("round_trip_us");
  if (link.round_trip.count() > 0)
    w.value(link.round_trip.count());
  else
    w.null();  // not measured yet
  w.member("messages_in", link.messages_in).member("messages_out", link.messages_out);
  w.member("bytes_in", link.bytes_in).member("bytes_out", link.bytes_out);
  w.member("states_in", link.states_in).member("states_out", link.states_out);
  w.member("differences_in", link.differences_in).member("differences_out", link.differences_out);
  w.key("kinds").begin_object();
  for (const KindTraffic& k : link.kinds) {
    w.key(k.kind).begin_object().member("frames_in", k.frames_in).member("bytes_in", k.bytes_in);
    w.member("frames_out", k.frames_out).member("bytes_out", k.bytes_out).end_object();
  }
  w.end_object().key("rates");
  if (link.rates) {
    const LinkRates& r = *link.rates;
    w.begin_object().member("messages_in", shown(r.messages_in)).member("messages_out", shown(r.messages_out));
    w.member("bytes_in", shown(r.bytes_in)).member("bytes_out", shown(r.bytes_out));
    w.member("states_in", shown(r.states_in)).member("states_out", shown(r.states_out)).end_object();
  } else {
    w.null();
  }
  w.member("queued_bytes", link.queued_bytes).member("pending_objects", link.pending_objects).end_object();
  return w.take();
}

void write_node(JsonWriter& w, const Node& node, std::optional<std::size_t> links_bytes) {
  const ExchangeInfo& x = node.exchange;
  w.member("node", to_string(x.node)).member("name", x.name).member("version", node.version);
  w.member("uptime_s", node.uptime.count()).key("listening").begin_array();
  for (std::size_t i = 0; i < std::min(node.listening.size(), kShownUrls); ++i) w.value(node.listening[i]);
  w.end_array().key("path").begin_array();
  for (const NodeId id : x.path) w.value(to_string(id));
  w.end_array();
  write_parent(w, node);
  w.key("counters").begin_object();
  w.member("objects", x.objects).member("tags", x.tags).member("contracts", x.contracts);
  w.member("epochs_minted", x.epochs_minted).member("states_accepted", x.states_accepted);
  w.member("states_fenced", x.states_fenced).member("states_not_newer", x.states_not_newer);
  w.member("states_oversized", x.states_oversized).member("frames_skipped", x.frames_skipped).end_object();

  w.member("links_total", x.links.size()).key("links").begin_array();
  std::size_t spent = 0;
  const auto add = [&](const LinkInfo& link) {
    const std::string row = link_json(link);
    spent += row.size() + 1;
    if (!links_bytes || spent <= *links_bytes) w.raw(row);
  };
  for (const LinkInfo& link : x.links)  // the one upward is never left out
    if (link.to_parent) add(link);
  for (const LinkInfo& link : x.links)
    if (!link.to_parent && (!links_bytes || spent <= *links_bytes)) add(link);
  w.end_array();
}

std::string node_json(const Node& node) {
  JsonWriter w;
  w.begin_object();
  write_node(w, node, kLinksBytes);
  w.end_object();
  return w.take();
}

}  // namespace mla::description
