#include "exchange/runtime/manual_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <system_error>

#include "exchange/runtime/reactor_descriptor.h"

namespace mla::runtime {

ManualLoop::ManualLoop() {
  nudged_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  all_ = ::epoll_create1(EPOLL_CLOEXEC);
  bool watched = nudged_ >= 0 && all_ >= 0;
  for (const int descriptor : {nudged_, reactor_descriptor(exchanges_)}) {
    epoll_event event{};
    event.events = EPOLLIN;
    watched = watched && ::epoll_ctl(all_, EPOLL_CTL_ADD, descriptor, &event) == 0;
  }
  if (watched) return;
  const std::error_code why(errno, std::generic_category());
  if (nudged_ >= 0) ::close(nudged_);
  if (all_ >= 0) ::close(all_);
  throw std::system_error(why);
}

ManualLoop::~ManualLoop() {
  ::close(all_);
  ::close(nudged_);
}

bool ManualLoop::turn(Instant deadline, std::uint64_t seen) {
  // Inside a callback: whoever waits there (a closing exchange) waits for the exchanges only.
  if (driving_here()) return exchanges_.poll() != 0 || exchanges_.run_one_until(deadline) != 0;
  std::unique_lock lock(mutex_);
  if (driver_.load() != std::thread::id{}) {
    const auto moved = [&] { return turns_ != seen || driver_.load() == std::thread::id{}; };
    if (deadline == Instant::max())
      changed_.wait(lock, moved);
    else
      changed_.wait_until(lock, deadline, moved);
    return turns_ != seen;
  }
  driver_ = std::this_thread::get_id();
  if (turns_ != seen) deadline = Instant::min();
  lock.unlock();
  const bool did = drive(deadline);
  lock.lock();
  driver_ = std::thread::id{};
  if (did) ++turns_;
  changed_.notify_all();
  return did;
}

bool ManualLoop::drive(Instant deadline) {
  if (drain()) return true;
  if (std::chrono::steady_clock::now() >= deadline) return false;
  const bool did = exchanges_.run_one_until(deadline) != 0;
  return drain() || did;
}

/// Until nothing is due; but code that always finds something to do must not keep the thread for ever.
bool ManualLoop::drain() {
  constexpr int kRounds = 64;
  for (int round = 0; round < kRounds; ++round) {
    if (is_nudged_) {
      std::uint64_t count = 0;
      [[maybe_unused]] const auto size = ::read(nudged_, &count, sizeof count);
      // After the read: a nudge between the two counts as told, and what it was for was posted before it.
      is_nudged_ = false;
    }
    if (exchanges_.poll() + callbacks_.poll() == 0) return round > 0;
  }
  nudge();
  return true;
}

void ManualLoop::nudge() {
  if (!is_nudged_.exchange(true)) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto size = ::write(nudged_, &one, sizeof one);
  }
  std::lock_guard lock(mutex_);
  ++turns_;
  if (driver_.load() != std::thread::id{} && !driving_here())
    boost::asio::post(exchanges_, [] {});  // it may be asleep
  changed_.notify_all();
}

}  // namespace mla::runtime
