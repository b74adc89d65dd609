// mla_sink_…
#include <mla.h>
#include <mla/sink.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <span>
#include <utility>

#include "ffi/arguments.h"
#include "ffi/contract_box.h"
#include "ffi/events.h"
#include "ffi/handles.h"
#include "ffi/structs.h"

using namespace mla;
using namespace mla::ffi;

namespace {

/// The few stacks that nearly all states have need no copy of their labels.
State state_of(std::span<const std::byte> data, const char* const* formats, std::size_t count) {
  static const Format kNone, kJson{"JSON"};
  if (count == 0) return State::bytes(data, kNone);
  if (count == 1 && formats && formats[0] && std::strcmp(formats[0], "JSON") == 0) return State::bytes(data, kJson);
  return State::bytes(data, texts_of(formats, count, "formats"));
}

/// False: too long, or missing.
bool version_of(const std::int64_t* items, std::size_t count, Version& out) {
  if (count > Version::kMaxItems || (count != 0 && !items)) return false;
  out = *Version::from({items, count});
  return true;
}

void put_version(const Version& version, mla_send_result* out) {
  const auto items = version.items();
  std::copy(items.begin(), items.end(), out->version);
  out->version_count = items.size();
}

}  // namespace

extern "C" {

mla_status mla_sink_send(mla_sink sink, const void* data, size_t size, const char* const* formats, size_t format_count,
                         const int64_t* version, size_t version_count, mla_send_result* out) {
  return with(handles.sinks, sink, [&](StateSink& it) {
    if (!data && size) return fail(ErrorCode::argument, "data");
    if (out && out->size < sizeof *out) return fail(ErrorCode::argument, "size");
    if (format_count > MLA_FORMAT_LABELS) return fail(ErrorCode::bad_format);
    State state = state_of({static_cast<const std::byte*>(data), size}, formats, format_count);
    if (version_count) {
      Version own;
      if (!version_of(version, version_count, own)) return fail(ErrorCode::bad_version);
      state = std::move(state).with_version(std::move(own));
    }
    const SendResult result = it.send(std::move(state));
    if (out && (result.outcome == SendOutcome::accepted || result.outcome == SendOutcome::stale)) put_version(result.version, out);
    return result ? MLA_OK : fail(result.error);
  });
}

mla_status mla_sink_current(mla_sink sink, mla_state* out) {
  return with(handles.sinks, sink, [&](StateSink& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    out->id = 0;
    auto current = it.current();
    return current ? give(handles.states, out, *std::move(current)) : MLA_OK;
  });
}

mla_status mla_sink_confirm(mla_sink sink, const int64_t* version, size_t version_count, int64_t timeout_ns, uint64_t* observers) {
  return with(handles.sinks, sink, [&](StateSink& it) {
    Version wanted;
    if (!version_of(version, version_count, wanted)) return fail(ErrorCode::bad_version);
    const ConfirmResult result = it.confirm(wanted, longest_of(timeout_ns));
    if (observers) *observers = result.observers;
    return result ? MLA_OK : fail(result.error);
  });
}

mla_status mla_sink_observers(mla_sink sink, int64_t* out) {
  return with(handles.sinks, sink, [&](StateSink& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    const auto observers = it.observers();
    *out = observers ? static_cast<std::int64_t>(*observers) : -1;
    return kOk;
  });
}

mla_status mla_sink_decline(mla_sink sink, const char* reason, int64_t retry_after_ns) {
  return with(handles.sinks, sink, [&](StateSink& it) {
    if (!reason) return fail(ErrorCode::argument, "reason");
    if (retry_after_ns < 0) return fail(ErrorCode::bad_option, "retry_after_ns");
    const auto after = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::nanoseconds(retry_after_ns));
    it.decline(reason, retry_after_ns ? after : std::chrono::seconds(1));
    return kOk;
  });
}

mla_status mla_sink_epoch(mla_sink sink, uint64_t* counter, uint64_t* minter) {
  return with(handles.sinks, sink, [&](StateSink& it) {
    if (!counter || !minter) return fail(ErrorCode::argument, "out");
    const Epoch epoch = it.epoch();
    *counter = epoch.counter;
    *minter = epoch.minter.value;
    return kOk;
  });
}

mla_status mla_sink_object(mla_sink sink, mla_object* out) {
  return with(handles.sinks, sink, [&](StateSink& it) {
    return out ? give(handles.objects, out, it.object_ptr()) : fail(ErrorCode::argument, "out");
  });
}

mla_status mla_sink_end_reason(mla_sink sink, uint32_t* out) {
  return with(handles.sinks, sink, [&](StateSink& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    *out = to_c(it.end_reason());
    return kOk;
  });
}

mla_status mla_sink_wait_end(mla_sink sink, int64_t timeout_ns) {
  return with(handles.sinks, sink,
              [&](StateSink& it) { return it.wait_end_for(longest_of(timeout_ns)) ? MLA_OK : fail(ErrorCode::timed_out); });
}

mla_status mla_sink_free(mla_sink sink) { return release(handles.sinks, sink); }

}  // extern "C"
