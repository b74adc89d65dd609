// mla_contract_…, mla_stream_…
#include <mla.h>
#include <mla/contract.h>

#include <utility>

#include "ffi/arguments.h"
#include "ffi/events.h"
#include "ffi/handles.h"
#include "ffi/structs.h"

using namespace mla;
using namespace mla::ffi;

namespace {

constexpr std::uint32_t kOfExposing =
    MLA_HAS_CAPACITY | MLA_HAS_LIMIT | MLA_WITHOUT_PREEMPTION | MLA_WITH_CURRENT | MLA_WITH_CONFIRMATION;

mla_status observe(ObserveContractBuilder builder, const mla_contract_options& options, mla_contract* out) {
  if (options.flags || options.capacity || options.limit || options.priority || options.linger_ns)
    return fail(ErrorCode::bad_option, "of exposing, but the contract observes");
  if (options.min_interval_ns) builder.with_min_interval(std::chrono::nanoseconds(options.min_interval_ns));
  auto contract = builder.try_build();
  return contract ? give(handles.contracts, out, *std::move(contract)) : fail(contract.error());
}

mla_status expose(ExposeContractBuilder builder, const mla_contract_options& options, mla_contract* out) {
  if (options.flags & ~kOfExposing) return fail(ErrorCode::bad_option, "flags");
  if (options.min_interval_ns) return fail(ErrorCode::bad_option, "min_interval_ns is of observing, but the contract exposes");
  if (options.flags & MLA_HAS_CAPACITY) builder.with_capacity(options.capacity);
  if (options.flags & MLA_HAS_LIMIT) builder.with_limit(options.limit);
  if (options.flags & MLA_WITHOUT_PREEMPTION) builder.without_preemption();
  if (options.flags & MLA_WITH_CURRENT) builder.with_current();
  if (options.flags & MLA_WITH_CONFIRMATION) builder.with_confirmation();
  if (options.priority) builder.with_priority(options.priority);
  if (options.linger_ns) builder.with_linger(std::chrono::nanoseconds(options.linger_ns));
  auto contract = builder.try_build();
  return contract ? give(handles.contracts, out, *std::move(contract)) : fail(contract.error());
}

}  // namespace

