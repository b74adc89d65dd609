#include <mla/connector.h>
#include <mla/contract.h>
#include <mla/link_event.h>
#include <mla/sink.h>
#include <mla/wait.h>

namespace mla {

std::string_view to_string(WaitStatus status) {
  switch (status) {
    case WaitStatus::item:
      return "item";
    case WaitStatus::timed_out:
      return "timed_out";
    case WaitStatus::ended:
      return "ended";
    case WaitStatus::busy:
      return "busy";
    case WaitStatus::would_deadlock:
      return "would_deadlock";
    case WaitStatus::cancelled:
      return "cancelled";
  }
  return "unknown";
}

std::string_view to_string(SendOutcome outcome) {
  switch (outcome) {
    case SendOutcome::accepted:
      return "accepted";
    case SendOutcome::stale:
      return "stale";
    case SendOutcome::ended:
      return "ended";
    case SendOutcome::refused:
      return "refused";
  }
  return "unknown";
}

std::string_view to_string(ConfirmOutcome outcome) {
  switch (outcome) {
    case ConfirmOutcome::confirmed:
      return "confirmed";
    case ConfirmOutcome::timed_out:
      return "timed_out";
    case ConfirmOutcome::stale:
      return "stale";
    case ConfirmOutcome::ended:
      return "ended";
    case ConfirmOutcome::refused:
      return "refused";
  }
  return "unknown";
}

std::string_view to_string(ExposeEventKind kind) {
  switch (kind) {
    case ExposeEventKind::elected:
      return "elected";
    case ExposeEventKind::withdrawn:
      return "withdrawn";
    case ExposeEventKind::confirmed:
      return "confirmed";
  }
  return "unknown";
}

std::string_view to_string(LinkStatus status) {
  switch (status) {
    case LinkStatus::connecting:
      return "connecting";
    case LinkStatus::linked:
      return "linked";
    case LinkStatus::stale:
      return "stale";
    case LinkStatus::refused:
      return "refused";
    case LinkStatus::closed:
      return "closed";
  }
  return "unknown";
}

std::string_view to_string(LinkEventKind kind) {
  switch (kind) {
    case LinkEventKind::linked:
      return "linked";
    case LinkEventKind::lost:
      return "lost";
    case LinkEventKind::refused:
      return "refused";
    case LinkEventKind::trouble:
      return "trouble";
  }
  return "unknown";
}

}  // namespace mla
