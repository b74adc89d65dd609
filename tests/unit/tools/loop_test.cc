#include "tools/mla/loop.h"

#include <poll.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <thread>

namespace loop_test {

using mla::cli::Loop;
using mla::cli::Wakeup;

TEST_CASE("Timers run in the order of their times, cancelled ones do not") {
  Loop loop;
  std::string order;
  const auto start = Loop::Clock::now();
  loop.at(start, [&] { order += 'b'; });
  loop.at(start - std::chrono::seconds(1), [&] { order += 'a'; });
  const auto cancelled = loop.at(start, [&] { order += 'x'; });
  loop.at(start, [&] { loop.stop(7); });
  loop.cancel(cancelled);
  CHECK(loop.run() == 7);
  CHECK(order == "ab");
}

TEST_CASE("Calls posted from another thread run on the loop") {
  Loop loop;
  std::thread::id ran;
  std::thread other([&] {
    loop.post([&] {
      ran = std::this_thread::get_id();
      loop.stop(0);
    });
  });
  loop.run();
  other.join();
  CHECK(ran == std::this_thread::get_id());
}

TEST_CASE("Many calls of a wakeup are one task, and none after its end") {
  Loop loop;
  int runs = 0;
  std::function<void()> late;
  {
    Wakeup wakeup(loop, [&] { ++runs; });
    const auto hook = wakeup.hook();
    hook();
    hook();
    hook();
    loop.post([&] { loop.stop(0); });
    loop.run();
    CHECK(runs == 1);
    late = wakeup.hook();
  }
  Loop second;
  late();  // posts to the first loop, which is not run again
  CHECK(runs == 1);
}

TEST_CASE("A watcher may take itself away, and the first stop counts") {
  Loop loop;
  int fds[2];
  REQUIRE(::pipe(fds) == 0);
  REQUIRE(::write(fds[1], "x", 1) == 1);
  int calls = 0;
  loop.watch(fds[0], POLLIN, [&](short events) {
    CHECK((events & POLLIN) != 0);
    ++calls;
    loop.unwatch(fds[0]);
    loop.post([&] {
      loop.stop(3);
      loop.stop(4);
    });
  });
  CHECK(loop.run() == 3);
  CHECK(calls == 1);
  ::close(fds[0]);
  ::close(fds[1]);
}

}  // namespace loop_test
