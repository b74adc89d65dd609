#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "contracts/ids.h"
#include "exchange/transport/socket_poller.h"

namespace mla::runtime {

/// Calls user functions, when it is its turn.
class CallbackSource {
 public:
  virtual void call() = 0;

 protected:
  ~CallbackSource() = default;
};

/// The loop of a runtime without threads. Whoever polls or waits drives it: what the exchanges have to do, and
/// then their callbacks. One thread drives at a time; others that wait sleep until it has done something, or
/// has left. *thread-safe*
class ManualLoop {
 public:
  ManualLoop();
  ~ManualLoop();
  ManualLoop(const ManualLoop&) = delete;
  ManualLoop& operator=(const ManualLoop&) = delete;

  boost::asio::io_context& exchanges() { return exchanges_; }
  /// `source` has its turn once the exchanges have had a few of theirs; to be followed by a nudge(). Any lock may be held.
  void call_soon(std::shared_ptr<CallbackSource> source);

  /// Does what is due, or what becomes due until `deadline`. True when something was done, here or by the
  /// thread that drives already. Returns at once when turns() is not `seen` any more: so nothing is missed
  /// that changed since whatever is waited for was looked at. Inside a callback (driving_here()) only the
  /// exchanges' part is done.
  bool turn(Instant deadline, std::uint64_t seen);
  std::uint64_t turns() const { return turns_.load(std::memory_order_acquire); }
  template <class Done>
  void until(Done done) {
    for (std::uint64_t seen = turns(); !done(); seen = turns()) turn(Instant::max(), seen);
  }

  bool driving_here() const { return driver_.load(std::memory_order_relaxed) == std::this_thread::get_id(); }
  /// Something was posted to the exchanges' loop, is to be called, or has changed without that. Any lock may be held.
  void nudge();
  /// Readable when turn() would do something. Made when it is first asked for: who receives would pay for it with each message.
  int descriptor();

 private:
  bool wait_for_driver(Instant deadline, std::uint64_t seen);
  bool drive(Instant deadline);
  bool drain();
  bool drain_exchanges();
  std::size_t ask_asio(std::size_t most);
  bool call_due();
  bool take_nudge();
  void sleep(Instant deadline);
  void wait(Instant deadline);
  void wake();
  void tell();
  void tell_waiting();

  boost::asio::io_context exchanges_{1};
  transport::SocketPoller& sockets_ = transport::SocketPoller::of(exchanges_.get_executor());
  boost::asio::steady_timer starts_reactor_{exchanges_};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{exchanges_.get_executor()};
  using Sources = std::vector<std::shared_ptr<CallbackSource>>;
  std::mutex due_mutex_;
  Sources due_;  // guarded by due_mutex_
  std::atomic<bool> any_due_{false};
  Sources due_here_, calling_;  // of whoever drives
  unsigned looks_ = 0;          // of whoever drives: that found messages
  int nudged_ = -1;
  int all_ = -1;  // guarded by mutex_
  std::atomic<bool> is_nudged_{false};
  std::atomic<bool> is_told_{false};  // nudged_ has been written to since it was read
  std::atomic<bool> asleep_{false};   // whoever drives waits for nudged_, or is about to
  std::atomic<bool> watched_{false};  // somebody has the descriptor
  std::atomic<std::uint64_t> turns_{0};
  std::atomic<unsigned> waiting_{0};  // threads, for another's turn
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<std::thread::id> driver_{};
};

}  // namespace mla::runtime
