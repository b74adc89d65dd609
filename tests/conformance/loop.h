#pragma once
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>

namespace mla::test {

/// A loop that runs in the test's own thread until a condition holds. *loop-confined*
class Loop {
 public:
  static constexpr std::chrono::seconds kDeadline{30};

  boost::asio::io_context::executor_type executor() { return context_.get_executor(); }
  boost::asio::io_context& context() { return context_; }

  /// False when the deadline came first.
  template <class Condition>
  bool run_until(Condition holds, std::chrono::steady_clock::duration deadline = kDeadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!holds()) {
      if (std::chrono::steady_clock::now() >= end) return false;
      context_.run_one_until(end);
    }
    return true;
  }

  /// Everything that can be done now without waiting.
  void run_ready() {
    while (context_.poll() > 0) {
    }
  }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
};

}  // namespace mla::test
