#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace mla::core {

/// A list that is mostly very short, as a std::vector in two words: while it is short its room is what it needs. *value*
template <class T>
class Few {
 public:
  Few() = default;
  Few(const Few&) = delete;
  Few& operator=(const Few&) = delete;
  ~Few() { leave(); }

  T* begin() { return items_; }
  T* end() { return items_ + size_; }
  const T* begin() const { return items_; }
  const T* end() const { return items_ + size_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t i) { return items_[i]; }
  const T& operator[](std::size_t i) const { return items_[i]; }
  const T& back() const { return items_[size_ - 1]; }

  /// A new one, in front of `at`.
  T* emplace(const T* at) {
    const auto i = at - items_;
    if (size_ == room_) grow();
    std::construct_at(items_ + size_);
    std::rotate(items_ + i, items_ + size_, items_ + size_ + 1);
    ++size_;
    return items_ + i;
  }
  void erase(const T* at) {
    std::move(items_ + (at - items_) + 1, end(), items_ + (at - items_));
    drop_last(1);
  }
  template <class Which>
  friend void erase_if(Few& few, Which which) {
    few.drop_last(static_cast<std::size_t>(few.end() - std::remove_if(few.begin(), few.end(), which)));
  }

 private:
  static constexpr std::uint32_t kShort = 4;

  void grow() {
    const std::uint32_t room = room_ < kShort ? room_ + 1 : room_ + room_ / 2;
    T* items = std::allocator<T>().allocate(room);
    std::uninitialized_move(begin(), end(), items);
    const std::uint32_t size = size_;
    leave();
    items_ = items;
    size_ = size;
    room_ = room;
  }
  void drop_last(std::size_t n) {
    std::destroy(end() - n, end());
    size_ -= static_cast<std::uint32_t>(n);
    if (size_ == 0) leave();
  }
  void leave() {
    if (!items_) return;
    std::destroy(begin(), end());
    std::allocator<T>().deallocate(items_, room_);
    items_ = nullptr;
    size_ = room_ = 0;
  }

  T* items_ = nullptr;
  std::uint32_t size_ = 0, room_ = 0;
};

}  // namespace mla::core
