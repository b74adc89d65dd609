#include "ffi/log_text.h"

namespace mla::ffi {

std::string log_text(const LinkEvent& event) {
  std::string who = event.to_parent ? "the parent" : "a child";
  if (!event.peer_name.empty()) who += " " + event.peer_name;
  if (!event.address.empty()) who += " at " + event.address;
  const auto because = [&](std::string text) {
    const std::string why = event.detail.empty() ? std::string(describe(event.error)) : event.detail;
    return why.empty() || (event.detail.empty() && event.error == ErrorCode::ok) ? text : text + ": " + why;
  };
  switch (event.kind) {
    case LinkEventKind::linked:
      return "linked to " + who;
    case LinkEventKind::lost:
      return because("lost " + who);
    case LinkEventKind::refused:
      return because("refused " + (event.address.empty() ? std::string("a connection") : event.address));
    case LinkEventKind::trouble:
      return because("trouble" + (event.address.empty() ? std::string() : " at " + event.address));
  }
  return "an event of a newer release";
}

}  // namespace mla::ffi
