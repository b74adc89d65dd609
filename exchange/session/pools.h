#pragma once
#include <mla/state.h>

#include <cstddef>
#include <memory>
#include <vector>

// Room that is used again, so that a state on its way through allocates nothing. What leaves the exchange may be let go
// of on any thread: a copy of the pointer is made to ask whether it is the last, since that counts with the order of
// memory that reading the counter alone does not give.
namespace mla::session {

using Bytes = std::shared_ptr<const std::vector<std::byte>>;
using Buffer = std::shared_ptr<std::vector<std::byte>>;

inline constexpr std::size_t kMostPooled = 64;
inline constexpr std::size_t kMostPooledBytes = 16 << 10;  // each; larger ones are let go

template <class T>
bool held_by_nobody_else(const std::shared_ptr<T>& mine) {
  const std::shared_ptr<T> probe = mine;
  return probe.use_count() == 2;
}

/// Buffers for messages. It keeps those it gave last and gives them again, emptied, when nobody else holds them any
/// more. *loop-confined*
class BufferPool {
 public:
  Buffer take() {
    // Looked at from the oldest on: that one has most likely left.
    if (!given_.empty() && usable(given_[next_])) {
      Buffer buffer = given_[next_];
      buffer->clear();
      next_ = (next_ + 1) % given_.size();
      return buffer;
    }
    auto buffer = std::make_shared<std::vector<std::byte>>();
    if (given_.size() < kMostPooled) {
      given_.push_back(buffer);
    } else {
      given_[next_] = buffer;
      next_ = (next_ + 1) % given_.size();
    }
    return buffer;
  }

 private:
  static bool usable(const Buffer& buffer) {
    return buffer->capacity() <= kMostPooledBytes && held_by_nobody_else(buffer);
  }
  std::vector<Buffer> given_;
  std::size_t next_ = 0;
};

/// Payloads for states that arrive. *loop-confined*
class PayloadPool {
 public:
  /// As whoever had it before left it; the caller fills both members.
  std::shared_ptr<Payload> take() {
    if (free_.empty()) return std::make_shared<Payload>();
    std::shared_ptr<Payload> payload = std::move(free_.back());
    free_.pop_back();
    return payload;
  }
  /// Only what take() made.
  void give_back(PayloadPtr payload) {
    if (free_.size() >= kMostPooled || !payload || payload->data.capacity() > kMostPooledBytes) return;
    if (held_by_nobody_else(payload)) free_.push_back(std::const_pointer_cast<Payload>(std::move(payload)));
  }

 private:
  std::vector<std::shared_ptr<Payload>> free_;
};

}  // namespace mla::session
