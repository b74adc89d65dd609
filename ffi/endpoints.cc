// mla_connector_…, mla_listener_…
#include <mla.h>
#include <mla/connector.h>
#include <mla/listener.h>

#include <chrono>
#include <string>
#include <utility>

#include "ffi/arguments.h"
#include "ffi/contract_box.h"
#include "ffi/handles.h"
#include "ffi/structs.h"

using namespace mla;
using namespace mla::ffi;

namespace {

static_assert(static_cast<int>(LinkStatus::connecting) == MLA_LINK_CONNECTING && static_cast<int>(LinkStatus::linked) == MLA_LINK_LINKED &&
              static_cast<int>(LinkStatus::stale) == MLA_LINK_STALE && static_cast<int>(LinkStatus::refused) == MLA_LINK_REFUSED &&
              static_cast<int>(LinkStatus::closed) == MLA_LINK_CLOSED);

mla_connector_status to_c(const ConnectorStatus& from) {
  mla_connector_status out{};
  out.size = sizeof out;
  out.status = static_cast<std::uint32_t>(from.status);
  out.error = status_of(from.error);
  out.links = from.links;
  put_text(from.url, out.url);
  put_text(from.detail, out.detail);
  return out;
}

}  // namespace

extern "C" {

mla_status mla_connector_new(mla_exchange exchange, const char* const* urls, size_t url_count,
                             const mla_connector_options* options, mla_connector* out) {
  return with(handles.exchanges, exchange, [&](Exchange& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    out->id = 0;
    mla_connector_options chosen;
    if (!read_struct(options, chosen)) return fail(ErrorCode::bad_option, "size");
    if (chosen.backoff_min_ns < 0 || chosen.backoff_max_ns < 0) return fail(ErrorCode::bad_option, "backoff");
    ConnectorOptions its;
    const auto milliseconds = [](std::int64_t ns) { return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::nanoseconds(ns)); };
    if (chosen.credentials) its.credentials = chosen.credentials;
    if (chosen.backoff_min_ns) its.backoff_min = milliseconds(chosen.backoff_min_ns);
    if (chosen.backoff_max_ns) its.backoff_max = milliseconds(chosen.backoff_max_ns);
    std::string detail;
    auto connector = WebsocketConnector::try_make(it, texts_of(urls, url_count, "urls"), std::move(its), &detail);
    return connector ? give(handles.connectors, out, *std::move(connector)) : fail(connector.error(), detail);
  });
}

mla_status mla_connector_set_urls(mla_connector connector, const char* const* urls, size_t url_count) {
  return with(handles.connectors, connector, [&](WebsocketConnector& it) {
    std::string detail;
    const ErrorCode answer = it.set_urls(texts_of(urls, url_count, "urls"), &detail);
    return answer == ErrorCode::ok ? MLA_OK : fail(answer, detail);
  });
}

mla_status mla_connector_get_status(mla_connector connector, mla_connector_status* out) {
  return with(handles.connectors, connector, [&](WebsocketConnector& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    return write_struct(to_c(it.status()), out) ? MLA_OK : fail(ErrorCode::argument, "size");
  });
}

mla_status mla_connector_wait_linked(mla_connector connector, int64_t timeout_ns) {
  return with(handles.connectors, connector, [&](WebsocketConnector& it) {
    if (it.wait_linked_for(longest_of(timeout_ns))) return kOk;
    return fail(it.status().status == LinkStatus::closed ? ErrorCode::closed : ErrorCode::timed_out);
  });
}

mla_status mla_connector_on_status(mla_connector connector, mla_connector_fn fn, void* ctx) {
  return with(handles.connectors, connector, [&](WebsocketConnector& it) {
    if (fn)
      it.on_status([fn, ctx](const ConnectorStatus& status) {
        const mla_connector_status told = to_c(status);
        fn(ctx, &told);
      });
    else
      it.on_status({});
    return kOk;
  });
}

mla_status mla_connector_free(mla_connector connector) {
  return release(handles.connectors, connector, [](WebsocketConnector& it) {
    it.on_status({});
    it.close();
  });
}

mla_status mla_listener_new(mla_exchange exchange, const char* const* urls, size_t url_count, const mla_listener_options* options,
                            mla_listener* out) {
  return with(handles.exchanges, exchange, [&](Exchange& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    out->id = 0;
    mla_listener_options chosen;
    if (!read_struct(options, chosen)) return fail(ErrorCode::bad_option, "size");
    if (chosen.flags & ~std::uint32_t{MLA_LISTENER_INSECURE | MLA_LISTENER_UNDESCRIBED}) return fail(ErrorCode::bad_option, "flags");
    ListenerOptions its;
    its.allowed_origins = texts_of(chosen.allowed_origins, chosen.allowed_origin_count, "allowed_origins");
    its.allowed_hosts = texts_of(chosen.allowed_hosts, chosen.allowed_host_count, "allowed_hosts");
    its.insecure = chosen.flags & MLA_LISTENER_INSECURE;
    its.describe = !(chosen.flags & MLA_LISTENER_UNDESCRIBED);
    std::string detail;
    auto listener = WebsocketListener::try_make(it, texts_of(urls, url_count, "urls"), std::move(its), &detail);
    return listener ? give(handles.listeners, out, *std::move(listener)) : fail(listener.error(), detail);
  });
}

mla_status mla_listener_url(mla_listener listener, size_t index, char* buffer, size_t capacity, size_t* length) {
  return with(handles.listeners, listener, [&](WebsocketListener& it) {
    const auto urls = it.urls();
    if (index >= urls.size()) return fail(ErrorCode::bad_option, "there is no such URL");
    return copy_text(urls[index], buffer, capacity, length);
  });
}

mla_status mla_listener_free(mla_listener listener) {
  return release(handles.listeners, listener, [](WebsocketListener& it) { it.close(); });
}

}  // extern "C"
