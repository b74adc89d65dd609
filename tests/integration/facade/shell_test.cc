#include "exchange/runtime/shell.h"

#include <boost/asio/executor_work_guard.hpp>
#include <catch2/catch.hpp>
#include <thread>

namespace mla::runtime {
namespace {

class Nobody : public Notices {
 public:
  void on_notice(Instant, engine::Action&) override {}
  std::optional<engine::Publish> fetch(SinkId) override { return std::nullopt; }
};

TEST_CASE("runtime: what is closed may outlive its loop, and keeps nothing of it") {
  Nobody nobody;
  auto loop = std::make_unique<boost::asio::io_context>(1);
  auto work = boost::asio::make_work_guard(*loop);
  std::thread worker([&loop] { loop->run(); });
  engine::Config config;
  config.node = NodeId{1};
  const auto shell = std::make_shared<Shell>(*loop, nullptr, config, nobody);
  shell->close({}, std::chrono::milliseconds(0));
  work.reset();
  worker.join();
  loop.reset();
  // Its timers went with it: the sanitizers hear of one that goes with the shell.
  CHECK(shell->engine() == nullptr);
  CHECK_FALSE(shell->submit(Shell::Task([] {})));
}

}  // namespace
}  // namespace mla::runtime
