#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "contracts/ring.h"
#include "exchange/runtime/manual_loop.h"

namespace mla::runtime {

class RuntimeCore;

/// Where user code is told to look: at most one call is outstanding, whatever happens meanwhile. Used through
/// its queue.
class CallbackSlot {
 private:
  friend class CallbackQueue;
  std::atomic<bool> used_{false};  // there is a function: most slots never have one
  bool queued_ = false;    // guarded by the queue's mutex, as what follows
  bool replaced_ = false;  // by another, while it was called
  std::function<void()> function_;  // while it is called it is with whoever calls it
};
using CallbackSlotPtr = std::shared_ptr<CallbackSlot>;

/// Runs an exchange's callbacks one at a time, on a callback thread of the runtime, or on whichever thread
/// drives a manual one. *thread-safe*
class CallbackQueue final : public CallbackSource, public std::enable_shared_from_this<CallbackQueue> {
 public:
  /// `runtime` is held until close().
  explicit CallbackQueue(std::shared_ptr<RuntimeCore> runtime);

  /// From now on notify() calls `f`; empty: nothing. Returns when no call of the former function is under way
  /// any more, unless it is called from within a callback of this queue.
  void set(CallbackSlot& slot, std::function<void()> f);
  /// Wakes who drives or waits for a manual loop too.
  void notify(const CallbackSlotPtr& slot) {
    const bool used = slot->used_.load(std::memory_order_acquire);
    if (is_manual_) return notify_manual(slot, used);
    if (used) notify_used(slot);
  }
  /// The loop that whoever waits must drive; none: the runtime has threads, or close() is through.
  std::shared_ptr<ManualLoop> manual() const;
  /// Wakes who drives or waits for a manual loop.
  void nudge() const {
    if (is_manual_) nudge_manual();
  }

  bool on_this_thread() const;  ///< inside a callback of this queue
  /// What is queued still runs; nothing comes after it. Waits for that, unless called from within a callback
  /// (then what is queued is dropped).
  void close();

 private:
  void notify_used(const CallbackSlotPtr& slot);
  void enqueue(const CallbackSlotPtr& slot, ManualLoop* manual);
  template <class Done>
  void wait(std::unique_lock<std::mutex>& lock, Done done);
  void notify_manual(const CallbackSlotPtr& slot, bool used);
  void call() override;
  void schedule(ManualLoop* manual);
  void nudge_manual() const;

  const bool is_manual_;
  bool scheduled_ = false, closed_ = false;
  unsigned waiting_ = 0;  // on changed_
  mutable std::mutex mutex_;
  Ring<CallbackSlotPtr> queue_;
  CallbackSlot* running_ = nullptr;
  std::thread::id running_on_;
  const std::weak_ptr<ManualLoop> manual_;
  std::shared_ptr<RuntimeCore> runtime_;
  std::condition_variable changed_;
  boost::asio::io_context* loop_ = nullptr;  // chosen at the first notify()
};

}  // namespace mla::runtime
