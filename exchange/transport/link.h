#pragma once
#include <mla/error.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

// The seam: a link moves whole messages, in order, until it ends. Nothing above knows what carries them.
namespace mla::transport {

using Bytes = std::shared_ptr<const std::vector<std::byte>>;
using Messages = std::span<const std::span<const std::byte>>;

/// What a link tells its owner. All calls come on the link's loop, never from inside a call to the link.
class LinkHandler {
 public:
  virtual ~LinkHandler() = default;
  /// Whole messages in order, at least one: what came together. The bytes live during the call only. Answers how many it took,
  /// at least one: the others come again, before anything newer, once the loop has done something else (on a loop without a
  /// thread, user code was called). Who closes or lets go of the link within the call has had them all.
  virtual std::size_t on_messages(Messages messages) = 0;
  /// The link can take `bytes_free` now, all told.
  virtual void on_writable(std::size_t bytes_free) = 0;
  /// Once, last. ok: closed in good order; else why (`detail` for people).
  virtual void on_closed(ErrorCode code, const std::string& detail) = 0;
};

/// An established message link. *loop-confined*: every call on the loop it was made on.
class Link {
 public:
  virtual ~Link() = default;                     ///< closes at once; the handler hears nothing more
  /// What each send() has to do with begins here: to be fetched ahead of one. Stays as long as the link.
  virtual const void* place() const { return this; }
  virtual void start(LinkHandler& handler) = 0;  ///< begin to read; on_writable is called first
  /// Queues; bytes count until the transport has taken them. Beyond limits.outbound_bytes the link closes
  /// with outbound_overflow. Nothing happens after close() or on_closed. `more`: the next one is sent right after it, and both
  /// leave together.
  virtual void send(Bytes message, bool more) = 0;
  /// After what was sent has left, or 1 s at most. The far side hears `code` and `detail` (cut to 123 bytes);
  /// of the handler only on_closed is called any more, with the same.
  virtual void close(ErrorCode code, const std::string& detail) = 0;
  virtual std::string peer() const = 0;  ///< address, for people
};

}  // namespace mla::transport
