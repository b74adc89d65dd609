#include <atomic>
#include <future>
#include <thread>

#include "tests/integration/facade/helpers.h"

// Who may wait where, and how waits come out.
namespace mla::test {
namespace {

/// Until another thread is inside a wait on the handle: then a second one is told so.
template <class Try>
WaitStatus until_busy(Try wait) {
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (std::chrono::steady_clock::now() < deadline)
    if (wait().status() == WaitStatus::busy) return WaitStatus::busy;
  return WaitStatus::timed_out;
}

}  // namespace

TEST_CASE("facade: time-out, end and item are told apart") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  CHECK(observing.next_for(1ms).timed_out());
  CHECK(observing.try_next().timed_out());
  observing.close();
  CHECK(observing.next_for(kLong).ended());
  CHECK(observing.try_next().ended());
  CHECK(observing.next_event_for(kLong).ended());
  CHECK_FALSE(observing.next());
  CHECK(observing.end_reason() == EndReason::contract_dropped);
}

TEST_CASE("facade: a second waiting thread is told that the handle is busy") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  std::thread first([&] { CHECK_FALSE(observing.next()); });
  CHECK(until_busy([&] { return observing.next_for(0ns); }) == WaitStatus::busy);
  try {
    observing.next();
    FAIL("a second wait was let in");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::busy);
  }
  observing.close();
  first.join();
}

TEST_CASE("facade: closing a contract from another thread ends the waits on it and its streams") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  sink->send(State::text("1"));
  auto stream = observing.next_for(kLong);
  REQUIRE(stream);
  REQUIRE(stream->next_for(kLong));
  auto waiting = std::async(std::launch::async, [&] { return !stream->next().has_value(); });
  CHECK(until_busy([&] { return stream->next_for(0ns); }) == WaitStatus::busy);
  observing.close();
  CHECK(waiting.get());
  CHECK(stream->end_reason() == EndReason::contract_dropped);
}

TEST_CASE("facade: a blocking call inside a callback is answered would_deadlock") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  std::promise<std::vector<ErrorCode>> told;
  observing.on_ready([&, first = true]() mutable {
    if (!std::exchange(first, false)) return;
    std::vector<ErrorCode> codes;
    try {
      observing.next();
    } catch (const Error& error) {
      codes.push_back(error.code());
    }
    if (observing.next_for(1ms).status() == WaitStatus::would_deadlock)
      codes.push_back(ErrorCode::would_deadlock);
    codes.push_back(exchange.get(kTemp, 1ms).error());
    told.set_value(codes);
  });
  auto future = told.get_future();
  REQUIRE(future.wait_for(kLong) == std::future_status::ready);
  CHECK(future.get() == std::vector<ErrorCode>(3, ErrorCode::would_deadlock));
  observing.on_ready({});
}

TEST_CASE("facade: a very long limit is no overflow") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto waiting = std::async(std::launch::async,
                            [&] { return observing.next_for(std::chrono::nanoseconds::max()).ended(); });
  CHECK(until_busy([&] { return observing.next_for(0ns); }) == WaitStatus::busy);
  observing.close();
  CHECK(waiting.get());
}

TEST_CASE("facade: try_next_event() that found nothing finds what comes after it, what was held back, and the end") {
  Exchange exchange;
  auto exposing = exchange.object_expose_contract(kTemp).build();
  auto observing = exchange.object_observe_contract(kTemp).build();
  const auto await = [&](const std::string& wanted) {
    const auto deadline = std::chrono::steady_clock::now() + kLong;
    while (std::chrono::steady_clock::now() < deadline)
      if (auto event = observing.try_next_event(); event && event->kind == ObserveEventKind::state && event->state.text() == wanted) return true;
    return false;
  };
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  sink->send(State::text("first"));
  CHECK(await("first"));
  CHECK(wait_standing(observing, kTemp, StandingKind::synchronized));
  while (observing.try_next_event()) {  // its standing; there is nothing but states from here on
  }
  for (int i = 0; i < 20; ++i) {
    sink->send(State::text(std::to_string(i)));
    CHECK(await(std::to_string(i)));
    CHECK(observing.try_next_event().timed_out());
    CHECK(observing.try_next_event().timed_out());
  }
  // Becomes takeable by time alone.
  observing.set_min_interval(50ms);
  sink->send(State::text("a"));
  CHECK(await("a"));
  sink->send(State::text("b"));
  CHECK(observing.try_next_event().timed_out());
  CHECK(await("b"));
  observing.set_min_interval(0ms);
  CHECK(observing.try_next_event().timed_out());
  observing.close();
  CHECK(observing.try_next_event().ended());
  CHECK(observing.try_next_event().ended());
}

}  // namespace mla::test
