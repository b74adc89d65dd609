#pragma once
#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace mla {

/// First in, first out, in one block that is given back when it runs empty. A std::deque holds more than half a
/// kilobyte even when nothing was ever in it, which every idle link would pay several times. *value*
template <class T>
class Fifo {
 public:
  bool empty() const { return head_ == items_.size(); }
  std::size_t size() const { return items_.size() - head_; }
  T& front() { return items_[head_]; }
  const T& front() const { return items_[head_]; }
  void push_back(T item) { items_.push_back(std::move(item)); }
  void pop_front() {
    items_[head_++] = T{};
    if (empty())
      reset();
    else if (head_ >= kCompactAt && head_ >= items_.size() / 2)
      compact();
  }

  auto begin() { return items_.begin() + static_cast<std::ptrdiff_t>(head_); }
  auto end() { return items_.end(); }
  auto rbegin() { return items_.rbegin(); }
  auto rend() { return items_.rend() - static_cast<std::ptrdiff_t>(head_); }
  void erase(typename std::vector<T>::iterator at) {
    items_.erase(at);
    if (empty()) reset();
  }
  void remove(const T& item) {
    items_.erase(std::remove(begin(), end(), item), end());
    if (empty()) reset();
  }

 private:
  static constexpr std::size_t kCompactAt = 32;
  static constexpr std::size_t kKept = 4;  // items whose room stays, for queues that hold one now and then

  void compact() {
    items_.erase(items_.begin(), begin());
    head_ = 0;
  }
  void reset() {
    head_ = 0;
    if (items_.capacity() > kKept)
      items_ = {};
    else
      items_.clear();
  }

  std::vector<T> items_;
  std::size_t head_ = 0;
};

}  // namespace mla
