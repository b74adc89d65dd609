#pragma once
#include <mla/contract.h>
#include <mla/descriptor.h>
#include <mla/info.h>
#include <mla/limits.h>
#include <mla/link_event.h>
#include <mla/permission.h>
#include <mla/result.h>
#include <mla/runtime.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace mla {

namespace facade {
class ExchangeHandle;
}

struct ExchangeOptions {
  std::string name{};  ///< a label that peers show, ≤ 256 bytes; not an identity
  Limits limits{};
  /// Who this process is. Until there are credentials everybody may do everything.
  Principal principal{.name = {}, .admin = true};
};

/// The node in this process: observe and expose objects through it, link it with others by a
/// WebsocketConnector or a WebsocketListener. Closes when the last copy of the handle goes: states already
/// sent get up to a second to leave, its contracts, streams and sinks end with exchange_closed; their handles
/// stay usable. *thread-safe*
class Exchange {
 public:
  /// With a runtime of its own. Throws Error: bad_option.
  explicit Exchange(ExchangeOptions options = {});
  explicit Exchange(Runtime& runtime, ExchangeOptions options = {});

  ObserveContractBuilder object_observe_contract(ObjectDescriptor object) const;
  ObserveContractBuilder tag_observe_contract(TagDescriptor tag) const;
  ExposeContractBuilder object_expose_contract(ObjectDescriptor object) const;
  ExposeContractBuilder tag_expose_contract(TagDescriptor tag) const;

  /// The newest state of an object: waits for one that is synchronized. Errors: the descriptor's,
  /// would_deadlock, closed; when the time is up unexposed or declined if that is how the object stands then,
  /// else timed_out.
  Result<State> get(ObjectDescriptor object, std::chrono::nanoseconds limit = std::chrono::seconds(5)) const;

  /// Asks the exchange's loop; takes as long as a turn of it. Empty after close().
  ExchangeInfo info() const;

  Limits limits() const;
  /// Other limits from now on, all of them or none. They apply to new work: links that are up keep the sizes
  /// of messages and the heartbeat that they began with, contracts the size of states. Errors: bad_option
  /// (then `why` is check_limits()'s sentence), closed.
  ErrorCode set_limits(const Limits& limits, std::string* why = nullptr);

  /// `f` runs on a callback thread for each thing that happens to a link from now on, in order. Empty: no
  /// more (as StateStream::on_ready).
  void on_link_event(std::function<void(const LinkEvent&)> f);

  void close();  ///< as when the last handle goes; from any thread, again without effect

  // For the exchange's own layers.
  const std::shared_ptr<facade::ExchangeHandle>& handle() const { return handle_; }

 private:
  std::shared_ptr<facade::ExchangeHandle> handle_;
};

}  // namespace mla
