#include <algorithm>

#include "exchange/describe/names.h"
#include "tools/mla/asker.h"
#include "tools/mla/table.h"
#include "tools/mla/verbs.h"

namespace mla::cli {
namespace {

constexpr std::chrono::seconds kPeriod{1};

std::string tables(const std::map<NodeId, NodeView>& nodes) {
  using enum Table::Align;
  Table exchanges({{"EXCHANGE"}, {"VERSION"}, {"UP", right}, {"OBJECTS", right}, {"TAGS", right}, {"LINKS", right}});
  Table links({{"EXCHANGE"}, {"PEER"}, {"ROUND TRIP", right}, {"STATES/s in", right}, {"out", right},
               {"BYTES/s in", right}, {"out", right}, {"QUEUED", right}, {"PENDING", right}});
  for (const auto& [id, node] : nodes) {
    exchanges.row({show_node(node.name, id), printable(node.version), std::to_string(node.uptime_s) + " s",
                   std::to_string(node.objects), std::to_string(node.tags), std::to_string(node.links_total)});
    for (const LinkView& l : node.links) {
      if (!l.ready || !l.peer) continue;
      const auto rate = [&](double r) { return l.has_rates ? show_rate(r) : "-"; };
      const auto bytes = [&](double r) { return l.has_rates ? show_bytes(r) : "-"; };
      links.row({show_node(node.name, id), show_node(l.peer_name, *l.peer) + (l.to_parent ? " (parent)" : ""),
                 l.round_trip_us ? show_microseconds(*l.round_trip_us) : "-", rate(l.states_in),
                 rate(l.states_out), bytes(l.bytes_in), bytes(l.bytes_out),
                 show_bytes(static_cast<double>(l.queued_bytes)), std::to_string(l.pending_objects)});
    }
  }
  return exchanges.text() + "\n" + links.text();
}

std::string json(const std::map<NodeId, NodeView>& nodes) {
  std::string out = "{\"nodes\":[";
  bool first = true;
  for (const auto& [id, node] : nodes) {
    (out += first ? "" : ",") += node.json;
    first = false;
  }
  return out + "]}\n";
}

/// Shows what there is every second, until interrupted.
void follow(Asker& asker, const Options& options) {
  auto contract = asker.session().exchange().tag_observe_contract(description::node_tag()).build();
  std::map<NodeId, NodeView> nodes;
  const bool redraw = options.form == OutputForm::human && asker.session().terminal().out;
  auto next = Loop::Clock::now() + kPeriod;
  while (true) {
    auto event = contract.next_event_for(std::max<std::chrono::nanoseconds>(next - Loop::Clock::now(), {}));
    if (event.ended()) return;
    if (event && event->kind == ObserveEventKind::state) {
      auto node = parse_node(event->state.text());
      if (node && event->state.synchronized()) nodes.insert_or_assign(node->id, *std::move(node));
    } else if (event) {
      // Gone, or out of reach: it would stay as it was.
      const bool away = event->kind == ObserveEventKind::ended || event->standing.kind == StandingKind::stale;
      std::erase_if(nodes, [&](const auto& n) {
        return away && *event->object == description::node_object(n.first);
      });
    }
    if (Loop::Clock::now() < next) continue;
    next += kPeriod;
    if (options.form != OutputForm::human)
      asker.print(json(nodes));
    else
      asker.print((redraw ? "\x1b[H\x1b[2J" : "") + tables(nodes) + (redraw ? "" : "\n"));
  }
}

}  // namespace

int run_top(const Options& options, const TopOptions& top) {
  return run_asking(options, "mla top", [&](Asker& asker) {
    const auto wanted = asker.describing();  // says when there is nobody to ask
    if (!top.once) {
      follow(asker, options);
      return ExitCode::ok;
    }
    const auto nodes = asker.nodes(wanted, true);
    asker.print(options.form == OutputForm::human ? tables(nodes) : json(nodes));
    if (nodes.size() == wanted.size()) return ExitCode::ok;
    throw Failed(ExitCode::timed_out, "not all exchanges answered in time: " + std::to_string(nodes.size()) +
                                          " of " + std::to_string(wanted.size()));
  });
}

}  // namespace mla::cli
