#include "exchange/runtime/manual_loop.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "exchange/runtime/asio_inside.h"

namespace mla::test {
namespace {

using namespace std::chrono_literals;

/// A socket that can always be read.
class Flood final : public transport::SocketUser {
 public:
  explicit Flood(runtime::ManualLoop& loop) : poller_(transport::SocketPoller::of(loop.exchanges().get_executor())) {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends_) == 0);
  }
  ~Flood() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  static std::shared_ptr<Flood> on(runtime::ManualLoop& loop) {
    auto flood = std::make_shared<Flood>(loop);
    flood->ticket_ = flood->poller_.add(flood->ends_[0], flood);
    REQUIRE(flood->ticket_ != 0);
    return flood;
  }
  Next on_socket(std::uint32_t) override {
    ++calls;
    if (const auto now = std::exchange(then, {})) now();
    return Next::again;
  }
  void leave() { poller_.remove(ends_[0], ticket_); }
  int calls = 0;
  std::function<void()> then;  // once

 private:
  transport::SocketPoller& poller_;
  int ends_[2];
  transport::SocketPoller::Ticket ticket_ = 0;
};

/// A socket that can be read again as soon as it was: each read makes its far side write.
class Echo final : public transport::SocketUser {
 public:
  explicit Echo(runtime::ManualLoop& loop) : poller_(transport::SocketPoller::of(loop.exchanges().get_executor())) {
    REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends_) == 0);
  }
  ~Echo() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  static std::shared_ptr<Echo> on(runtime::ManualLoop& loop) {
    auto echo = std::make_shared<Echo>(loop);
    echo->ticket_ = echo->poller_.add(echo->ends_[0], echo);
    REQUIRE(echo->ticket_ != 0);
    return echo;
  }
  Next on_socket(std::uint32_t) override {
    char byte = 0;
    if (::recv(ends_[0], &byte, 1, 0) == 1) {
      ++reads;
      say();
    }
    return Next::change;
  }
  void say() { REQUIRE(::send(ends_[1], "x", 1, 0) == 1); }
  void leave() { poller_.remove(ends_[0], ticket_); }
  int reads = 0;

 private:
  transport::SocketPoller& poller_;
  int ends_[2];
  transport::SocketPoller::Ticket ticket_ = 0;
};

class Called final : public runtime::CallbackSource {
 public:
  void call() override {
    ++calls;
    if (then) then();
  }
  int calls = 0;
  std::function<void()> then;
};

/// What is due, without a wait.
bool turn_now(runtime::ManualLoop& loop) {
  return loop.turn(std::chrono::steady_clock::now(), loop.turns());
}

void bring_to_rest(runtime::ManualLoop& loop) {
  while (turn_now(loop)) {
  }
}

bool readable(runtime::ManualLoop& loop, std::chrono::milliseconds limit = 0ms) {
  pollfd now{loop.descriptor(), POLLIN, 0};
  return ::poll(&now, 1, static_cast<int>(limit.count())) == 1;
}

}  // namespace

TEST_CASE("a manual loop that always has something to read has time for timers, for what is posted, and for callbacks") {
  runtime::ManualLoop loop;
  const auto flood = Flood::on(loop);
  const auto turn = [&] { turn_now(loop); };
  turn();
  CHECK(flood->calls > 8);

  const auto callback = std::make_shared<Called>();
  loop.call_soon(callback);
  loop.nudge();
  turn();
  CHECK(callback->calls == 1);

  bool posted = false, timed = false;
  boost::asio::post(loop.exchanges(), [&] { posted = true; });
  loop.nudge();
  turn();
  CHECK(posted);

  boost::asio::steady_timer timer(loop.exchanges(), 0ns);
  timer.async_wait([&](const boost::system::error_code&) { timed = true; });
  turn();
  CHECK(timed);

  // What the loop itself posts needs no nudge, and does not wait for the end of the turn either.
  int posted_at = 0, done_at = 0;
  flood->then = [&] {
    posted_at = flood->calls;
    boost::asio::post(loop.exchanges(), [&] { done_at = flood->calls; });
  };
  turn();
  REQUIRE(done_at > 0);
  CHECK(done_at - posted_at < 20);
  flood->leave();
}

TEST_CASE("what comes over sockets while a manual loop is driven is for the next turn, of however many sockets it came") {
  for (const int sockets : {1, 200}) {  // more than are told of at once
    runtime::ManualLoop loop;
    std::vector<std::shared_ptr<Echo>> echoes;
    for (int i = 0; i < sockets; ++i) echoes.push_back(Echo::on(loop));
    bring_to_rest(loop);
    for (const auto& echo : echoes) echo->say();
    int before = 0;
    for (int turn = 1; turn <= 3; ++turn) {
      CHECK(turn_now(loop));
      int reads = 0;
      for (const auto& echo : echoes) reads += echo->reads;
      CHECK(reads - before >= sockets);
      CHECK(reads - before <= 2 * sockets);
      before = reads;
      CHECK(readable(loop));
    }
    for (const auto& echo : echoes) echo->leave();
  }
}

TEST_CASE("what a message brings is told before the next one is read") {
  runtime::ManualLoop loop;
  std::string order;
  const auto callback = std::make_shared<Called>();
  callback->then = [&] { order += 'c'; };
  const auto first = Flood::on(loop), second = Flood::on(loop);
  for (Flood* flood : {first.get(), second.get()})
    flood->then = [&] {
      order += 'm';
      loop.call_soon(callback);
    };
  turn_now(loop);
  CHECK(order == "mcmc");
  first->leave();
  second->leave();
}

