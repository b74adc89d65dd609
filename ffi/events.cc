#include "ffi/events.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "ffi/handles.h"
#include "ffi/structs.h"

namespace mla::ffi {
namespace {

static_assert(to_c(StandingKind::unexposed) == MLA_STANDING_UNEXPOSED && to_c(StandingKind::declined) == MLA_STANDING_DECLINED &&
              to_c(StandingKind::waiting) == MLA_STANDING_WAITING &&
              to_c(StandingKind::synchronized) == MLA_STANDING_SYNCHRONIZED && to_c(StandingKind::stale) == MLA_STANDING_STALE);
static_assert(to_c(EndReason::none) == MLA_END_NONE && to_c(EndReason::unobserved) == MLA_END_UNOBSERVED &&
              to_c(EndReason::handed_over) == MLA_END_HANDED_OVER && to_c(EndReason::declined) == MLA_END_DECLINED &&
              to_c(EndReason::gone) == MLA_END_GONE && to_c(EndReason::contract_dropped) == MLA_END_CONTRACT_DROPPED &&
              to_c(EndReason::exchange_closed) == MLA_END_EXCHANGE_CLOSED);

/// All but the arrays, which are long and seldom used: they are made empty.
void clear(mla_event* out) {
  const std::size_t size = out->size;
  std::memset(out, 0, offsetof(mla_event, version));
  out->size = size;
  out->version_count = 0;
  out->standing = 0;
  out->text[0] = 0;
  if (size > sizeof *out) std::memset(reinterpret_cast<unsigned char*>(out) + sizeof *out, 0, size - sizeof *out);
}

void put_object(const ObjectPtr& object, mla_event* out) {
  out->object_key = reinterpret_cast<std::uintptr_t>(object.get());
  out->object.id = handles.objects.add(object);
}

mla_status checked(bool all, mla_event* out) {
  if (all && out->object.id) return kOk;
  mla_event_free(out);
  return fail(ErrorCode::too_many_handles);
}

}  // namespace

bool has_room(const mla_event* out) { return out && out->size >= sizeof *out; }

mla_status fill(ObserveEvent&& event, mla_event* out) {
  clear(out);
  put_object(event.object, out);
  switch (event.kind) {
    case ObserveEventKind::state:
      out->kind = MLA_EVENT_STATE;
      out->state.id = handles.states.add(std::move(event.state));
      return checked(out->state.id != 0, out);
    case ObserveEventKind::standing:
      out->kind = MLA_EVENT_STANDING;
      out->standing = to_c(event.standing.kind);
      out->age_ns = std::chrono::nanoseconds(event.standing.age).count();
      put_text(event.standing.reason, out->text);
      break;
    case ObserveEventKind::ended:
      out->kind = MLA_EVENT_ENDED;
      out->reason = to_c(event.reason);
      break;
  }
  return checked(true, out);
}

mla_status fill(ExposeEvent&& event, mla_event* out) {
  clear(out);
  put_object(event.object, out);
  out->sink.id = handles.sinks.add(*std::move(event.sink));
  switch (event.kind) {
    case ExposeEventKind::elected:
      out->kind = MLA_EVENT_ELECTED;
      break;
    case ExposeEventKind::withdrawn:
      out->kind = MLA_EVENT_WITHDRAWN;
      out->reason = to_c(event.reason);
      break;
    case ExposeEventKind::confirmed: {
      out->kind = MLA_EVENT_CONFIRMED;
      out->observers = event.observers;
      const auto items = event.version.items();
      std::copy(items.begin(), items.end(), out->version);
      out->version_count = static_cast<std::uint32_t>(items.size());
      break;
    }
  }
  return checked(out->sink.id != 0, out);
}

void fill_end(EndReason reason, mla_event* out) {
  clear(out);
  out->kind = MLA_EVENT_ENDED;
  out->reason = to_c(reason);
}

}  // namespace mla::ffi