extern "C" {

mla_status mla_contract_new(mla_exchange exchange, uint32_t kind, const char* const* tags, size_t tag_count, const char* json,
                            const mla_contract_options* options, mla_contract* out) {
  return with(handles.exchanges, exchange, [&](Exchange& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    out->id = 0;
    mla_contract_options chosen;
    if (!read_struct(options, chosen)) return fail(ErrorCode::bad_option, "size");
    if (kind == MLA_OBJECT_OBSERVE || kind == MLA_OBJECT_EXPOSE) {
      auto object = object_of(tags, tag_count, json);
      if (!object) return fail(object.error());
      return kind == MLA_OBJECT_OBSERVE ? observe(it.object_observe_contract(*std::move(object)), chosen, out)
                                        : expose(it.object_expose_contract(*std::move(object)), chosen, out);
    }
    if (kind != MLA_TAG_OBSERVE && kind != MLA_TAG_EXPOSE) return fail(ErrorCode::bad_option, "there is no such kind");
    if (tag_count != 1 || json) return fail(ErrorCode::bad_option, "a contract on a tag has one tag and no json");
    if (!tags || !tags[0]) return fail(ErrorCode::argument, "tags");
    auto tag = Json::parse(tags[0]);
    if (!tag) return fail(tag.error());
    return kind == MLA_TAG_OBSERVE ? observe(it.tag_observe_contract(*std::move(tag)), chosen, out)
                                   : expose(it.tag_expose_contract(*std::move(tag)), chosen, out);
  });
}

mla_status mla_contract_next_event(mla_contract contract, int64_t timeout_ns, mla_event* out) {
  return with(handles.contracts, contract, [&](ContractBox& it) {
    return has_room(out) ? it.next_event(timeout_ns, out) : fail(ErrorCode::argument, "out");
  });
}

mla_status mla_contract_next_events(mla_contract contract, int64_t timeout_ns, mla_event* out, size_t capacity, size_t* count) {
  return with(handles.contracts, contract, [&](ContractBox& it) {
    if (!count || !has_room(out) || capacity == 0) return fail(ErrorCode::argument, count ? "out" : "count");
    *count = 0;
    const mla_status status = it.next_event(timeout_ns, out);
    if (status == MLA_OK) *count = 1 + it.more_events(out, capacity);
    return status;
  });
}

mla_status mla_contract_on_event(mla_contract contract, mla_event_fn fn, void* ctx) {
  return with(handles.contracts, contract, [&](ContractBox& it) { return it.on_event(contract.id, fn, ctx); });
}

mla_status mla_contract_fd(mla_contract contract, int* out) {
  return with(handles.contracts, contract,
              [&](ContractBox& it) { return out ? it.fd(out) : fail(ErrorCode::argument, "out"); });
}

mla_status mla_contract_next_stream(mla_contract contract, int64_t timeout_ns, mla_stream* out) {
  return with(handles.contracts, contract, [&](ContractBox& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    out->id = 0;
    ObserveContract* const observing = it.observing();
    if (!observing) return fail(ErrorCode::bad_option, "the contract does not observe");
    auto stream = timeout_ns == 0 ? observing->try_next() : observing->next_for(longest_of(timeout_ns));
    return stream ? give(handles.streams, out, *std::move(stream)) : fail(stream.status());
  });
}

mla_status mla_contract_standing(mla_contract contract, mla_object object, mla_standing* out) {
  return with(handles.contracts, contract, [&](ContractBox& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    ObserveContract* const observing = it.observing();
    if (!observing) return fail(ErrorCode::bad_option, "the contract does not observe");
    const auto pin = handles.objects.pin(object.id);
    if (object.id && !pin) return fail(ErrorCode::handle);
    const auto standing = pin ? observing->standing(**pin) : observing->standing();
    mla_standing ours{};
    if (standing) {
      ours.kind = to_c(standing->kind);
      ours.age_ns = std::chrono::nanoseconds(standing->age).count();
      put_text(standing->reason, ours.text);
    }
    return write_struct(ours, out) ? MLA_OK : fail(ErrorCode::argument, "size");
  });
}

mla_status mla_contract_set_capacity(mla_contract contract, uint32_t capacity) {
  return with(handles.contracts, contract, [&](ContractBox& it) {
    if (!it.exposing()) return fail(ErrorCode::bad_option, "the contract does not expose");
    it.exposing()->set_capacity(capacity);
    return kOk;
  });
}

mla_status mla_contract_set_min_interval(mla_contract contract, int64_t interval_ns) {
  return with(handles.contracts, contract, [&](ContractBox& it) {
    if (!it.observing() || interval_ns < 0)
      return fail(ErrorCode::bad_option, interval_ns < 0 ? "below 0" : "the contract does not observe");
    it.observing()->set_min_interval(std::chrono::nanoseconds(interval_ns));
    return kOk;
  });
}

mla_status mla_contract_cancel(mla_contract contract) {
  return with(handles.contracts, contract, [](ContractBox& it) {
    it.visit([](auto& either) { either.close(); });
    return kOk;
  });
}

mla_status mla_contract_end_reason(mla_contract contract, uint32_t* out) {
  return with(handles.contracts, contract, [&](ContractBox& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    *out = to_c(it.visit([](auto& either) { return either.end_reason(); }));
    return kOk;
  });
}

mla_status mla_contract_free(mla_contract contract) {
  return release(handles.contracts, contract, [](ContractBox& it) { it.end(); });
}

mla_status mla_stream_next(mla_stream stream, int64_t timeout_ns, mla_state* out) {
  return with(handles.streams, stream, [&](StateStream& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    out->id = 0;
    auto state = timeout_ns == 0 ? it.try_next() : it.next_for(longest_of(timeout_ns));
    return state ? give(handles.states, out, *std::move(state)) : fail(state.status());
  });
}

mla_status mla_stream_object(mla_stream stream, mla_object* out) {
  return with(handles.streams, stream, [&](StateStream& it) {
    return out ? give(handles.objects, out, it.object_ptr()) : fail(ErrorCode::argument, "out");
  });
}

mla_status mla_stream_end_reason(mla_stream stream, uint32_t* out) {
  return with(handles.streams, stream, [&](StateStream& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    *out = to_c(it.end_reason());
    return kOk;
  });
}

mla_status mla_stream_free(mla_stream stream) { return release(handles.streams, stream); }

}  // extern "C"