TEST_CASE("whether something was posted to a loop is known without its sockets") {
  boost::asio::io_context loop{1};
  boost::asio::steady_timer timer(loop, 1h);
  timer.async_wait([](const boost::system::error_code&) {});
  loop.poll();
  CHECK_FALSE(runtime::has_posted(loop));
  int done = 0;
  boost::asio::post(loop, [&] {
    ++done;
    boost::asio::post(loop, [&] { ++done; });
  });
  CHECK(runtime::has_posted(loop));
  CHECK(loop.poll_one() == 1);
  CHECK(runtime::has_posted(loop));
  CHECK(loop.poll() == 1);
  CHECK(done == 2);
  CHECK_FALSE(runtime::has_posted(loop));
  timer.cancel();
  CHECK(runtime::has_posted(loop));
  loop.poll();
}

TEST_CASE("what a callback posts to its manual loop is done in the same turn") {
  runtime::ManualLoop loop;
  bring_to_rest(loop);
  bool done = false;
  const auto callback = std::make_shared<Called>();
  callback->then = [&] { boost::asio::post(loop.exchanges(), [&] { done = true; }); };
  loop.call_soon(callback);
  loop.nudge();
  CHECK(turn_now(loop));
  CHECK(done);
  CHECK_FALSE(turn_now(loop));
}

TEST_CASE("a manual loop is told once by whoever nudges it, however late, and then it has nothing to do") {
  runtime::ManualLoop loop;
  constexpr int kTimes = 2'000;
  std::atomic<int> wanted{0}, done{0}, posted{0};
  std::thread other([&] {
    for (int i = 1; i <= kTimes; ++i) {
      while (wanted < i) std::this_thread::yield();
      boost::asio::post(loop.exchanges(), [&] { ++posted; });
      loop.nudge();
      done = i;
    }
  });
  int never = 0, left = 0;
  for (int i = 1; i <= kTimes; ++i) {
    wanted = i;
    while (posted < i)
      if (i < kTimes / 2)
        never += !loop.turn(std::chrono::steady_clock::now() + 20s, loop.turns()) && posted < i;
      else
        turn_now(loop);
    while (done < i) std::this_thread::yield();
    bring_to_rest(loop);
    if (i < kTimes / 2) continue;  // nobody has asked for the descriptor yet
    left += readable(loop);
  }
  other.join();
  CHECK(never == 0);
  CHECK(left == 0);
}

TEST_CASE("a manual loop's descriptor tells of a nudge that was before it, and of a timer") {
  runtime::ManualLoop loop;
  bring_to_rest(loop);
  loop.nudge();
  CHECK(readable(loop));
  bring_to_rest(loop);
  CHECK_FALSE(readable(loop));
  bool timed = false;
  boost::asio::steady_timer timer(loop.exchanges(), 20ms);
  timer.async_wait([&](const boost::system::error_code&) { timed = true; });
  loop.nudge();
  bring_to_rest(loop);
  CHECK_FALSE(timed);
  CHECK(readable(loop, 20s));
  bring_to_rest(loop);
  CHECK(timed);
  CHECK_FALSE(readable(loop));
}

TEST_CASE("who waits for another thread's turn of a manual loop hears of a nudge from within it") {
  runtime::ManualLoop loop;
  class Slow final : public runtime::CallbackSource {
   public:
    Slow(runtime::ManualLoop& of, std::atomic<bool>& is_in, std::atomic<bool>& has_heard) : loop(of), in(is_in), heard(has_heard) {}
    void call() override {
      in = true;
      while (!heard) {  // this turn does not end before the other thread has heard
        loop.nudge();
        std::this_thread::yield();
      }
    }
    runtime::ManualLoop& loop;
    std::atomic<bool>&in, &heard;
  };
  std::atomic<bool> in{false}, heard{false};
  loop.call_soon(std::make_shared<Slow>(loop, in, heard));
  std::thread driver([&] { loop.turn(std::chrono::steady_clock::now(), loop.turns()); });
  while (!in) std::this_thread::yield();
  const std::uint64_t seen = loop.turns();
  CHECK(loop.turn(std::chrono::steady_clock::now() + 20s, seen));
  heard = true;
  driver.join();
}

TEST_CASE("who waits for another thread's turn of a manual loop drives it when that has ended, and has done nothing") {
  runtime::ManualLoop loop;
  bring_to_rest(loop);
  std::atomic<bool> timed{false}, begun{false};
  boost::asio::steady_timer timer(loop.exchanges(), 600ms);
  timer.async_wait([&](const boost::system::error_code&) { timed = true; });
  std::thread driver([&] {
    begun = true;
    loop.turn(std::chrono::steady_clock::now() + 200ms, loop.turns());
  });
  while (!begun) std::this_thread::yield();
  std::this_thread::sleep_for(50ms);  // it drives by now: else this test would see less, and nothing wrong
  auto waits = std::async(std::launch::async, [&] { loop.until([&] { return timed.load(); }); });
  CHECK(waits.wait_for(20s) == std::future_status::ready);
  loop.nudge();
  driver.join();
}

}  // namespace mla::test
