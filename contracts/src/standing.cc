#include <mla/standing.h>

namespace mla {

std::string_view to_string(StandingKind kind) {
  switch (kind) {
    case StandingKind::unexposed:
      return "unexposed";
    case StandingKind::declined:
      return "declined";
    case StandingKind::waiting:
      return "waiting";
    case StandingKind::synchronized:
      return "synchronized";
    case StandingKind::stale:
      return "stale";
  }
  return "unknown";
}

std::string_view to_string(EndReason reason) {
  switch (reason) {
    case EndReason::none:
      return "none";
    case EndReason::unobserved:
      return "unobserved";
    case EndReason::handed_over:
      return "handed_over";
    case EndReason::declined:
      return "declined";
    case EndReason::gone:
      return "gone";
    case EndReason::contract_dropped:
      return "contract_dropped";
    case EndReason::exchange_closed:
      return "exchange_closed";
  }
  return "unknown";
}

}  // namespace mla
