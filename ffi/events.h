#pragma once
#include <mla.h>
#include <mla/contract.h>
#include <mla/standing.h>

#include <cstddef>

namespace mla::ffi {

/// Whether an event may be put there. To be asked before one is taken: it would be lost.
bool has_room(const mla_event* out);

/// Fills a struct that has room, and makes the handles in it. Errors: too_many_handles; then there are none in it.
mla_status fill(ObserveEvent&& event, mla_event* out);
mla_status fill(ExposeEvent&& event, mla_event* out);
/// ENDED without an object.
void fill_end(EndReason reason, mla_event* out);

constexpr std::uint32_t to_c(StandingKind kind) { return static_cast<std::uint32_t>(kind) + 1; }
constexpr std::uint32_t to_c(EndReason reason) { return static_cast<std::uint32_t>(reason); }

}  // namespace mla::ffi
