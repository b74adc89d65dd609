#include "tools/mla/node_view.h"

#include <simdjson.h>

#include "exchange/describe/names.h"
#include "tools/mla/json_fields.h"

namespace mla::cli {
namespace {

namespace dom = simdjson::dom;

double real(const dom::element& of, std::string_view name) {
  double value = 0;
  return of[name].get(value) ? 0 : value;
}

LinkView link_of(const dom::element& e) {
  LinkView l;
  l.link = number(e, "link");
  l.to_parent = text(e, "role") == "parent";
  l.ready = truth(e, "ready");
  l.peer = description::parse_node_id(text(e, "peer"));
  l.peer_name = text(e, "peer_name");
  l.address = text(e, "address");
  std::uint64_t us = 0;
  if (!e["round_trip_us"].get(us)) l.round_trip_us = us;
  dom::element rates;
  dom::object object;
  if (!e["rates"].get(rates) && !rates.get(object)) {
    l.has_rates = true;
    l.messages_in = real(rates, "messages_in");
    l.messages_out = real(rates, "messages_out");
    l.bytes_in = real(rates, "bytes_in");
    l.bytes_out = real(rates, "bytes_out");
    l.states_in = real(rates, "states_in");
    l.states_out = real(rates, "states_out");
  }
  l.queued_bytes = number(e, "queued_bytes");
  l.pending_objects = number(e, "pending_objects");
  l.json = simdjson::minify(e);
  return l;
}

}  // namespace

std::optional<NodeView> parse_node(std::string_view json) {
  dom::parser parser;
  dom::element e;
  if (parser.parse(simdjson::padded_string(json)).get(e)) return std::nullopt;
  const auto id = description::parse_node_id(text(e, "node"));
  if (!id) return std::nullopt;
  NodeView n;
  n.id = *id;
  n.name = text(e, "name");
  n.version = text(e, "version");
  n.uptime_s = number(e, "uptime_s");
  n.links_total = number(e, "links_total");
  dom::element counters;
  if (!e["counters"].get(counters)) {
    n.objects = number(counters, "objects");
    n.tags = number(counters, "tags");
    n.contracts = number(counters, "contracts");
  }
  dom::array links;
  if (!e["links"].get(links))
    for (const dom::element link : links) n.links.push_back(link_of(link));
  n.json = simdjson::minify(e);
  return n;
}

std::string show_standing(std::string_view standing, bool elected_has_sent) {
  if (standing.empty()) return "not observed";
  return standing == "waiting" && elected_has_sent ? "produced below" : std::string(standing);
}

std::optional<LinkView> parse_link(std::string_view json) {
  dom::parser parser;
  dom::element e;
  if (parser.parse(simdjson::padded_string(json)).get(e)) return std::nullopt;
  return link_of(e);
}

std::optional<ListView> parse_list(std::string_view json, std::string_view name) {
  dom::parser parser;
  dom::element e;
  dom::array rows;
  if (parser.parse(simdjson::padded_string(json)).get(e) || e[name].get(rows)) return std::nullopt;
  ListView list;
  for (const dom::element row : rows) list.rows.push_back(simdjson::minify(row));
  std::uint64_t next = 0;
  if (!e["next"].get(next)) list.next = next;
  return list;
}

}  // namespace mla::cli
