#include "exchange/runtime/shell.h"

#include <boost/asio/executor_work_guard.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <span>
#include <thread>
#include <vector>

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

/// A link by hand. `handler` is whom it tells.
class HandLink : public transport::Link {
 public:
  explicit HandLink(transport::LinkHandler*& handler) : handler_(handler) {}
  void start(transport::LinkHandler& handler) override { handler_ = &handler; }
  void send(transport::Bytes, bool) override {}
  void close(ErrorCode, const std::string&) override {}
  std::string peer() const override { return "a hand"; }

 private:
  transport::LinkHandler*& handler_;
};

TEST_CASE("runtime: what one link says is a step each, what has piled up there one, and what many say in a turn one") {
  class Counting final : public Nobody {
   public:
    void begin_step() override { ++steps; }
    int steps = 0;
  } counting;
  boost::asio::io_context loop(1);
  engine::Config config;
  config.node = NodeId{1};
  const auto shell = std::make_shared<Shell>(loop, nullptr, config, counting);
  transport::LinkHandler *first = nullptr, *second = nullptr;
  const auto steps_of = [&](auto work) {
    const int before = counting.steps;
    work();
    return counting.steps - before;
  };
  // Messages without a frame: nothing to be said of them. How many were taken.
  const auto say = [](transport::LinkHandler& handler, std::size_t count) {
    return handler.on_messages(std::vector<std::span<const std::byte>>(count));
  };
  const auto turn = [&] {
    loop.restart();
    loop.poll();
  };

  shell->add_link(std::make_unique<HandLink>(first), engine::LinkRole::child, {}, {}, nullptr);
  CHECK(steps_of([&] { say(*first, 1); }) == 1);
  CHECK(steps_of(turn) == 0);
  // Of two the second is for when user code has seen the first.
  CHECK(steps_of([&] { CHECK(say(*first, 2) == 1); }) == 1);
  CHECK(steps_of(turn) == 0);
  CHECK(steps_of([&] { CHECK(say(*first, 1) == 1); }) == 1);
  CHECK(steps_of([&] { CHECK(say(*first, 3) == 3); }) == 1);
  CHECK(shell->info().links.at(0).messages_in == 1 + 2 + 3);
  CHECK(steps_of([&] { CHECK(say(*first, 50) == 50); }) == 1);
  CHECK(steps_of(turn) == 0);
  CHECK(shell->info().links.at(0).messages_in == 1 + 2 + 3 + 50);

  shell->add_link(std::make_unique<HandLink>(second), engine::LinkRole::child, {}, {}, nullptr);
  CHECK(steps_of([&] {
          say(*first, 1);
          say(*second, 5);
          say(*first, 2);
        }) == 0);
  CHECK(steps_of(turn) == 1);
  CHECK(shell->info().links.at(1).messages_in == 5);

  std::thread closing([&] { shell->close({}, std::chrono::milliseconds(0)); });
  while (shell->engine()) {
    loop.restart();
    loop.run_for(std::chrono::milliseconds(10));
  }
  closing.join();
}

}  // namespace
}  // namespace mla::runtime
