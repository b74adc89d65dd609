#include "router/link_log.h"

#include <spdlog/spdlog.h>

namespace mla::router {
namespace {

std::string who(const LinkEvent& event) {
  return "child " + (event.peer_name.empty() ? "" : event.peer_name + " ") + "(node " +
         to_string(event.peer) + ", " + event.address + ")";
}

std::string_view what(LinkStatus status) {
  if (status == LinkStatus::stale) return "lost the link to the parent";
  return status == LinkStatus::refused ? "the parent refused the link" : "the parent cannot be reached";
}

/// Whose end is no news to whoever runs the router.
bool in_good_order(ErrorCode error) {
  return error == ErrorCode::ok || error == ErrorCode::shutting_down || error == ErrorCode::replaced ||
         error == ErrorCode::link_lost;
}

/// Names are the peers' own; a log is a line for each thing.
std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return text;
}

}  // namespace

void log_link_event(const LinkEvent& event) {
  if (event.missed != 0)
    spdlog::warn("{} events of links are left out here, they came too fast", event.missed);
  switch (event.kind) {
    case LinkEventKind::linked:
      if (!event.to_parent) spdlog::info("{} has linked", one_line(who(event)));
      return;
    case LinkEventKind::lost:
      if (!event.to_parent)
        spdlog::log(in_good_order(event.error) ? spdlog::level::info : spdlog::level::warn, "{} is gone: {}",
                    one_line(who(event)), describe(event.error));
      return;
    case LinkEventKind::refused:
      return spdlog::info("{}", one_line(event.detail));
    case LinkEventKind::trouble:
      return spdlog::warn("{}", one_line(event.detail));
  }
}

void log_listener(transport::LogLevel level, std::string_view text) {
  switch (level) {
    case transport::LogLevel::debug:
      return spdlog::debug("{}", text);
    case transport::LogLevel::info:
      return spdlog::info("{}", text);
    case transport::LogLevel::warning:
      return spdlog::warn("{}", text);
    case transport::LogLevel::error:
      return spdlog::error("{}", text);
  }
}

void ParentLog::operator()(const ConnectorStatus& status) {
  if (status.status == LinkStatus::linked) {
    if (status.links == links_) return;
    // Only the newest status is told: of a loss that lasted no time nothing else is heard.
    if (linked_) spdlog::warn("lost the link to the parent, and is linked again at once: {}", status.url);
    spdlog::info("linked to parent {}", status.url);
    linked_ = true;
    links_ = status.links;
    last_.clear();
    return;
  }
  linked_ = false;
  if (status.status == LinkStatus::closed || (status.error == ErrorCode::ok && status.detail.empty())) return;
  std::string why = status.detail.empty() ? std::string(describe(status.error)) : status.detail;
  if (!why.starts_with(status.url)) why = status.url + ": " + why;
  const std::string text = one_line(std::string(what(status.status)) + ", trying again: " + why);
  std::string& last = last_[status.url];
  spdlog::log(text == last ? spdlog::level::debug : spdlog::level::warn, "{}", text);
  last = text;
}

}  // namespace mla::router
