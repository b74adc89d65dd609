#pragma once
#include <mla/error.h>

#include <cassert>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

namespace mla {

/// How a wait came out.
enum class WaitStatus : std::uint8_t {
  item,            ///< there is one
  timed_out,       ///< nothing yet (try_…: nothing now)
  ended,           ///< nothing any more: dropped, closed, or gone
  busy,            ///< another thread waits on this handle already
  would_deadlock,  ///< asked to block inside a callback
  cancelled,       ///< by its cancellation slot; async_next() only
};
std::string_view to_string(WaitStatus status);

/// What a wait with a time limit gives: an item, or why there is none. Never throws. *value*
template <class T>
class [[nodiscard]] Next {
 public:
  Next(T item) : item_(std::move(item)), status_(WaitStatus::item) {}
  explicit Next(std::in_place_t) : item_(std::in_place), status_(WaitStatus::item) {}
  Next(WaitStatus status) : status_(status) { assert(status != WaitStatus::item); }

  explicit operator bool() const { return item_.has_value(); }
  WaitStatus status() const { return status_; }
  bool timed_out() const { return status_ == WaitStatus::timed_out; }
  bool ended() const { return status_ == WaitStatus::ended; }

  T& operator*() & { return *item_; }
  const T& operator*() const& { return *item_; }
  T&& operator*() && { return std::move(*item_); }
  T* operator->() { return &*item_; }
  const T* operator->() const { return &*item_; }

  /// For callers without a time limit: nullopt at the end; throws Error for busy and would_deadlock.
  std::optional<T> or_throw() && {
    if (status_ == WaitStatus::busy) throw Error(ErrorCode::busy);
    if (status_ == WaitStatus::would_deadlock) throw Error(ErrorCode::would_deadlock);
    return std::move(item_);
  }

 private:
  std::optional<T> item_;
  WaitStatus status_;
};

namespace detail {

/// A wait that calls back, for mla/asio.h. `who`: the wait's name, any address that is its own. *value*
template <class T>
struct AsyncSource {
  std::function<bool(const void* who)> reserve;  ///< false: somebody waits already
  /// As try_…(); when it gives timed_out it has kept `f` and calls it once as soon as there may be something: on any
  /// thread, locked, so that `f` may do no more than post. After reserve().
  std::function<Next<T>(const void* who, std::function<void()> f)> take_or_arm;
  std::function<bool(const void* who)> disarm;  ///< true: what was kept has not been called, and is not any more
  std::function<void(const void* who)> release;
};

}  // namespace detail

}  // namespace mla
