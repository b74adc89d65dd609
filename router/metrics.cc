#include "router/metrics.h"

#include <cstddef>
#include <vector>

#include "router/prometheus_text.h"

namespace mla::router {
namespace {

bool inside(const LinkInfo& link) {
  return link.address == "inproc";
}

/// A router's engines taken together: the links to other processes, and what each has done.
ExchangeInfo together(const Varz& varz) {
  ExchangeInfo x = varz.node.exchange;
  if (varz.engines.empty()) return x;
  std::erase_if(x.links, inside);
  for (const ExchangeInfo& engine : varz.engines) {
    for (const LinkInfo& link : engine.links)
      if (!inside(link)) x.links.push_back(link);
    LinkTotals& gone = x.gone_children;
    gone.links += engine.gone_children.links;
    gone.messages_in += engine.gone_children.messages_in;
    gone.messages_out += engine.gone_children.messages_out;
    gone.bytes_in += engine.gone_children.bytes_in;
    gone.bytes_out += engine.gone_children.bytes_out;
    gone.states_in += engine.gone_children.states_in;
    gone.states_out += engine.gone_children.states_out;
    x.epochs_minted += engine.epochs_minted;
    x.states_accepted += engine.states_accepted;
    x.states_fenced += engine.states_fenced;
    x.states_not_newer += engine.states_not_newer;
    x.states_oversized += engine.states_oversized;
    x.frames_skipped += engine.frames_skipped;
  }
  return x;
}

/// All links of one role: those that are there and those that are gone.
struct RoleSums {
  std::string_view role;
  LinkTotals totals;
  std::size_t ready = 0, queued_bytes = 0, pending_objects = 0;
};

RoleSums sum(std::string_view role, bool to_parent, const ExchangeInfo& x) {
  RoleSums s{role, to_parent ? x.gone_parents : x.gone_children};
  for (const LinkInfo& link : x.links) {
    if (link.to_parent != to_parent) continue;
    s.ready += link.ready ? 1 : 0;
    s.queued_bytes += link.queued_bytes;
    s.pending_objects += link.pending_objects;
    s.totals.messages_in += link.messages_in;
    s.totals.messages_out += link.messages_out;
    s.totals.bytes_in += link.bytes_in;
    s.totals.bytes_out += link.bytes_out;
    s.totals.states_in += link.states_in;
    s.totals.states_out += link.states_out;
  }
  return s;
}

void write_exchange(PrometheusText& p, const ExchangeInfo& x) {
  p.gauge("mla_objects", "Objects known here.");
  p.sample(x.objects);
  p.gauge("mla_tags", "Tags known here.");
  p.sample(x.tags);
  p.gauge("mla_contracts", "Contracts of this process.");
  p.sample(x.contracts);
  p.gauge("mla_depth", "Exchanges from the root to this one, both included.");
  p.sample(x.path.size());
  p.counter("mla_epochs_minted_total", "Elections decided here.");
  p.sample(x.epochs_minted);
  p.counter("mla_states_accepted_total", "States taken over from exposers, children and the parent.");
  p.sample(x.states_accepted);
  p.counter("mla_states_dropped_total", "States that were not taken over.");
  p.sample(x.states_fenced, {{"reason", "fenced"}});
  p.sample(x.states_not_newer, {{"reason", "not_newer"}});
  p.sample(x.states_oversized, {{"reason", "oversized"}});
  p.counter("mla_frames_skipped_total", "Frames of kinds that are not known here.");
  p.sample(x.frames_skipped);
}

void write_links(PrometheusText& p, const ExchangeInfo& x) {
  const RoleSums roles[] = {sum("parent", true, x), sum("child", false, x)};
  const auto each = [&](auto value) {
    for (const RoleSums& s : roles) p.sample(value(s), {{"role", s.role}});
  };
  p.gauge("mla_links", "Links that are ready, by what the peer is.");
  each([](auto& s) { return s.ready; });
  p.counter("mla_links_ended_total", "Links that are gone.");
  each([](auto& s) { return s.totals.links; });
  p.counter("mla_link_received_messages_total", "Messages that came over links.");
  each([](auto& s) { return s.totals.messages_in; });
  p.counter("mla_link_sent_messages_total", "Messages that left over links.");
  each([](auto& s) { return s.totals.messages_out; });
  p.counter("mla_link_received_bytes_total", "Bytes of messages that came over links.");
  each([](auto& s) { return s.totals.bytes_in; });
  p.counter("mla_link_sent_bytes_total", "Bytes of messages that left over links.");
  each([](auto& s) { return s.totals.bytes_out; });
  p.counter("mla_link_received_states_total", "States that came over links.");
  each([](auto& s) { return s.totals.states_in; });
  p.counter("mla_link_sent_states_total", "States that left over links.");
  each([](auto& s) { return s.totals.states_out; });
  p.gauge("mla_link_queued_bytes", "Bytes that wait to leave.");
  each([](auto& s) { return s.queued_bytes; });
  p.gauge("mla_link_pending_objects", "Objects with something that waits to leave.");
  each([](auto& s) { return s.pending_objects; });
  for (const LinkInfo& link : x.links) {
    if (!link.to_parent || link.round_trip.count() == 0) continue;
    p.gauge("mla_parent_round_trip_seconds", "Round trip to the parent, measured last.");
    p.sample(std::chrono::duration<double>(link.round_trip).count());
  }
}

void write_accept(PrometheusText& p, const AcceptInfo& a) {
  p.counter("mla_accepted_connections_total", "Connections to the listeners.");
  p.sample(a.connections);
  p.counter("mla_accepted_links_total", "Connections that became links.");
  p.sample(a.links);
  p.gauge("mla_handshakes", "Connections whose WebSocket handshake is under way.");
  p.sample(a.handshakes_now);
  p.counter("mla_refused_connections_total", "Connections that became no links.");
  p.sample(a.handshake_timeouts, {{"reason", "handshake_timeout"}});
  p.sample(a.handshakes_cut, {{"reason", "handshake_cut"}});
  p.sample(a.not_http, {{"reason", "not_http"}});
  p.sample(a.plain_http, {{"reason", "plain_http"}});
  p.sample(a.bad_handshake, {{"reason", "bad_handshake"}});
  p.sample(a.bad_host, {{"reason", "bad_host"}});
  p.sample(a.bad_origin, {{"reason", "bad_origin"}});
  p.sample(a.bad_subprotocol, {{"reason", "bad_subprotocol"}});
  p.sample(a.too_many_links, {{"reason", "too_many_links"}});
  p.counter("mla_accept_errors_total", "Failures to accept, such as too many open files.");
  p.sample(a.accept_errors);
}

void write_admin(PrometheusText& p, const http::AdminCounters& a) {
  p.counter("mla_admin_connections_total", "Connections to the admin listener.");
  p.sample(a.connections);
  p.counter("mla_admin_requests_total", "Requests to the admin listener.");
  p.sample(a.requests);
  p.counter("mla_admin_refused_requests_total", "Requests that got no page.");
  p.sample(a.bad_requests, {{"reason", "bad_request"}});
  p.sample(a.bad_host, {{"reason", "bad_host"}});
  p.sample(a.not_found, {{"reason", "not_found"}});
  p.sample(a.timeouts, {{"reason", "timeout"}});
}

void write_memory(PrometheusText& p, const MemoryUse& m) {
  p.gauge("mla_memory_bytes", "The heap as its allocator sees it.");
  p.sample(m.allocated, {{"kind", "allocated"}});
  p.sample(m.active, {{"kind", "active"}});
  p.sample(m.resident, {{"kind", "resident"}});
  p.sample(m.mapped, {{"kind", "mapped"}});
}

}  // namespace

std::string to_metrics(const Varz& varz) {
  const ExchangeInfo x = together(varz);
  PrometheusText p;
  p.gauge("mla_info", "Always 1; the labels say who this is.");
  p.sample(1, {{"version", varz.node.version}, {"name", x.name}, {"node", to_string(x.node)}});
  p.gauge("mla_uptime_seconds", "Since the router was started.");
  p.sample(varz.node.uptime.count());
  write_exchange(p, x);
  write_links(p, x);
  write_accept(p, x.accept);
  write_admin(p, varz.admin);
  p.counter("mla_config_reloads_total", "How often the configuration was read again.");
  p.sample(varz.reloads.applied, {{"outcome", "applied"}});
  p.sample(varz.reloads.refused, {{"outcome", "refused"}});
  p.gauge("mla_limit", "The limits; durations are in milliseconds.");
  for (const LimitRow& row : limit_rows(varz.limits))
    p.sample(row.value, {{"name", row.name}, {"unit", row.unit}});
  if (varz.memory) write_memory(p, *varz.memory);
  return p.take();
}

}  // namespace mla::router
