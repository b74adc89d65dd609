#pragma once
#include <mla.h>
#include <mla/contract.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>

namespace mla::ffi {

/// An eventfd that is readable from set() to clear().
class EventFd {
 public:
  EventFd();  ///< throws Error: no_memory
  ~EventFd();
  EventFd(const EventFd&) = delete;
  EventFd& operator=(const EventFd&) = delete;
  int get() const { return fd_; }
  void set() const;
  void clear() const;

 private:
  int fd_;
};

/// A contract of either sort behind one handle, and how its events are told: by a callback, or by a descriptor. *thread-safe*
class ContractBox {
 public:
  explicit ContractBox(ObserveContract contract) : contract_(std::move(contract)) {}
  explicit ContractBox(ExposeContract contract) : contract_(std::move(contract)) {}

  ObserveContract* observing() { return std::get_if<ObserveContract>(&contract_); }
  ExposeContract* exposing() { return std::get_if<ExposeContract>(&contract_); }
  template <class F>
  auto visit(F f) {
    return std::visit(f, contract_);
  }

  mla_status next_event(std::int64_t timeout_ns, mla_event* out);
  /// What is there beside the event at `out`, which was just taken: behind it, and of its size, for up to `capacity` in all; how many.
  std::size_t more_events(mla_event* out, std::size_t capacity);
  /// `id`: this contract's handle, by which a callback finds it again, or does not when it was freed.
  mla_status on_event(std::uint64_t id, mla_event_fn fn, void* ctx);
  mla_status fd(int* out);
  /// Ends it; then nobody is called any more, unless this is called inside a call.
  void end();

 private:
  struct Callback;
  static void call(std::uint64_t id, const std::shared_ptr<Callback>& callback);
  mla_status take(std::int64_t timeout_ns, mla_event* out);

  std::variant<ObserveContract, ExposeContract> contract_;
  std::mutex mutex_;
  std::shared_ptr<Callback> callback_;  // guarded by mutex_, as is the next
  std::shared_ptr<EventFd> told_;
  std::atomic<const EventFd*> descriptor_{nullptr};  // told_, once it is there
};

/// nullopt: for ever.
inline std::optional<std::chrono::nanoseconds> limit_of(std::int64_t timeout_ns) {
  if (timeout_ns < 0) return std::nullopt;
  return std::chrono::nanoseconds(timeout_ns);
}
/// The same for functions that take a duration only.
inline std::chrono::nanoseconds longest_of(std::int64_t timeout_ns) {
  return timeout_ns < 0 ? std::chrono::nanoseconds::max() : std::chrono::nanoseconds(timeout_ns);
}

}  // namespace mla::ffi
