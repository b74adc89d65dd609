#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "exchange/runtime/manual_loop.h"

namespace mla::runtime {

/// A pool of workers, each a thread with a loop, and as many threads for user callbacks, started when first
/// needed. Whoever uses a loop keeps the pool alive; the last to let go ends the threads. *thread-safe*
class RuntimeCore {
 public:
  /// `busy_poll`: how long a worker that has nothing to do looks on before it sleeps; threads for callbacks sleep at once.
  explicit RuntimeCore(unsigned workers, std::chrono::nanoseconds busy_poll = {});
  /// Without threads: whoever drives manual() is the one worker, and runs the callbacks too.
  explicit RuntimeCore(std::shared_ptr<ManualLoop> manual) : manual_(std::move(manual)) {}
  /// Joins. Called on one of its own threads (a callback that lets go of the last exchange) it lets that one
  /// go by itself.
  ~RuntimeCore();
  RuntimeCore(const RuntimeCore&) = delete;
  RuntimeCore& operator=(const RuntimeCore&) = delete;

  boost::asio::io_context& next_worker();  ///< round robin
  boost::asio::io_context& callback_loop();  ///< where callbacks run, unless there is a manual()
  const std::shared_ptr<ManualLoop>& manual() const { return manual_; }  ///< none: it has threads

 private:
  struct Worker;
  const std::shared_ptr<ManualLoop> manual_;
  std::vector<std::shared_ptr<Worker>> workers_;
  std::atomic<unsigned> next_{0};
  std::mutex mutex_;
  std::vector<std::shared_ptr<Worker>> callbacks_;  // guarded by mutex_
  unsigned next_callback_ = 0;                      // guarded by mutex_
};

}  // namespace mla::runtime
