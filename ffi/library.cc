// Version, status, and what has no handle.
#include <mla.h>
#include <mla/error.h>
#include <mla/json.h>

#include "ffi/guard.h"
#include "ffi/handles.h"
#include "ffi/structs.h"

namespace mla::ffi {
constinit Handles handles;
}
using namespace mla;
using namespace mla::ffi;

extern "C" {

uint32_t mla_abi_version(void) { return MLA_ABI_VERSION; }
const char* mla_version(void) { return MLA_VERSION; }
const char* mla_error_message(void) { return last_message(); }

// All of these are literals and end with 0.
const char* mla_status_name(mla_status status) { return to_string(static_cast<ErrorCode>(status)).data(); }
const char* mla_status_text(mla_status status) { return describe(static_cast<ErrorCode>(status)).data(); }
const char* mla_status_group(mla_status status) { return to_string(group(static_cast<ErrorCode>(status))).data(); }

mla_status mla_json_canonical(const char* json, size_t size, char* buffer, size_t capacity, size_t* length) {
  return guard([&]() -> mla_status {
    if (!json) return fail(ErrorCode::argument, "json");
    const auto parsed = Json::parse({json, size});
    return parsed ? copy_text(parsed->text(), buffer, capacity, length) : fail(parsed.error());
  });
}

mla_status mla_event_free(mla_event* event) {
  if (!event || event->size < sizeof *event) return fail(ErrorCode::argument, "event");
  if (event->object.id) mla_object_free(event->object);
  if (event->state.id) mla_state_free(event->state);
  if (event->sink.id) mla_sink_free(event->sink);
  event->object.id = event->state.id = event->sink.id = 0;
  return kOk;
}

}  // extern "C"
