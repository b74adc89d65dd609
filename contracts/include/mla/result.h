#pragma once
#include <cassert>
#include <optional>
#include <utility>

#include <mla/error.h>

namespace mla {

/// A value, or the error that kept it from being made. Never throws; reading the value of a failed result is a bug of
/// the caller and asserts. *value*
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(ErrorCode error) : error_(error) { assert(error != ErrorCode::ok); }

  bool ok() const { return value_.has_value(); }
  explicit operator bool() const { return ok(); }
  ErrorCode error() const { return error_; }

  T& operator*() & { assert(ok()); return *value_; }
  const T& operator*() const& { assert(ok()); return *value_; }
  T&& operator*() && { assert(ok()); return std::move(*value_); }
  T* operator->() { assert(ok()); return &*value_; }
  const T* operator->() const { assert(ok()); return &*value_; }

 private:
  std::optional<T> value_;
  ErrorCode error_ = ErrorCode::ok;
};

}  // namespace mla
