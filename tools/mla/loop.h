#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace mla::cli {

/// The one thread of a verb: file descriptors, timers, and calls posted from the exchange's callbacks.
/// *loop-confined*, but for post(). Sleeps without a time limit when no timer is set, so that a verb with
/// nothing to do costs nothing.
class Loop {
 public:
  using Clock = std::chrono::steady_clock;
  using Task = std::function<void()>;

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Calls `ready(revents)` while poll() reports any of `events` for `fd`; errors and hang-ups always. Does
  /// not own `fd`.
  void watch(int fd, short events, std::function<void(short)> ready);
  void unwatch(int fd);

  struct TimerId {
    Clock::time_point at;
    std::uint64_t number = 0;
    auto operator<=>(const TimerId&) const = default;
  };
  TimerId at(Clock::time_point when, Task task);
  TimerId after(std::chrono::nanoseconds delay, Task task) {
    return at(Clock::now() + delay, std::move(task));
  }
  void cancel(const TimerId& timer) { timers_.erase(timer); }

  /// From any thread: `task` runs on the loop soon.
  void post(Task task);

  /// Runs until stop(); returns its argument. What was posted before stop() may be left undone.
  int run();
  void stop(int status) {
    if (!stopped_) status_ = status;
    stopped_ = true;
  }

 private:
  void run_timers();
  void run_posted();
  int wait_ms() const;

  std::map<int, std::pair<short, std::shared_ptr<std::function<void(short)>>>> watched_;
  std::map<TimerId, Task> timers_;
  std::uint64_t next_timer_ = 1;
  int wake_fd_ = -1;
  std::mutex mutex_;
  std::vector<Task> posted_;
  bool stopped_ = false;
  int status_ = 0;
};

/// Turns any number of calls from any thread into one call of `task` on the loop, until the next. Copies of
/// hook() may outlive the Wakeup; they then do nothing. *loop-confined*, but for what hook() returns
class Wakeup {
 public:
  Wakeup(Loop& loop, Loop::Task task);
  ~Wakeup() { state_->alive = false; }
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;
  std::function<void()> hook() const;

 private:
  struct State {
    Loop& loop;
    Loop::Task task;
    std::atomic<bool> pending = false;
    bool alive = true;  // read and written on the loop
  };
  std::shared_ptr<State> state_;
};

}  // namespace mla::cli
