#include <mla/observe_event.h>

namespace mla {

std::string_view to_string(ObserveEventKind kind) {
  switch (kind) {
    case ObserveEventKind::state:
      return "state";
    case ObserveEventKind::standing:
      return "standing";
    case ObserveEventKind::ended:
      return "ended";
  }
  return "unknown";
}

}  // namespace mla
