#include "router/varz.h"

#include "contracts/json_writer.h"

namespace mla::router {
namespace {

void write_links(JsonWriter& w, const std::vector<LinkInfo>& links) {
  w.key("links").begin_array();
  for (const auto& link : links) {
    w.begin_object()
        .member("link", link.link)
        .member("role", link.to_parent ? "parent" : "child")
        .member("ready", link.ready);
    w.member("peer", to_string(link.peer))
        .member("peer_name", link.peer_name)
        .member("address", link.address);
    w.member("round_trip_us", link.round_trip.count());
    w.member("messages_in", link.messages_in).member("messages_out", link.messages_out);
    w.member("bytes_in", link.bytes_in).member("bytes_out", link.bytes_out);
    w.member("states_in", link.states_in).member("states_out", link.states_out);
    w.member("queued_bytes", link.queued_bytes).member("pending_objects", link.pending_objects).end_object();
  }
  w.end_array();
}

void write_limits(JsonWriter& w, const Limits& limits) {
  w.key("limits").begin_object();
  for (const auto& row : limit_rows(limits)) {
    w.key(row.name).begin_object().member("value", row.value).member("default", row.standard);
    w.member("unit", row.unit).member("text", row.text).end_object();
  }
  w.end_object();
}

}  // namespace

std::string to_json(const Varz& varz) {
  const ExchangeInfo& x = varz.exchange;
  JsonWriter w;
  w.begin_object().member("version", varz.version).member("name", x.name).member("node", to_string(x.node));
  w.member("pid", varz.pid).member("uptime_s", varz.uptime.count());
  w.key("listening").begin_array();
  for (const auto& url : varz.listening) w.value(url);
  w.end_array().key("path").begin_array();
  for (const auto node : x.path) w.value(to_string(node));
  w.end_array().key("parent");
  if (varz.parent) {
    w.begin_object().member("url", varz.parent->url).member("status", to_string(varz.parent->status));
    w.member("error", to_string(varz.parent->error)).member("detail", varz.parent->detail).end_object();
  } else {
    w.null();
  }
  w.key("counters")
      .begin_object()
      .member("objects", x.objects)
      .member("tags", x.tags)
      .member("contracts", x.contracts);
  w.member("epochs_minted", x.epochs_minted).member("states_accepted", x.states_accepted);
  w.member("states_fenced", x.states_fenced).member("states_not_newer", x.states_not_newer);
  w.member("frames_skipped", x.frames_skipped).end_object();
  write_links(w, x.links);
  write_limits(w, varz.limits);
  w.key("memory");
  if (varz.memory) {
    w.begin_object()
        .member("allocated_bytes", varz.memory->allocated)
        .member("active_bytes", varz.memory->active);
    w.member("resident_bytes", varz.memory->resident)
        .member("mapped_bytes", varz.memory->mapped)
        .end_object();
  } else {
    w.null();
  }
  w.end_object();
  return w.take();
}

}  // namespace mla::router
