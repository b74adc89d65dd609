// mla_runtime_…, mla_exchange_…, mla_get
#include <mla.h>
#include <mla/exchange.h>
#include <mla/limits.h>

#include <string>

#include "ffi/arguments.h"
#include "ffi/contract_box.h"
#include "ffi/handles.h"
#include "ffi/log_text.h"
#include "ffi/structs.h"

using namespace mla;
using namespace mla::ffi;

extern "C" {

mla_status mla_runtime_new(const mla_runtime_options* options, mla_runtime* out) {
  return guard([&]() -> mla_status {
    if (!out) return fail(ErrorCode::argument, "out");
    out->id = 0;
    mla_runtime_options chosen;
    if (!read_struct(options, chosen)) return fail(ErrorCode::bad_option, "size");
    if (chosen.flags & ~std::uint32_t{MLA_RUNTIME_MANUAL}) return fail(ErrorCode::bad_option, "flags");
    if (chosen.flags & MLA_RUNTIME_MANUAL) return give(handles.runtimes, out, std::make_unique<Runtime>(manual));
    return give(handles.runtimes, out, std::make_unique<Runtime>(RuntimeOptions{chosen.workers ? chosen.workers : 1}));
  });
}

mla_status mla_runtime_poll(mla_runtime runtime, int64_t timeout_ns) {
  return with(handles.runtimes, runtime, [&](const std::unique_ptr<Runtime>& it) {
    return it->poll_for(longest_of(timeout_ns)) ? MLA_OK : fail(ErrorCode::timed_out);
  });
}

mla_status mla_runtime_fd(mla_runtime runtime, int* out) {
  return with(handles.runtimes, runtime, [&](const std::unique_ptr<Runtime>& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    *out = it->fd();
    return kOk;
  });
}

mla_status mla_runtime_free(mla_runtime runtime) { return release(handles.runtimes, runtime); }

mla_status mla_exchange_new(mla_runtime runtime, const mla_exchange_options* options, mla_exchange* out) {
  return guard([&]() -> mla_status {
    if (!out) return fail(ErrorCode::argument, "out");
    out->id = 0;
    mla_exchange_options chosen;
    if (!read_struct(options, chosen)) return fail(ErrorCode::bad_option, "size");
    if (chosen.flags & ~std::uint32_t{MLA_EXCHANGE_NO_ADMIN}) return fail(ErrorCode::bad_option, "flags");
    ExchangeOptions its;
    if (chosen.name) its.name = chosen.name;
    its.principal.admin = !(chosen.flags & MLA_EXCHANGE_NO_ADMIN);
    if (!runtime.id) return give(handles.exchanges, out, Exchange(std::move(its)));
    const auto pin = handles.runtimes.pin(runtime.id);
    return pin ? give(handles.exchanges, out, Exchange(**pin, std::move(its))) : fail(ErrorCode::handle);
  });
}

mla_status mla_exchange_node(mla_exchange exchange, uint64_t* out) {
  return with(handles.exchanges, exchange, [&](Exchange& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    *out = it.info().node.value;
    return kOk;
  });
}

mla_status mla_exchange_set_limit(mla_exchange exchange, const char* name, uint64_t value) {
  return with(handles.exchanges, exchange, [&](Exchange& it) {
    if (!name) return fail(ErrorCode::argument, "name");
    Limits limits = it.limits();
    if (const ErrorCode wrong = set_limit(limits, name, value); wrong != ErrorCode::ok) return fail(wrong, name);
    std::string why;
    const ErrorCode answer = it.set_limits(limits, &why);
    return answer == ErrorCode::ok ? MLA_OK : fail(answer, why);
  });
}

mla_status mla_exchange_on_log(mla_exchange exchange, mla_log_fn fn, void* ctx) {
  return with(handles.exchanges, exchange, [&](Exchange& it) {
    if (fn)
      it.on_link_event([fn, ctx](const LinkEvent& event) {
        const std::string text = log_text(event);
        mla_log line{};
        line.size = sizeof line;
        line.level = event.kind == LinkEventKind::linked || (event.kind == LinkEventKind::lost && event.error == ErrorCode::ok)
                         ? MLA_LOG_INFO
                         : MLA_LOG_WARNING;
        line.code = status_of(event.error);
        line.peer = event.peer.value;
        line.missed = event.missed;
        line.text = text.c_str();
        fn(ctx, &line);
      });
    else
      it.on_link_event({});
    return kOk;
  });
}

mla_status mla_exchange_close(mla_exchange exchange) {
  return with(handles.exchanges, exchange, [](Exchange& it) {
    it.close();
    return kOk;
  });
}

mla_status mla_exchange_free(mla_exchange exchange) {
  return release(handles.exchanges, exchange, [](Exchange& it) {
    it.close();
    it.on_link_event({});
  });
}

mla_status mla_get(mla_exchange exchange, const char* const* tags, size_t tag_count, const char* json, int64_t timeout_ns,
                   mla_state* out) {
  return with(handles.exchanges, exchange, [&](Exchange& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    out->id = 0;
    auto object = object_of(tags, tag_count, json);
    if (!object) return fail(object.error());
    auto state = it.get(*std::move(object), longest_of(timeout_ns));
    return state ? give(handles.states, out, *std::move(state)) : fail(state.error());
  });
}

}  // extern "C"
