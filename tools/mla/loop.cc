#include "tools/mla/loop.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace mla::cli {

Loop::Loop() : wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Loop::~Loop() {
  ::close(wake_fd_);
}

void Loop::watch(int fd, short events, std::function<void(short)> ready) {
  watched_[fd] = {events, std::make_shared<std::function<void(short)>>(std::move(ready))};
}

void Loop::unwatch(int fd) {
  watched_.erase(fd);
}

Loop::TimerId Loop::at(Clock::time_point when, Task task) {
  const TimerId id{when, next_timer_++};
  timers_.emplace(id, std::move(task));
  return id;
}

void Loop::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(task));
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_fd_, &one, sizeof one);
}

int Loop::wait_ms() const {
  if (timers_.empty()) return -1;
  const auto left = timers_.begin()->first.at - Clock::now();
  if (left <= left.zero()) return 0;
  // Rounded up: rounded down, the last millisecond would be spun through.
  return static_cast<int>(
      std::min<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(left).count(), 3'600'000));
}

void Loop::run_timers() {
  const auto now = Clock::now();
  while (!stopped_ && !timers_.empty() && timers_.begin()->first.at <= now) {
    auto node = timers_.extract(timers_.begin());
    node.mapped()();
  }
}

void Loop::run_posted() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(wake_fd_, &count, sizeof count);
  std::vector<Task> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(posted_);
  }
  for (auto& task : tasks) {
    if (stopped_) return;
    task();
  }
}

int Loop::run() {
  std::vector<pollfd> fds;
  while (!stopped_) {
    fds.assign(1, pollfd{wake_fd_, POLLIN, 0});
    for (const auto& [fd, entry] : watched_) fds.push_back(pollfd{fd, entry.first, 0});
    const int n = ::poll(fds.data(), fds.size(), wait_ms());
    if (n < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
    run_timers();
    if (n <= 0) continue;
    if (fds.front().revents != 0) run_posted();
    for (std::size_t i = 1; i < fds.size() && !stopped_; ++i) {
      if (fds[i].revents == 0) continue;
      const auto found = watched_.find(fds[i].fd);  // a call before this one may have taken it away
      if (found == watched_.end()) continue;
      const auto ready = found->second.second;  // and this one may take away itself
      (*ready)(fds[i].revents);
    }
  }
  return status_;
}

Wakeup::Wakeup(Loop& loop, Loop::Task task) : state_(new State{loop, std::move(task)}) {}

std::function<void()> Wakeup::hook() const {
  return [state = state_] {
    if (state->pending.exchange(true)) return;
    state->loop.post([state] {
      state->pending = false;
      if (state->alive) state->task();
    });
  };
}

}  // namespace mla::cli
