#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

namespace mla::test {

/// A loop in virtual time: what is due runs in order, and time passes only when nothing is. *loop-confined*
class SimulatedLoop {
 public:
  using Duration = std::chrono::nanoseconds;
  using Task = std::function<void()>;

  void after(Duration delay, Task task) { heap_.push({now_ + delay, next_++, std::move(task)}); }

  /// False when nothing is left to happen, or nothing before the deadline.
  template <class Condition>
  bool run_until(Condition holds, Duration deadline = std::chrono::seconds(30)) {
    const Duration end = now_ + deadline;
    while (!holds()) {
      if (heap_.empty() || heap_.top().when > end) {
        now_ = end;
        return false;
      }
      run_one();
    }
    return true;
  }

  /// Everything that is due now.
  void run_ready() {
    while (!heap_.empty() && heap_.top().when <= now_) run_one();
  }

 private:
  struct Due {
    Duration when;
    std::uint64_t order;
    Task task;
    bool operator<(const Due& other) const {
      return std::tie(when, order) > std::tie(other.when, other.order);
    }
  };

  void run_one() {
    now_ = heap_.top().when;
    const Task task = heap_.top().task;
    heap_.pop();
    task();
  }

  Duration now_{0};
  std::uint64_t next_ = 0;
  std::priority_queue<Due> heap_;
};

}  // namespace mla::test
