#pragma once
#include <sys/types.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "exchange/transport/link.h"

namespace mla::transport {

/// Whose message the socket has not taken whole.
class BatchUser {
 public:
  /// `sent`: bytes of the frame that were taken, or -1 and `error` as of send(2). Adds nothing to the batch.
  virtual void on_not_taken(Bytes message, ssize_t sent, int error) = 0;

 protected:
  ~BatchUser() = default;
};

/// Small messages behind their WebSocket heads, on their way to the sockets of one loop. The one that many links are told one after
/// the other is put behind its head once. While somebody gathers (Gather), what is to leave is handed to the kernel by one
/// call for up to kMost sockets (io_uring), which costs a fifth less than a send(2) each; where the system has no io_uring, or does not
/// permit it, it is a send(2) each. *loop-confined*
class SendBatch {
 public:
  static constexpr std::size_t kMostBytes = 1500;  // of a message
  static constexpr std::size_t kMost = 64;         // sockets
  static constexpr std::size_t kFew = 4;           // are told one by one

  /// `by_ring`: through io_uring, if there is one.
  explicit SendBatch(bool by_ring = true);
  SendBatch(const SendBatch&) = delete;
  SendBatch& operator=(const SendBatch&) = delete;
  ~SendBatch();

  /// As long as it lives, what is sent may wait for more to be sent.
  class Gather {
   public:
    explicit Gather(SendBatch& batch) : batch_(batch) { ++batch_.gathering_; }
    ~Gather() {
      if (--batch_.gathering_ == 0) batch_.flush();
    }
    Gather(const Gather&) = delete;
    Gather& operator=(const Gather&) = delete;

   private:
    SendBatch& batch_;
  };
  bool gathering() const { return gathering_ > 0; }

  struct Sent {
    bool whole;
    ssize_t sent;  // as send(2)
    int error;
  };
  /// At once; `message` is message() then.
  Sent send(int socket, Bytes& message);
  const Bytes& message() const { return joined_.back().message; }

  /// Sends it by flush() at the latest, to which `user` and `socket` stay. The number of this batch: until round() is another one,
  /// nothing else may be written to the socket, but after a flush().
  std::uint32_t add(int socket, Bytes& message, BatchUser& user);
  std::uint32_t round() const { return round_; }
  void flush();

  bool uses_ring() const { return ring_ != nullptr; }  ///< after the first flush() of more than a few

 private:
  struct Ring;
  struct Joined {
    Bytes message;
    std::uint32_t at, size;  // in bytes_
  };
  struct Entry {
    BatchUser* user;
    int socket;
    std::uint32_t joined;  // whose place
    ssize_t sent = -1;
    int error = EIO;
  };
  static constexpr std::size_t kMostHead = 10;
  static constexpr std::size_t kBytes = 16 << 10;

  const Joined& join(Bytes& message);
  std::span<const std::byte> bytes(const Joined& joined) const { return std::span(bytes_).subspan(joined.at, joined.size); }
  void send_each(std::span<Entry> entries);
  std::size_t send_by_ring();

  bool try_ring_;
  int gathering_ = 0;
  std::uint32_t round_ = 1;
  std::vector<Joined> joined_;  // of entries_, and of the message before
  std::vector<Entry> entries_;
  std::unique_ptr<Ring> ring_;
  std::array<std::byte, kBytes> bytes_;
};

}  // namespace mla::transport
