#pragma once
#include <mla/wait.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "contracts/ids.h"
#include "exchange/runtime/callback_queue.h"
#include "exchange/runtime/manual_loop.h"

namespace mla::facade {

inline Instant now() {
  return std::chrono::steady_clock::now();
}

/// Where at most one thread or one coroutine waits, and at most one function is called. Its owner's mutex
/// guards it.
struct WaitPoint {
  bool waiting = false;
  bool woken = false;  // who waits has been told, and has not looked yet
  /// False: whoever took last left nothing, and nothing came since. Written under the mutex, read without it, so that a
  /// thread that spins keeps nobody from bringing something.
  std::atomic<bool> maybe{true};
  const void* reserved = nullptr;  // by whom, of those that wait by async_next()
  runtime::CallbackSlotPtr slot = std::make_shared<runtime::CallbackSlot>();
  std::function<void()> once;  // its function: called at the next wake(), and kept no longer
  std::condition_variable changed;

  void wake(runtime::CallbackQueue& callbacks) {
    if (!maybe.load(std::memory_order_relaxed)) maybe.store(true, std::memory_order_release);
    if (waiting && !std::exchange(woken, true)) changed.notify_all();
    callbacks.notify(slot);
    if (once) std::exchange(once, nullptr)();
  }
  /// Waiting threads look at the time anew.
  void look_up(const runtime::CallbackQueue& callbacks) {
    if (waiting) changed.notify_all();
    callbacks.nudge();
  }
  bool taken() const { return waiting || reserved; }
};

/// Tells the core that this thread spins.
inline void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Who has it lets go in less time than it takes to sleep and be woken.
inline std::unique_lock<std::mutex> lock_soon(std::mutex& mutex) {
  constexpr int kTries = 64;
  std::unique_lock lock(mutex, std::defer_lock);
  for (int i = 0; i < kTries && !lock.try_lock(); ++i) relax();
  if (!lock) lock.lock();
  return lock;
}

/// Waits on `point` until `take(now)` gives something or `ended()`. `due()`: when to look again in any case.
/// `limit` none: for ever. The owner's mutex is held by `lock`, and let go of while waiting.
template <class T, class Take, class Ended, class Due>
Next<T> wait_on(std::unique_lock<std::mutex>& lock, WaitPoint& point, const runtime::CallbackQueue& callbacks,
                std::optional<std::chrono::nanoseconds> limit, Take take, Ended ended, Due due) {
  constexpr std::chrono::hours kForEver{24 * 365};  // longer limits would overflow the clock
  if (callbacks.on_this_thread()) return WaitStatus::would_deadlock;
  const auto manual = callbacks.manual();
  if (manual && manual->driving_here()) return WaitStatus::would_deadlock;
  if (point.taken()) return WaitStatus::busy;
  struct Flag {
    bool& flag;
    explicit Flag(bool& f) : flag(f) { flag = true; }
    ~Flag() { flag = false; }
  } flag(point.waiting);
  std::optional<Instant> deadline;
  if (limit && *limit < kForEver) deadline = now() + *limit;
  while (true) {
    const std::uint64_t seen = manual ? manual->turns() : 0;
    const Instant at = now();
    if (std::optional<T> item = take(at)) return *std::move(item);
    if (ended()) return WaitStatus::ended;
    if (deadline && at >= *deadline) return WaitStatus::timed_out;
    std::optional<Instant> wake = due();
    if (deadline) wake = wake ? std::min(*wake, *deadline) : *deadline;
    if (manual) {
      lock.unlock();
      manual->turn(wake.value_or(Instant::max()), seen);
      lock.lock();
    } else {
      point.woken = false;
      if (wake)
        point.changed.wait_until(lock, *wake);
      else
        point.changed.wait(lock);
    }
  }
}

/// `point` keeps itself and `mutex` alive; `armed()` is called when there was nothing to take.
template <class T, class Take, class Ended, class Armed>
mla::detail::AsyncSource<T> async_source(std::shared_ptr<WaitPoint> point, std::mutex& mutex, Take take, Ended ended,
                                         Armed armed) {
  const auto disarm = [point, &mutex](const void* who) {
    std::lock_guard lock(mutex);
    return point->reserved == who && std::exchange(point->once, nullptr) != nullptr;
  };
  const auto reserve = [point, &mutex](const void* who) {
    std::lock_guard lock(mutex);
    if (point->taken()) return false;
    point->reserved = who;
    return true;
  };
  const auto take_or_arm = [=, &mutex](const void* who, std::function<void()> f) -> Next<T> {
    std::lock_guard lock(mutex);
    if (point->reserved != who) return WaitStatus::ended;
    if (std::optional<T> item = take(now())) return *std::move(item);
    if (ended()) return WaitStatus::ended;
    point->once = std::move(f);
    armed();
    return WaitStatus::timed_out;
  };
  const auto release = [point, &mutex](const void* who) {
    std::function<void()> unused;  // goes after the lock
    std::lock_guard lock(mutex);
    if (point->reserved != who) return;
    point->reserved = nullptr;
    unused.swap(point->once);
  };
  return {reserve, take_or_arm, disarm, release};
}

template <class T, class Take, class Ended>
Next<T> try_take(Take take, Ended ended) {
  if (std::optional<T> item = take(now())) return *std::move(item);
  return ended() ? WaitStatus::ended : WaitStatus::timed_out;
}

}  // namespace mla::facade
