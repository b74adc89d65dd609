#include "exchange/runtime/runtime_core.h"

#include <boost/asio/executor_work_guard.hpp>

namespace mla::runtime {

struct RuntimeCore::Worker {
  boost::asio::io_context loop{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{loop.get_executor()};
  std::thread thread;

  static std::shared_ptr<Worker> start(std::chrono::nanoseconds busy_poll = {}) {
    auto worker = std::make_shared<Worker>();
    worker->thread = std::thread([worker, busy_poll] {
      if (busy_poll > busy_poll.zero())
        worker->run(busy_poll);
      else
        worker->loop.run();
    });
    return worker;
  }
  /// Until it is stopped. A processor that slept takes longer to wake than a message takes to be passed on.
  void run(std::chrono::nanoseconds busy_poll) {
    using Clock = std::chrono::steady_clock;
    for (Clock::time_point busy = Clock::now(); !loop.stopped();) {
      if (loop.poll() == 0) {
        if (Clock::now() - busy < busy_poll) continue;
        loop.run_one();
      }
      busy = Clock::now();
    }
  }
  void stop() {
    loop.stop();
    if (thread.get_id() == std::this_thread::get_id())
      thread.detach();  // ends when it returns to its loop; it holds the worker until then
    else
      thread.join();
  }
};

RuntimeCore::RuntimeCore(unsigned workers, std::chrono::nanoseconds busy_poll) {
  for (unsigned i = 0; i < workers; ++i) workers_.push_back(Worker::start(busy_poll));
}

RuntimeCore::~RuntimeCore() {
  for (auto& worker : workers_) worker->stop();
  for (auto& worker : callbacks_) worker->stop();
}

boost::asio::io_context& RuntimeCore::next_worker() {
  if (manual_) return manual_->exchanges();
  return workers_[next_.fetch_add(1, std::memory_order_relaxed) % workers_.size()]->loop;
}

boost::asio::io_context& RuntimeCore::callback_loop() {
  std::lock_guard lock(mutex_);
  const unsigned i = next_callback_++ % workers_.size();
  if (i == callbacks_.size()) callbacks_.push_back(Worker::start());
  return callbacks_[i]->loop;
}

}  // namespace mla::runtime
