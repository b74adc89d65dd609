#pragma once
#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <vector>

#include "exchange/transport/link.h"
#include "exchange/transport/send_batch.h"

namespace mla::transport {

class LateOutcome;

/// Frames of one WebSocket on their way into a socket that does not block: data frames by their messages, which many links may
/// share, and whole frames that somebody else made (control frames). What is not small is not copied. In order, and none begins before the
/// one before has gone whole. Waits for nothing itself: when it says `blocked`, somebody calls flush() once the socket takes
/// more. Knows no handshake, and of RFC 6455 only a data frame's head and mask. *loop-confined*
class SocketWriter final : private BatchUser {
 public:
  enum class Outcome : std::uint8_t {
    idle,     ///< all has been taken by the kernel
    blocked,  ///< the rest when the socket is writable again
    failed,   ///< the connection is of no use any more
  };
  /// Hears that what it belongs to was taken, or never will be.
  using Done = std::function<void(bool taken)>;

  /// `masks`: frames of a client are (RFC 6455 §5.3), with a key from the kernel's generator each.
  /// `late` hears what became of a message that waited in `batch`, if that is not `idle`. Both outlive it.
  SocketWriter(bool masks, SendBatch& batch, LateOutcome& late) : masks_(masks), batch_(batch), late_(late) {}
  SocketWriter(const SocketWriter&) = delete;
  SocketWriter& operator=(const SocketWriter&) = delete;
  ~SocketWriter() { abort(); }

  /// `more`: kept until the next one, which comes right after it, so that both leave in one write. `idle` then, or `blocked`.
  Outcome send(int socket, Bytes message, bool more = false);
  Outcome append(int socket, std::vector<std::byte> frame, Done done);
  Outcome flush(int socket);
  void abort();  ///< nothing more leaves; who waits hears it

  bool idle() const { return queue_.empty(); }  ///< for all that is known
  bool gathering() const { return gathering_; }  ///< something was kept for the next message
  /// Bytes of messages that the kernel has not taken yet, each counted whole until it has gone.
  std::size_t queued_bytes() const { return queued_bytes_; }
  /// Of the messages that have not begun to leave, all but those before are let go.
  void drop_unsent();

 private:
  static constexpr std::size_t kMostHead = 14;
  struct Frame {
    std::array<std::byte, kMostHead> head{};
    std::size_t head_size = 0;
    Bytes message;                // none: `own` has it, masked or made by somebody else
    std::vector<std::byte> own;
    std::size_t counted = 0;      // in queued_bytes_
    std::size_t sent = 0;         // of head and body
    Done done;

    std::span<const std::byte> body() const { return message ? std::span<const std::byte>(*message) : own; }
    std::size_t size() const { return head_size + body().size(); }
  };
  void on_not_taken(Bytes message, ssize_t sent, int error) override;
  void leave_batch();
  Frame make(Bytes message);
  Outcome add(int socket, Frame frame);
  Outcome gather(int socket, Frame frame, bool more);
  Outcome keep(Frame frame, ssize_t sent, int error);
  static ssize_t try_now(int socket, const Frame& frame);
  std::array<std::byte, 4> mask();

  const bool masks_;
  bool failed_ = false;
  bool gathering_ = false;  // what is in the queue has not been tried yet
  std::uint32_t round_ = 0;  // of the batch, in which a message waits while it is that one
  SendBatch& batch_;
  std::list<Frame> queue_;  // empty while the kernel takes all at once
  std::size_t queued_bytes_ = 0;
  std::unique_ptr<std::array<std::byte, 64>> random_;  // who masks has it
  std::size_t random_left_ = 0;
  LateOutcome& late_;
};

class LateOutcome {
 public:
  virtual void on_late(SocketWriter::Outcome outcome) = 0;

 protected:
  ~LateOutcome() = default;
};

}  // namespace mla::transport
