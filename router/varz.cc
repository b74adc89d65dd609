#include "router/varz.h"

#include "contracts/json_writer.h"

namespace mla::router {
namespace {

void write_limits(JsonWriter& w, const Limits& limits) {
  w.key("limits").begin_object();
  for (const auto& row : limit_rows(limits)) {
    w.key(row.name).begin_object().member("value", row.value).member("default", row.standard);
    w.member("unit", row.unit).member("text", row.text).end_object();
  }
  w.end_object();
}

void write_gone(JsonWriter& w, std::string_view key, const LinkTotals& gone) {
  w.key(key).begin_object().member("links", gone.links);
  w.member("messages_in", gone.messages_in).member("messages_out", gone.messages_out);
  w.member("bytes_in", gone.bytes_in).member("bytes_out", gone.bytes_out);
  w.member("states_in", gone.states_in).member("states_out", gone.states_out).end_object();
}

void write_accept(JsonWriter& w, const AcceptInfo& a) {
  w.key("accept").begin_object().member("connections", a.connections).member("links", a.links);
  w.member("handshakes_now", a.handshakes_now).member("handshake_timeouts", a.handshake_timeouts);
  w.member("handshakes_cut", a.handshakes_cut)
      .member("not_http", a.not_http)
      .member("plain_http", a.plain_http);
  w.member("bad_handshake", a.bad_handshake)
      .member("bad_host", a.bad_host)
      .member("bad_origin", a.bad_origin);
  w.member("bad_subprotocol", a.bad_subprotocol).member("too_many_links", a.too_many_links);
  w.member("accept_errors", a.accept_errors).end_object();
}

void write_admin(JsonWriter& w, const http::AdminCounters& a) {
  w.key("admin")
      .begin_object()
      .member("connections", a.connections)
      .member("connections_now", a.connections_now);
  w.member("connections_cut", a.connections_cut).member("requests", a.requests);
  w.member("bad_requests", a.bad_requests).member("bad_host", a.bad_host).member("not_found", a.not_found);
  w.member("timeouts", a.timeouts).member("accept_errors", a.accept_errors).end_object();
}

}  // namespace

std::string to_json(const Varz& varz) {
  JsonWriter w;
  w.begin_object().member("pid", varz.pid);
  description::write_node(w, varz.node);
  w.key("links_gone").begin_object();
  write_gone(w, "parents", varz.node.exchange.gone_parents);
  write_gone(w, "children", varz.node.exchange.gone_children);
  w.end_object();
  write_accept(w, varz.node.exchange.accept);
  write_admin(w, varz.admin);
  w.key("reloads").begin_object().member("applied", varz.reloads.applied);
  w.member("refused", varz.reloads.refused).end_object();
  w.key("engines").begin_array();
  for (const ExchangeInfo& engine : varz.engines) {
    w.begin_object();
    description::write_node(w, {.version = varz.node.version, .uptime = varz.node.uptime, .exchange = engine});
    w.end_object();
  }
  w.end_array();
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
