#include "exchange/runtime/manual_loop.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <iterator>
#include <system_error>
#include <utility>

#include "exchange/runtime/asio_inside.h"

namespace mla::runtime {

ManualLoop::ManualLoop() {
  nudged_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (nudged_ >= 0 && sockets_.by_hand(reactor_descriptor(exchanges_))) return;
  const std::error_code why(errno, std::generic_category());
  if (nudged_ >= 0) ::close(nudged_);
  throw std::system_error(why);
}

ManualLoop::~ManualLoop() {
  if (all_ >= 0) ::close(all_);
  ::close(nudged_);
}

int ManualLoop::descriptor() {
  std::lock_guard lock(mutex_);
  if (all_ >= 0) return all_;
  const int all = ::epoll_create1(EPOLL_CLOEXEC);
  bool watched = all >= 0;
  for (const int descriptor : {nudged_, sockets_.descriptor()}) {
    epoll_event event{};
    event.events = EPOLLIN;
    watched = watched && ::epoll_ctl(all, EPOLL_CTL_ADD, descriptor, &event) == 0;
  }
  if (watched) {
    watched_ = true;
    if (is_nudged_) tell();  // it was of no use to anybody until now
    return all_ = all;
  }
  const std::error_code why(errno, std::generic_category());
  if (all >= 0) ::close(all);
  throw std::system_error(why);
}

bool ManualLoop::turn(Instant deadline, std::uint64_t seen) {
  // Inside a callback: whoever waits there (a closing exchange) waits for the exchanges only.
  if (driving_here()) {
    if (drain_exchanges()) return true;
    sleep(deadline);
    return drain_exchanges();
  }
  std::thread::id nobody;
  if (!driver_.compare_exchange_strong(nobody, std::this_thread::get_id())) return wait_for_driver(deadline, seen);
  if (turns_ != seen) deadline = Instant::min();
  const bool did = drive(deadline);
  if (did) ++turns_;  // before it is told that nobody drives: who waited is to hear that something was done
  driver_ = std::thread::id{};
  tell_waiting();
  return did;
}

bool ManualLoop::wait_for_driver(Instant deadline, std::uint64_t seen) {
  const auto moved = [&] { return turns_ != seen || driver_.load() == std::thread::id{}; };
  std::unique_lock lock(mutex_);
  ++waiting_;
  if (deadline == Instant::max())
    changed_.wait(lock, moved);
  else if (deadline != Instant::min())  // which the kernel does not take for a time
    changed_.wait_until(lock, deadline, moved);
  --waiting_;
  return turns_ != seen;
}

bool ManualLoop::drive(Instant deadline) {
  if (drain()) return true;
  if (deadline == Instant::min() || std::chrono::steady_clock::now() >= deadline) return false;
  sleep(deadline);
  return drain();
}

/// To the nanosecond, where Asio's own waiting rounds up to the millisecond.
void ManualLoop::sleep(Instant deadline) {
  // Whoever nudges either sees this, or has nudged before we look.
  asleep_ = true;
  if (!is_nudged_) wait(deadline);
  asleep_ = false;
}

void ManualLoop::wait(Instant deadline) {
  pollfd what[] = {{nudged_, POLLIN, 0}, {sockets_.descriptor(), POLLIN, 0}};
  if (deadline == Instant::max()) {
    ::ppoll(what, std::size(what), nullptr, nullptr);
    return;
  }
  const auto left = std::max(deadline - std::chrono::steady_clock::now(), Instant::duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const timespec time{seconds.count(), std::chrono::nanoseconds(left - seconds).count()};
  ::ppoll(what, std::size(what), &time, nullptr);
}

void ManualLoop::call_soon(std::shared_ptr<CallbackSource> source) {
  if (driving_here()) return due_here_.push_back(std::move(source));
  std::lock_guard lock(due_mutex_);
  due_.push_back(std::move(source));
  any_due_.store(true, std::memory_order_release);
}

/// Not those that come meanwhile.
bool ManualLoop::call_due() {
  if (any_due_.load(std::memory_order_acquire)) {
    std::lock_guard lock(due_mutex_);
    std::move(due_.begin(), due_.end(), std::back_inserter(due_here_));
    due_.clear();
    any_due_.store(false, std::memory_order_relaxed);
  }
  if (due_here_.empty()) return false;
  calling_.swap(due_here_);
  for (const auto& source : calling_) source->call();
  calling_.clear();
  return true;
}

bool ManualLoop::take_nudge() {
  // Whether or not it is still nudged: who nudges may write late, when what it was for has been done.
  if (is_told_ && is_told_.exchange(false)) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto size = ::read(nudged_, &count, sizeof count);
  }
  if (!is_nudged_) return false;
  // After the read: a nudge between the two counts as told, and what it was for was posted before it.
  is_nudged_ = false;
  return true;
}

bool ManualLoop::drain_exchanges() {
  take_nudge();
  std::size_t did = exchanges_.poll();
  while (sockets_.look()) {
    const std::size_t calls = sockets_.turn(SIZE_MAX);
    if (calls == 0) break;
    did += calls + exchanges_.poll();
  }
  return did != 0;
}

/// What is due; what comes over sockets meanwhile is for the next time, since whoever drives has other things to do, too. And code
/// that always finds something to do must not keep the thread for ever. Callbacks have their turn after each message, while what
/// it touched is near.
bool ManualLoop::drain() {
  constexpr std::size_t kRounds = 512, kSteps = 8, kReadOn = 16;
  bool did = false;
  std::size_t calls = 0;  // of who has a socket: each once, and some of those with more to read again
  for (std::size_t round = 0; round < kRounds; ++round) {
    const bool nudged = take_nudge();
    std::size_t steps = 0;
    if (sockets_.ready()) {
      calls += steps = sockets_.turn(1);
    } else {
      const bool may_look = calls == 0 || (calls < sockets_.users() + kReadOn && sockets_.has_more());
      steps = !nudged && may_look && sockets_.look();
      // While messages come, Asio can wait for a few of them.
      const bool its_turn = nudged || steps == 0 || ++looks_ % 4 == 0;
      if (its_turn && (sockets_.other_ready() || has_posted(exchanges_))) steps += ask_asio(kSteps);
    }
    const bool called = call_due();
    if (steps == 0 && !called && !nudged) {
      if (sockets_.reads_on()) wake();
      return did;
    }
    did |= steps != 0 || called;
  }
  wake();
  return true;
}

std::size_t ManualLoop::ask_asio(std::size_t most) {
  std::size_t steps = 0;
  do {
    if (exchanges_.poll_one() == 0) break;
    ++steps;
  } while (steps < most && has_posted(exchanges_));
  return steps;
}

void ManualLoop::wake() {
  if (!is_nudged_.exchange(true) && (asleep_ || watched_)) tell();
}

/// A write costs as much as a message: only to who waits for it.
void ManualLoop::tell() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto size = ::write(nudged_, &one, sizeof one);
  is_told_ = true;  // after the write: whoever takes it earlier would leave what is written
}

void ManualLoop::nudge() {
  // Who drives looks again before it leaves.
  if (!driving_here()) wake();
  ++turns_;
  tell_waiting();
}

/// Who is about to wait has counted itself before it looks at the turns, and whether anybody drives.
void ManualLoop::tell_waiting() {
  if (waiting_ == 0) return;
  std::lock_guard lock(mutex_);
  changed_.notify_all();
}

}  // namespace mla::runtime
