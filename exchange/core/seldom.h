#pragma once
#include <memory>
#include <optional>
#include <utility>
#include <vector>

// Two ways to keep what is mostly not there without paying for it in every record.
namespace mla::core {

/// Kept elsewhere, and only while there is something to keep: reading what is not there gives the default, editing
/// makes room, tidy() gives the room back when all is as by default (`T::idle()`). *value*
template <class T>
class Seldom {
 public:
  const T& operator*() const { return kept_ ? *kept_ : kNothing; }
  const T* operator->() const { return &**this; }
  explicit operator bool() const { return kept_ != nullptr; }
  T& edit() {
    if (!kept_) kept_ = std::make_unique<T>();
    return *kept_;
  }
  void clear() { kept_.reset(); }
  void tidy() {
    if (kept_ && kept_->idle()) kept_.reset();
  }

 private:
  static inline const T kNothing{};
  std::unique_ptr<T> kept_;
};

/// Takes out of a list that may not be there.
template <class T, class List, class Which>
void erase_in(Seldom<T>& seldom, List list, Which which) {
  if (seldom) std::erase_if(seldom.edit().*list, which);
}

/// A std::optional that takes no room for its flag: the type has a value that stands for none
/// (`T::nothing()`, `is_nothing()`). *value*
template <class T>
class Compact {
 public:
  Compact() = default;
  Compact(std::nullopt_t) {}
  Compact(T value) : value_(std::move(value)) {}
  Compact(const std::optional<T>& value) : value_(value ? *value : T::nothing()) {}

  bool has_value() const { return !value_.is_nothing(); }
  explicit operator bool() const { return has_value(); }
  const T& operator*() const { return value_; }
  T& operator*() { return value_; }
  const T* operator->() const { return &value_; }
  T* operator->() { return &value_; }
  void reset() { value_ = T::nothing(); }
  std::optional<T> optional() const { return has_value() ? std::optional<T>(value_) : std::nullopt; }
  bool operator==(const Compact&) const = default;
  // Else the one of std::optional is taken, which takes a Compact for a value that is always there.
  bool operator==(const std::optional<T>& other) const { return *this == Compact(other); }

 private:
  T value_ = T::nothing();
};

}  // namespace mla::core
