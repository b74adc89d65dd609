#include <ctime>

#include "tests/integration/facade/helpers.h"

// Workers that look on for a while before they sleep: what this process takes of a processor, while the test itself sleeps.
namespace mla::test {
namespace {

std::chrono::nanoseconds cpu_time() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

/// Whether within kLong there is a piece of 100 ms of which `is` holds.
template <class Is>
bool some_piece(Is is) {
  for (const auto end = std::chrono::steady_clock::now() + kLong; std::chrono::steady_clock::now() < end;) {
    const auto before = cpu_time();
    std::this_thread::sleep_for(100ms);
    if (is(cpu_time() - before)) return true;
  }
  return false;
}

bool works() {
  return some_piece([](auto used) { return used > 15ms; });
}
bool sleeps() {
  return some_piece([](auto used) { return used < 5ms; });
}

/// To a state and back, over a link: what has to work however a worker waits.
void pass_a_state_on(Runtime& runtime) {
  Exchange parent(runtime), child(runtime);
  WebsocketListener listener(parent, "ws://127.0.0.1:0");
  WebsocketConnector up(child, listener.url());
  auto exposing = parent.object_expose_contract(kTemp).build();
  exposing.on_ready([&] {
    while (auto event = exposing.try_next_event())
      if (event->kind == ExposeEventKind::elected) event->sink->send(State::text("21"));
  });
  CHECK(text(child.get(kTemp, kLong)) == "21");
  exposing.on_ready({});
}

TEST_CASE("facade: a worker with busy_poll looks on for that long after its last work, and then sleeps") {
  {
    Runtime runtime({.busy_poll = 1s});
    Exchange exchange(runtime);
    exchange.info();
    CHECK(works());
    CHECK(sleeps());
    exchange.info();
    CHECK(works());
    pass_a_state_on(runtime);
  }
  CHECK(sleeps());
  for (const auto busy : {0ns, std::chrono::nanoseconds(1ms)}) {
    Runtime runtime({.workers = 2, .busy_poll = busy});
    pass_a_state_on(runtime);
    CHECK(sleeps());
  }
}

TEST_CASE("facade: busy_poll is from nothing to a second") {
  CHECK_THROWS_AS(Runtime({.busy_poll = -1ns}), Error);
  CHECK_THROWS_AS(Runtime({.busy_poll = 1s + 1ns}), Error);
}

}  // namespace
}  // namespace mla::test
