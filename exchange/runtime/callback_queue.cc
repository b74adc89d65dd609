#include "exchange/runtime/callback_queue.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "exchange/runtime/runtime_core.h"

namespace mla::runtime {

CallbackQueue::CallbackQueue(std::shared_ptr<RuntimeCore> runtime)
    : is_manual_(runtime->manual() != nullptr), manual_(runtime->manual()), runtime_(std::move(runtime)) {}

void CallbackQueue::set(CallbackSlot& slot, std::function<void()> f) {
  std::unique_lock lock(mutex_);
  slot.used_.store(f != nullptr, std::memory_order_release);
  slot.function_.swap(f);
  slot.replaced_ = running_ == &slot;
  if (running_on_ != std::this_thread::get_id()) wait(lock, [&] { return running_ != &slot; });
  lock.unlock();  // the former one goes after it: its captures may call back in
}

template <class Done>
void CallbackQueue::wait(std::unique_lock<std::mutex>& lock, Done done) {
  ++waiting_;
  changed_.wait(lock, done);
  --waiting_;
}

void CallbackQueue::notify_manual(const CallbackSlotPtr& slot, bool used) {
  if (!used) return nudge_manual();
  std::lock_guard lock(mutex_);
  if (!runtime_) return nudge_manual();
  ManualLoop* const manual = runtime_->manual().get();  // held by it
  enqueue(slot, manual);
  manual->nudge();
}

void CallbackQueue::notify_used(const CallbackSlotPtr& slot) {
  std::lock_guard lock(mutex_);
  enqueue(slot, nullptr);
}

void CallbackQueue::enqueue(const CallbackSlotPtr& slot, ManualLoop* manual) {
  if (closed_ || slot->queued_ || !slot->used_.load(std::memory_order_relaxed)) return;
  slot->queued_ = true;
  queue_.push_back(slot);
  if (scheduled_) return;
  scheduled_ = true;
  schedule(manual);
}

/// `manual`: the loop of a manual runtime, if it is there.
void CallbackQueue::schedule(ManualLoop* manual) {
  if (is_manual_) {
    if (manual) manual->call_soon(shared_from_this());
    return;
  }
  if (!loop_) loop_ = &runtime_->callback_loop();
  boost::asio::post(*loop_, [self = shared_from_this()] { self->call(); });
}

std::shared_ptr<ManualLoop> CallbackQueue::manual() const {
  return is_manual_ ? manual_.lock() : nullptr;
}

void CallbackQueue::nudge_manual() const {
  if (const auto manual = manual_.lock()) manual->nudge();
}

void CallbackQueue::call() {
  constexpr int kTurn = 64;  // then other exchanges' callbacks have theirs
  CallbackSlotPtr slot;      // whose function was called last. Captures may be the last handles of something: they go without the lock
  std::unique_lock lock(mutex_);
  running_on_ = std::this_thread::get_id();
  for (int i = 0; i < kTurn && !queue_.empty(); ++i) {
    CallbackSlotPtr next = std::move(queue_.front());
    queue_.pop_front();
    next->queued_ = false;
    if (!next->function_) continue;
    std::function<void()> function = std::exchange(next->function_, nullptr);
    next->replaced_ = false;
    running_ = next.get();
    lock.unlock();
    slot = std::move(next);
    [&]() noexcept { function(); }();
    lock.lock();
    if (slot->replaced_) {
      lock.unlock();
      function = nullptr;  // before we say that nothing runs
      lock.lock();
    } else {
      slot->function_ = std::move(function);
    }
    running_ = nullptr;
    if (waiting_ > 0) changed_.notify_all();
  }
  if (slot.use_count() == 1) {
    lock.unlock();
    slot.reset();
    lock.lock();
  }
  running_on_ = {};
  if (!queue_.empty()) return schedule(manual_.lock().get());
  scheduled_ = false;
  if (waiting_ > 0) changed_.notify_all();
}

bool CallbackQueue::on_this_thread() const {
  std::lock_guard lock(mutex_);
  return running_on_ == std::this_thread::get_id();
}

void CallbackQueue::close() {
  std::shared_ptr<RuntimeCore> runtime;
  Ring<CallbackSlotPtr> dropped;
  std::unique_lock lock(mutex_);
  closed_ = true;
  if (running_on_ == std::this_thread::get_id()) {
    dropped = std::exchange(queue_, {});
    for (; !dropped.empty(); dropped.pop_front()) dropped.front()->queued_ = false;
  } else if (const auto manual = this->manual()) {
    const auto done = [&] {
      lock.lock();
      const bool is_done = !scheduled_;
      lock.unlock();
      return is_done;
    };
    lock.unlock();
    if (manual->driving_here())  // in a callback of another exchange: what was posted would come too late
      while (!done()) call();
    else
      manual->until(done);
    lock.lock();
  } else {
    wait(lock, [&] { return !scheduled_; });
  }
  runtime = std::move(runtime_);
  lock.unlock();
}

}  // namespace mla::runtime
