#pragma once
#include <mla/descriptor.h>
#include <mla/standing.h>
#include <mla/state.h>

#include <cstdint>
#include <string_view>

namespace mla {

enum class ObserveEventKind : std::uint8_t { state, standing, ended };
std::string_view to_string(ObserveEventKind kind);

/// What happened to one object of an observe contract.
struct ObserveEvent {
  ObserveEventKind kind = ObserveEventKind::state;
  ObjectPtr object;                    ///< never null
  State state;                         ///< for state
  Standing standing;                   ///< for standing
  EndReason reason = EndReason::none;  ///< for ended
};

}  // namespace mla
