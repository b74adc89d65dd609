#include "tools/mla/state_printer.h"

#include "tools/mla/lines.h"

namespace mla::cli {
namespace {

/// Characters, not bytes; an approximation that is right for all but wide and combining ones.
std::size_t columns(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return n;
}

}  // namespace

std::string StatePrinter::show_change(Seen& seen, const std::string& label, const State& state,
                                      std::size_t width) const {
  const bool json = !state.format().empty() && state.format().back() == "JSON";
  auto now = json ? leaves(state.text()) : std::vector<Leaf>();
  const bool first = seen.leaves.empty() || now.empty();
  const auto changed = first ? std::vector<Leaf>() : changed_leaves(seen.leaves, now);
  seen.leaves = std::move(now);
  if (first) return show_state(state);
  if (changed.empty()) return "(no change)";
  std::string text;
  std::size_t used = columns(label), left_out = changed.size();
  for (const auto& leaf : changed) {
    const std::string part =
        " " + without_controls(leaf.path + (leaf.value.empty() ? " gone" : "=" + leaf.value));
    if (!text.empty() && used + columns(part) + 12 > width) break;  // room for the number of those left out
    text += part;
    used += columns(part);
    --left_out;
  }
  if (left_out != 0) text += " … " + std::to_string(left_out) + " more";
  return text.substr(1);
}

StatePrinter::Printed StatePrinter::print(const ObserveEvent& event, std::size_t width) {
  Printed printed;
  printed.is_state = event.kind == ObserveEventKind::state;
  if (style_.lines_of_json) {
    switch (event.kind) {
      case ObserveEventKind::state:
        printed.data = state_line(*event.object, event.state);
        break;
      case ObserveEventKind::standing:
        printed.data = standing_line(*event.object, event.standing);
        break;
      case ObserveEventKind::ended:
        printed.data = ended_line(*event.object, event.reason);
        break;
    }
    return printed;
  }
  const std::string label = show_object(*event.object, style_.known_tags);
  const std::string key = event.object->canonical();
  if (event.kind == ObserveEventKind::ended) {
    seen_.erase(key);
    printed.talk = label + " has ended: " + std::string(to_string(event.reason));
    return printed;
  }
  if (event.kind == ObserveEventKind::standing) return printed;
  Seen& seen = seen_[key];
  if (seen.version == event.state.version()) {  // only its freshness changed, which the standing tells
    printed.is_state = false;
    return printed;
  }
  seen.version = event.state.version();
  const std::string shown =
      style_.only_changes ? show_change(seen, label, event.state, width) : show_state(event.state);
  printed.data = (style_.colour ? "\x1b[36m" + label + "\x1b[0m " : label + " ") + shown;
  return printed;
}

}  // namespace mla::cli
