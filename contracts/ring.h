#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include "contracts/containers.h"

namespace mla {

/// A queue that allocates only when it grows beyond what it held; much room is given back when it runs empty. *value*
template <class T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  T& front() { return slots_[first_]; }
  const T& front() const { return slots_[first_]; }
  void push_back(T value) {
    if (size_ == slots_.size()) grow();
    slots_[(first_ + size_) & (slots_.size() - 1)] = std::move(value);
    ++size_;
  }
  /// Of what holds more than room the value stays in it until it is used again: move it out first.
  void pop_front() {
    first_ = (first_ + 1) & (slots_.size() - 1);
    if (--size_ == 0) give_back_room(slots_);
  }
  void remove(const T& value) {
    for (std::size_t left = size_; left > 0; --left) {
      T front_value = front();
      pop_front();
      if (!(front_value == value)) push_back(std::move(front_value));
    }
  }

 private:
  void grow() {
    std::vector<T> larger(slots_.empty() ? 4 : 2 * slots_.size());
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move(slots_[(first_ + i) & (slots_.size() - 1)]);
    slots_ = std::move(larger);
    first_ = 0;
  }
  std::vector<T> slots_;  // a power of two
  std::size_t first_ = 0, size_ = 0;
};

}  // namespace mla
