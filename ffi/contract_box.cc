#include "ffi/contract_box.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "ffi/events.h"
#include "ffi/guard.h"
#include "ffi/handles.h"

namespace mla::ffi {

EventFd::EventFd() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0) throw Error(ErrorCode::no_memory, "no descriptor is left");
}
EventFd::~EventFd() { ::close(fd_); }
void EventFd::set() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto size = ::write(fd_, &one, sizeof one);
}
void EventFd::clear() const {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto size = ::read(fd_, &count, sizeof count);
}

struct ContractBox::Callback {
  mla_event_fn fn;
  void* ctx;
  std::atomic<bool> on{true};
  bool end_told = false;  // by the one thread that calls
};

mla_status ContractBox::take(std::int64_t timeout_ns, mla_event* out) {
  return visit([&](auto& contract) {
    auto next = timeout_ns == 0 ? contract.try_next_event() : contract.next_event_for(longest_of(timeout_ns));
    return next ? fill(*std::move(next), out) : fail(next.status());
  });
}

mla_status ContractBox::next_event(std::int64_t timeout_ns, mla_event* out) {
  mla_status status = take(timeout_ns, out);
  const EventFd* const told = descriptor_.load(std::memory_order_acquire);
  if (!told) return status;
  if (status == MLA_E_TIMED_OUT) {
    // What comes after the clearing sets it again; what came before is seen by looking once more.
    told->clear();
    status = take(0, out);
    if (status == MLA_OK) told->set();
  }
  if (status == MLA_E_ENDED) told->set();
  return status;
}

std::size_t ContractBox::more_events(mla_event* out, std::size_t capacity) {
  std::size_t count = 0;
  const auto place = [&](std::size_t i) {
    auto* const at = reinterpret_cast<mla_event*>(reinterpret_cast<unsigned char*>(out) + (i + 1) * out->size);
    at->size = out->size;
    return at;
  };
  if (capacity <= 1) return 0;
  --capacity;
  if (ObserveContract* const contract = observing()) {
    std::vector<ObserveEvent> events;
    events.reserve(std::min<std::size_t>(capacity, 256));
    contract->try_next_events(events, capacity);
    for (ObserveEvent& event : events)
      if (fill(std::move(event), place(count)) == MLA_OK) ++count;  // else it is lost, as one alone would be
  } else {
    while (count < capacity && take(0, place(count)) == MLA_OK) ++count;
  }
  return count;
}

mla_status ContractBox::on_event(std::uint64_t id, mla_event_fn fn, void* ctx) {
  std::shared_ptr<Callback> callback;
  if (fn) {
    callback = std::make_shared<Callback>();
    callback->fn = fn;
    callback->ctx = ctx;
  }
  {
    std::lock_guard lock(mutex_);
    if (told_) return fail(ErrorCode::busy, "this contract tells by its descriptor");
    if (callback_) callback_->on = false;
    callback_ = callback;
  }
  // Not under the lock: it waits for a call under way, which may come here too.
  visit([&](auto& contract) {
    if (callback)
      contract.on_ready([id, callback] { call(id, callback); });
    else
      contract.on_ready({});
  });
  return kOk;
}

void ContractBox::call(std::uint64_t id, const std::shared_ptr<Callback>& callback) {
  constexpr int kTurn = 64;  // then the exchange's other callbacks have theirs
  mla_event event;
  for (int i = 0; i < kTurn; ++i) {
    if (!callback->on) return;
    event.size = sizeof event;
    // The pin goes before user code runs: that may free the contract, and wait for nobody.
    const mla_status status = guard([&]() -> mla_status {
      const auto box = handles.contracts.pin(id);
      if (!box) return fail(ErrorCode::handle);
      const mla_status taken = box->take(0, &event);
      if (taken == MLA_E_ENDED) fill_end(box->visit([](auto& contract) { return contract.end_reason(); }), &event);
      return taken;
    });
    if (status == MLA_OK) {
      callback->fn(callback->ctx, &event);
      mla_event_free(&event);
      continue;
    }
    if (status == MLA_E_ENDED && !std::exchange(callback->end_told, true)) callback->fn(callback->ctx, &event);
    if (status != MLA_E_TOO_MANY_HANDLES && status != MLA_E_NO_MEMORY) return;  // those lost one event
  }
  guard([&] {
    if (const auto box = handles.contracts.pin(id); box && callback->on)
      box->visit([&](auto& contract) { contract.on_ready([id, callback] { call(id, callback); }); });
    return kOk;
  });
}

mla_status ContractBox::fd(int* out) {
  std::shared_ptr<EventFd> made;
  {
    std::lock_guard lock(mutex_);
    if (callback_) return fail(ErrorCode::busy, "this contract tells by a callback");
    if (!told_) {
      made = told_ = std::make_shared<EventFd>();
      descriptor_.store(told_.get(), std::memory_order_release);
    }
    *out = told_->get();
  }
  if (made) visit([&](auto& contract) { contract.on_ready([made] { made->set(); }); });
  return kOk;
}

void ContractBox::end() {
  {
    std::lock_guard lock(mutex_);
    if (callback_) callback_->on = false;
  }
  visit([](auto& contract) {
    contract.close();
    contract.on_ready({});
  });
}

}  // namespace mla::ffi
