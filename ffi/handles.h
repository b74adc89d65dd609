#pragma once
#include <mla.h>
#include <mla/connector.h>
#include <mla/contract.h>
#include <mla/descriptor.h>
#include <mla/exchange.h>
#include <mla/listener.h>
#include <mla/runtime.h>
#include <mla/sink.h>
#include <mla/state.h>
#include <mla/stream.h>

#include <cstddef>
#include <memory>
#include <utility>

#include "ffi/contract_box.h"
#include "ffi/guard.h"
#include "ffi/handle_table.h"

namespace mla::ffi {

/// A state, and its labels as C wants them. They are the payload's, which it holds.
struct StateBox {
  explicit StateBox(State its_state) : state(std::move(its_state)) {
    for (const auto& label : state.format())
      if (label_count < MLA_FORMAT_LABELS) labels[label_count++] = label.c_str();
  }
  const State state;
  std::size_t label_count = 0;
  const char* labels[MLA_FORMAT_LABELS];
};

struct Handles {
  HandleTable<std::unique_ptr<Runtime>, HandleKind::runtime> runtimes;
  HandleTable<Exchange, HandleKind::exchange> exchanges;
  HandleTable<WebsocketConnector, HandleKind::connector> connectors;
  HandleTable<WebsocketListener, HandleKind::listener> listeners;
  HandleTable<ContractBox, HandleKind::contract> contracts;
  HandleTable<StateStream, HandleKind::stream> streams;
  HandleTable<StateSink, HandleKind::sink> sinks;
  HandleTable<StateBox, HandleKind::state> states;
  HandleTable<ObjectPtr, HandleKind::object> objects;
};
/// The one set of handles in the process: numbers that cross a language have no other context.
extern constinit Handles handles;

/// Makes a handle of the value; null and the answer MLA_E_TOO_MANY_HANDLES when there is no room.
template <class Handle, class Table, class... Args>
mla_status give(Table& table, Handle* out, Args&&... args) {
  out->id = table.add(std::forward<Args>(args)...);
  return out->id ? MLA_OK : fail(ErrorCode::too_many_handles);
}

/// Runs `f` with what the handle stands for, or answers that it is none.
template <class Table, class Handle, class F>
mla_status with(Table& table, Handle handle, F&& f) noexcept {
  return guard([&]() -> mla_status {
    const auto pin = table.pin(handle.id);
    return pin ? f(*pin) : fail(ErrorCode::handle);
  });
}

/// Frees a handle; `f` first ends what calls of other threads may wait for.
template <class Table, class Handle, class F>
mla_status release(Table& table, Handle handle, F&& f) noexcept {
  return guard([&]() -> mla_status {
    const auto pin = table.take(handle.id);
    if (!pin) return fail(ErrorCode::handle);
    f(*pin);
    return kOk;
  });
}
template <class Table, class Handle>
mla_status release(Table& table, Handle handle) noexcept {
  return release(table, handle, [](auto&) {});
}

}  // namespace mla::ffi
