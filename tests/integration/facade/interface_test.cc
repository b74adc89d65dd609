#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <thread>

#include "tests/integration/facade/helpers.h"

// What else the interface says of contracts, sinks and states, one sentence a test.
namespace mla::test {

TEST_CASE("facade: beyond its limit an exposer gets no object, until one that it has ends") {
  Exchange exchange;
  auto exposing = exchange.tag_expose_contract("t").with_capacity(100).with_limit(2).build();
  std::vector<ObserveContract> observing;
  std::vector<StateSink> sinks;
  for (int i = 0; i < 2; ++i) {
    observing.push_back(exchange.object_observe_contract({{"t"}, i}).build());
    auto sink = exposing.next_for(kLong);
    REQUIRE(sink);
    sinks.push_back(*sink);
  }
  auto third = exchange.object_observe_contract({{"t"}, 2}).build();
  exchange.info();  // the engine has decided about it
  CHECK(exposing.try_next().timed_out());
  observing[0].close();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  CHECK(sink->object() == ObjectDescriptor({"t"}, 2));
  CHECK(sinks[0].wait_end_for(kLong));
  CHECK(sinks[1].end_reason() == EndReason::none);
}

TEST_CASE("facade: an exposer whose capacity becomes 0 hands over what it has, and takes nothing new") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto first = exchange.object_expose_contract(kTemp).build();
  auto sink = first.next_for(kLong);
  REQUIRE(sink);
  sink->send(State::text("first"));
  CHECK(wait_text(observing, "first"));
  auto second = exchange.object_expose_contract(kTemp).build();
  first.set_capacity(0);
  auto next = second.next_for(kLong);
  REQUIRE(next);
  next->send(State::text("second"));
  CHECK(wait_text(observing, "second"));
  CHECK(sink->wait_end_for(kLong));
  CHECK(sink->end_reason() == EndReason::handed_over);
  second.close();
  CHECK(wait_standing(observing, kTemp, StandingKind::stale));
  CHECK(first.try_next().timed_out());
  CHECK_THROWS_AS(first.set_capacity(1'000'001), Error);
}

TEST_CASE("facade: events of many objects take turns, each with its newest state only") {
  Exchange exchange;
  auto observing = exchange.tag_observe_contract("turn").build();
  std::vector<ExposeContract> exposing;
  std::vector<StateSink> sinks;
  for (int i = 0; i < 3; ++i) {
    exposing.push_back(exchange.object_expose_contract({{"turn"}, i}).build());
    auto sink = exposing.back().next_for(kLong);
    REQUIRE(sink);
    sinks.push_back(*sink);
  }
  for (int i = 0; i < 10; ++i) {
    sinks[0].send(State::text(std::to_string(i)));
    exchange.info();  // let it through, so that it is not folded on the way
  }
  sinks[1].send(State::text("one"));
  sinks[2].send(State::text("two"));
  exchange.info();
  std::vector<std::string> seen;
  while (auto event = observing.try_next_event())
    if (event->kind == ObserveEventKind::state) seen.emplace_back(event->state.text());
  std::sort(seen.begin(), seen.end());
  CHECK(seen == std::vector<std::string>{"9", "one", "two"});
}

TEST_CASE("facade: a state that lost its exposer is not synchronized, and says for how long") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  std::optional<ExposeContract> exposing = exchange.object_expose_contract(kTemp).build();
  auto sink = exposing->next_for(kLong);
  REQUIRE(sink);
  sink->send(State::text("1"));
  auto stream = observing.next_for(kLong);
  REQUIRE(stream);
  auto state = stream->next_for(kLong);
  REQUIRE(state);
  CHECK(state->age() == 0us);
  exposing.reset();
  state = stream->next_for(kLong);
  REQUIRE(state);
  CHECK(state->text() == "1");
  CHECK_FALSE(state->synchronized());
  CHECK(state->age() > 0us);
  CHECK(stream->end_reason() == EndReason::none);
}

TEST_CASE("facade: the ends of sinks and the state of links are not waited for inside a callback either") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  WebsocketConnector up(exchange, "ws://127.0.0.1:1");
  const auto refused = [](const std::function<void()>& wait) {
    try {
      wait();
    } catch (const Error& error) {
      return error.code() == ErrorCode::would_deadlock;
    }
    return false;
  };
  std::promise<std::pair<bool, bool>> told;
  observing.on_ready([&, first = true]() mutable {
    if (std::exchange(first, false))
      told.set_value({refused([&] { sink->wait_end_for(kLong); }), refused([&] { up.wait_linked_for(kLong); })});
  });
  auto future = told.get_future();
  REQUIRE(future.wait_for(kLong) == std::future_status::ready);
  CHECK(future.get() == std::pair(true, true));
  observing.on_ready({});
}

TEST_CASE("facade: every handle may be used from every thread at any time") {
  Runtime runtime({.workers = 2});
  Exchange parent(runtime), exchange(runtime);
  WebsocketListener listener(parent, "ws://127.0.0.1:0");
  WebsocketConnector up(exchange, listener.url());
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto hosts = parent.tag_observe_contract("demo").build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  sink->send(State::text("0"));
  auto stream = observing.next_for(kLong);
  REQUIRE(stream);
  std::atomic<std::uint64_t> done{0};
  std::vector<std::thread> users;
  for (int t = 0; t < 4; ++t)
    users.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i, ++done) {
        StateStream mine = *stream;  // copies share
        StateSink its = *sink;
        its.send(State::text(std::to_string(t) + "-" + std::to_string(i)));
        auto state = mine.try_next();
        auto event = i % 2 ? hosts.try_next_event() : hosts.next_event_for(0ns);
        observing.standing();
        hosts.standing(kTemp);
        its.current();
        its.epoch();
        if (i % 50 == t) observing.set_min_interval(std::chrono::microseconds(i));
        if (i % 50 == t + 10) exposing.set_capacity(static_cast<std::uint32_t>(i + 1));
        if (i % 50 == t + 20) stream->on_ready([] {});
        if (i % 50 == t + 30) stream->on_ready({});
        up.status();
        if (i % 100 == 0) exchange.info();
      }
    });
  for (auto& user : users) user.join();
  CHECK(done == 1200);
  observing.set_min_interval(0ns);
  sink->send(State::text("last"));
  CHECK(wait_text(hosts, "last"));
}

}  // namespace mla::test
