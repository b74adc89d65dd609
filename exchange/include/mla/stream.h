#pragma once
#include <mla/descriptor.h>
#include <mla/standing.h>
#include <mla/state.h>
#include <mla/wait.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace mla {

namespace facade {
class StreamHandle;
}

/// The states of one object, newest only: a slow reader skips states, never the newest, and is told how many.
/// Versions never go backwards within a stream. When the last copy of the handle goes, the object is muted
/// for its contract until it ends. *thread-safe*; one thread waits at a time.
class StateStream {
 public:
  const ObjectDescriptor& object() const;
  const ObjectPtr& object_ptr() const;

  /// Waits for a state not yet seen: its version changed, or `synchronized` flipped. nullopt when the stream
  /// has ended: closed, or gone (tag contracts). An exposer's death does not end a stream. Throws Error:
  /// busy, would_deadlock.
  std::optional<State> next();
  Next<State> next_for(std::chrono::nanoseconds limit);
  Next<State> try_next();

  /// `co_await async_next(token)`, with any completion token of Asio: include <mla/asio.h>. Completes with what
  /// next_for() gives, on the token's executor.
  template <class Token>
  auto async_next(Token&& token);

  /// `f` runs on a callback thread whenever try_next() may have something new, the end included; at once if
  /// it has already. Take until try_next() gives nothing. An empty function ends it; this waits for a call
  /// under way, unless made from within a callback of the same exchange.
  void on_ready(std::function<void()> f);

  EndReason end_reason() const;  ///< none while it lasts

  // For the exchange's own layers.
  explicit StateStream(std::shared_ptr<facade::StreamHandle> handle);

 private:
  detail::AsyncSource<State> source();
  std::shared_ptr<facade::StreamHandle> handle_;
};

}  // namespace mla
