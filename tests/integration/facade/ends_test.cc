#include <future>
#include <memory>
#include <optional>
#include <thread>

#include "tests/integration/facade/helpers.h"

// In which order things may go.
namespace mla::test {

TEST_CASE("facade: an exchange may go before its contracts, streams and sinks, which then end") {
  std::optional<Exchange> exchange(std::in_place);
  auto observing = exchange->object_observe_contract(kTemp).build();
  auto exposing = exchange->object_expose_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  sink->send(State::text("1"));
  auto stream = observing.next_for(kLong);
  REQUIRE(stream);
  REQUIRE(stream->next_for(kLong));
  auto waiting = std::async(std::launch::async, [&] { return stream->next_for(kLong).ended(); });
  exchange.reset();
  CHECK(waiting.get());
  CHECK(stream->end_reason() == EndReason::exchange_closed);
  CHECK(observing.next_for(kLong).ended());
  CHECK(observing.end_reason() == EndReason::exchange_closed);
  CHECK(exposing.next_for(kLong).ended());
  CHECK(sink->wait_end_for(kLong));
  CHECK(sink->end_reason() == EndReason::exchange_closed);
  CHECK(sink->send(State::text("2")).outcome == SendOutcome::ended);
  sink->decline("too late");
  observing.set_min_interval(1s);
  exposing.set_capacity(3);
  observing.close();
  exposing.close();
}

TEST_CASE("facade: a builder that outlives its exchange builds nothing") {
  std::optional<Exchange> exchange(std::in_place);
  auto builder = exchange->object_observe_contract(kTemp);
  exchange.reset();
  CHECK(builder.try_build().error() == ErrorCode::closed);
}

TEST_CASE("facade: a closed exchange answers, and closing again is nothing") {
  Exchange exchange({.name = "me"});
  Exchange same = exchange;
  CHECK(exchange.info().name == "me");
  CHECK(exchange.info().node.value != 0);
  exchange.close();
  same.close();
  CHECK(same.info().node.value == 0);
  CHECK(same.object_observe_contract(kTemp).try_build().error() == ErrorCode::closed);
  CHECK(same.get(kTemp, kLong).error() == ErrorCode::closed);
  CHECK_THROWS_AS(WebsocketListener(same, "ws://127.0.0.1:0"), Error);
  CHECK(WebsocketConnector::try_make(same, {"ws://127.0.0.1:1"}).error() == ErrorCode::closed);
}

TEST_CASE("facade: threads end with the last of runtime and exchanges, in any order") {
  std::thread([] {}).join();  // a sanitizer starts one of its own beside the first
  const int before = threads();
  for (bool runtime_first : {true, false}) {
    auto runtime = std::make_unique<Runtime>(RuntimeOptions{.workers = 3});
    CHECK(threads() == before + 3);
    auto one = std::make_unique<Exchange>(*runtime), two = std::make_unique<Exchange>(*runtime);
    CHECK(threads() == before + 3);
    auto observing = one->object_observe_contract(kTemp).build();
    if (runtime_first) runtime.reset();
    one.reset();
    two.reset();
    runtime.reset();
    CHECK(threads() == before);
  }
}

TEST_CASE("facade: exchanges come and go with contracts, callbacks and links under way") {
  Exchange parent;
  WebsocketListener listener(parent, "ws://127.0.0.1:0");
  auto exposing = parent.tag_expose_contract("t").build();
  exposing.on_ready([&] {
    while (auto sink = exposing.try_next()) sink->send(State::text("x"));
  });
  Runtime runtime;
  for (int i = 0; i < 20; ++i) {
    Exchange child(runtime);
    WebsocketConnector up(child, listener.url());
    auto observing = child.object_observe_contract({{"t"}, i}).build();
    observing.on_ready([&] {
      while (observing.try_next_event()) {
      }
    });
    if (i % 4 == 1) up.wait_linked_for(kLong);
    if (i % 4 == 2) CHECK(text(child.get({{"t"}, i}, kLong)) == "x");
    if (i % 4 == 3) child.close();
  }
  exposing.on_ready({});
}

TEST_CASE("facade: a runtime needs a worker, and a name is a short one") {
  CHECK_THROWS_AS(Runtime({.workers = 0}), Error);
  CHECK_THROWS_AS(Runtime({.workers = 1000}), Error);
  CHECK_THROWS_AS(Exchange(ExchangeOptions{.name = std::string(257, 'x')}), Error);
}

}  // namespace mla::test
