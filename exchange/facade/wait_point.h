#pragma once
#include <mla/wait.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "contracts/ids.h"
#include "exchange/runtime/callback_queue.h"

namespace mla::facade {

inline Instant now() {
  return std::chrono::steady_clock::now();
}

/// Where at most one thread waits and at most one function is called. Its owner's mutex guards it.
struct WaitPoint {
  std::condition_variable changed;
  bool waiting = false;
  runtime::CallbackSlotPtr slot = std::make_shared<runtime::CallbackSlot>();

  void wake(runtime::CallbackQueue& callbacks) {
    changed.notify_all();
    callbacks.notify(slot);
  }
};

/// Waits on `point` until `take(now)` gives something or `ended()`. `due()`: when to look again in any case.
/// `limit` none: for ever. The owner's mutex is held by `lock`, and let go of while waiting.
template <class T, class Take, class Ended, class Due>
Next<T> wait_on(std::unique_lock<std::mutex>& lock, WaitPoint& point, const runtime::CallbackQueue& callbacks,
                std::optional<std::chrono::nanoseconds> limit, Take take, Ended ended, Due due) {
  constexpr std::chrono::hours kForEver{24 * 365};  // longer limits would overflow the clock
  if (callbacks.on_this_thread()) return WaitStatus::would_deadlock;
  if (point.waiting) return WaitStatus::busy;
  struct Flag {
    bool& flag;
    explicit Flag(bool& f) : flag(f) { flag = true; }
    ~Flag() { flag = false; }
  } flag(point.waiting);
  std::optional<Instant> deadline;
  if (limit && *limit < kForEver) deadline = now() + *limit;
  while (true) {
    const Instant at = now();
    if (std::optional<T> item = take(at)) return *std::move(item);
    if (ended()) return WaitStatus::ended;
    if (deadline && at >= *deadline) return WaitStatus::timed_out;
    std::optional<Instant> wake = due();
    if (deadline) wake = wake ? std::min(*wake, *deadline) : *deadline;
    if (wake)
      point.changed.wait_until(lock, *wake);
    else
      point.changed.wait(lock);
  }
}

template <class T, class Take, class Ended>
Next<T> try_take(Take take, Ended ended) {
  if (std::optional<T> item = take(now())) return *std::move(item);
  return ended() ? WaitStatus::ended : WaitStatus::timed_out;
}

}  // namespace mla::facade
