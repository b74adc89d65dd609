#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace mla::runtime {

/// A pool of workers, each a thread with a loop, and as many threads for user callbacks, started when first
/// needed. Whoever uses a loop keeps the pool alive; the last to let go ends the threads. *thread-safe*
class RuntimeCore {
 public:
  explicit RuntimeCore(unsigned workers);
  /// Joins. Called on one of its own threads (a callback that lets go of the last exchange) it lets that one
  /// go by itself.
  ~RuntimeCore();
  RuntimeCore(const RuntimeCore&) = delete;
  RuntimeCore& operator=(const RuntimeCore&) = delete;

  boost::asio::io_context& next_worker();  ///< round robin
  boost::asio::io_context& callback_loop();

 private:
  struct Worker;
  std::vector<std::shared_ptr<Worker>> workers_;
  std::atomic<unsigned> next_{0};
  std::mutex mutex_;
  std::vector<std::shared_ptr<Worker>> callbacks_;  // guarded by mutex_
  unsigned next_callback_ = 0;                      // guarded by mutex_
};

}  // namespace mla::runtime
