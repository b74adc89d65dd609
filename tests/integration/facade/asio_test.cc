#include <mla/asio.h>
#include <unistd.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <optional>
#include <thread>

#include "tests/integration/facade/helpers.h"

// Coroutines and the other completion tokens of Asio.
namespace mla::test {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;

/// Runs the loop until nothing is left to do; what a coroutine throws is thrown here.
void run(asio::io_context& loop, asio::awaitable<void> coroutine) {
  std::exception_ptr thrown;
  bool done = false;
  asio::co_spawn(loop, std::move(coroutine), [&](std::exception_ptr e) {
    thrown = e;
    done = true;
  });
  loop.run_for(kLong);
  if (thrown) std::rethrow_exception(thrown);
  REQUIRE(done);
}

asio::awaitable<void> produce(ExposeContract exposing, int states) {
  auto sink = co_await exposing.async_next(use_awaitable);
  if (!sink) co_return;
  for (int i = 1; i <= states; ++i) {
    sink->send(State::text(std::to_string(i)));
    co_await asio::post(use_awaitable);
  }
  auto end = co_await sink->async_end(use_awaitable);
  CHECK(*end == EndReason::unobserved);
}

asio::awaitable<void> read_to(ObserveContract& observing, std::string last) {
  auto stream = co_await observing.async_next(use_awaitable);
  REQUIRE(stream);
  while (true) {
    auto state = co_await stream->async_next(use_awaitable);
    REQUIRE(state);
    if (state->text() == last) break;
  }
}

}  // namespace

TEST_CASE("facade: coroutines take streams, states, sinks and ends") {
  Exchange exchange;
  asio::io_context loop;
  std::optional<ObserveContract> observing = exchange.object_observe_contract(kTemp).build();
  asio::co_spawn(loop, produce(exchange.object_expose_contract(kTemp).build(), 50), asio::detached);
  run(loop, [](auto& contract) -> asio::awaitable<void> {
    co_await read_to(*contract, "50");
    contract.reset();
  }(observing));
}

TEST_CASE("facade: one thread carries a program's loop and a manual runtime in it") {
  const int before = threads();
  Runtime runtime(manual);
  Exchange exchange(runtime);
  asio::io_context loop(1);
  asio::posix::stream_descriptor work(loop, ::dup(runtime.fd()));
  std::optional<ObserveContract> observing = exchange.object_observe_contract(kTemp).build();
  bool produced = false;
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        while (!produced) {
          co_await work.async_wait(asio::posix::stream_descriptor::wait_read, use_awaitable);
          runtime.poll_for(0ns);
        }
      },
      asio::detached);
  asio::co_spawn(loop, produce(exchange.object_expose_contract(kTemp).build(), 50),
                 [&](std::exception_ptr) { produced = true; });
  run(loop, [](auto& contract) -> asio::awaitable<void> {
    co_await read_to(*contract, "50");
    contract.reset();
  }(observing));
  CHECK(produced);
  CHECK(threads() == before);
}

TEST_CASE("facade: a cancelled wait takes nothing, and the next one finds what came") {
  using namespace asio::experimental::awaitable_operators;
  Exchange exchange;
  asio::io_context loop;
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  run(loop, [&]() -> asio::awaitable<void> {
    asio::steady_timer timer(loop, 1ms);
    auto first = co_await (observing.async_next(use_awaitable) || timer.async_wait(use_awaitable));
    CHECK(first.index() == 1);
    auto sink = co_await exposing.async_next(use_awaitable);
    sink->send(State::text("1"));
    auto stream = co_await observing.async_next(use_awaitable);
    auto state = co_await stream->async_next(use_awaitable);
    CHECK(text(state) == "1");
    for (int i = 0; i < 200; ++i) {  // the time and the state come at once, in either order
      timer.expires_after(std::chrono::microseconds(i));
      sink->send(State::text(std::to_string(i)));
      auto either = co_await (stream->async_next(use_awaitable) || timer.async_wait(use_awaitable));
      std::string got;
      if (either.index() == 0) {
        got = text(std::get<0>(either));
      } else {
        auto late = co_await stream->async_next(use_awaitable);
        got = text(late);
      }
      CHECK(got == std::to_string(i));
    }
  }());
}

TEST_CASE("facade: a cancelled wait says so") {
  Exchange exchange;
  asio::io_context loop;
  auto observing = exchange.object_observe_contract(kTemp).build();
  asio::cancellation_signal signal;
  std::optional<WaitStatus> stream;
  observing.async_next(
      asio::bind_executor(loop, asio::bind_cancellation_slot(signal.slot(), [&](Next<StateStream> next) {
                            stream = next.status();
                          })));
  loop.poll();
  CHECK_FALSE(stream);
  signal.emit(asio::cancellation_type::terminal);
  loop.restart();
  loop.run_for(kLong);
  CHECK(stream == WaitStatus::cancelled);
  signal.emit(asio::cancellation_type::terminal);
  CHECK(observing.next_for(1ms).timed_out());
}

TEST_CASE("facade: a handle has one waiter, thread or coroutine") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto waiting = observing.async_next(asio::use_future);
  CHECK(observing.next_for(kLong).status() == WaitStatus::busy);
  CHECK(observing.async_next(asio::use_future).get().status() == WaitStatus::busy);
  observing.close();
  CHECK(waiting.get().ended());
}

TEST_CASE("facade: a coroutine's wait ends with the last handle of its contract or stream") {
  Exchange exchange;
  std::optional<ObserveContract> observing = exchange.object_observe_contract(kTemp).build();
  auto waiting = observing->async_next(asio::use_future);
  observing.reset();
  CHECK(waiting.get().ended());

  observing = exchange.object_observe_contract(kTemp).build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  auto sink = exposing.async_next(asio::use_future).get();
  REQUIRE(sink);
  sink->send(State::text("1"));
  std::optional<StateStream> stream = *observing->next_for(kLong);
  CHECK(text(stream->async_next(asio::use_future).get()) == "1");
  auto state = stream->async_next(asio::use_future);
  stream.reset();
  CHECK(state.get().ended());
  auto end = sink->async_end(asio::use_future);
  exposing.close();
  CHECK(*end.get() == EndReason::contract_dropped);
}

TEST_CASE("facade: a state held back by a minimum interval wakes the coroutine when it is due") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).with_min_interval(50ms).build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  sink->send(State::text("1"));
  auto stream = observing.next_for(kLong);
  REQUIRE(stream);
  CHECK(text(stream->async_next(asio::use_future).get()) == "1");
  auto waiting = stream->async_next(asio::use_future);
  sink->send(State::text("2"));
  REQUIRE(waiting.wait_for(kLong) == std::future_status::ready);
  CHECK(text(waiting.get()) == "2");
}

}  // namespace mla::test
