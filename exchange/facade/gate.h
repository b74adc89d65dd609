#pragma once
#include <atomic>
#include <cstdint>

namespace mla::facade {

/// Keeps the engine's steps and what goes past the engine apart: whoever sends straight to a local stream is in,
/// the engine closes it for each step. Nobody who sends ever waits; who finds it closed takes the ordinary way.
/// *thread-safe*
class Gate {
 public:
  bool try_enter() {
    if ((state_.fetch_add(1, std::memory_order_acquire) & kClosed) == 0) return true;
    leave();
    return false;
  }
  void leave() {
    if (state_.fetch_sub(1, std::memory_order_release) == kClosed + 1) state_.notify_one();
  }

  /// One closes at a time. Returns when nobody is in.
  void close() {
    std::uint32_t now = state_.fetch_or(kClosed, std::memory_order_acquire) | kClosed;
    while (now != kClosed) {
      state_.wait(now, std::memory_order_acquire);
      now = state_.load(std::memory_order_acquire);
    }
  }
  void open() { state_.fetch_and(~kClosed, std::memory_order_release); }

 private:
  static constexpr std::uint32_t kClosed = 1u << 31;
  std::atomic<std::uint32_t> state_{0};  // kClosed, and how many are in
};

}  // namespace mla::facade
