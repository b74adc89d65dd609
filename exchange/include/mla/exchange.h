#pragma once
#include <mla/contract.h>
#include <mla/descriptor.h>
#include <mla/info.h>
#include <mla/limits.h>
#include <mla/permission.h>
#include <mla/result.h>
#include <mla/runtime.h>

#include <chrono>
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

  void close();  ///< as when the last handle goes; from any thread, again without effect

  // For the exchange's own layers.
  const std::shared_ptr<facade::ExchangeHandle>& handle() const { return handle_; }

 private:
  std::shared_ptr<facade::ExchangeHandle> handle_;
};

}  // namespace mla
