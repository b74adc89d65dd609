#include <optional>

#include "tests/integration/facade/helpers.h"

// Options of contracts that act beyond the own exchange.
namespace mla::test {

TEST_CASE("facade: a minimum interval thins the link itself, and is taken back while states come") {
  Runtime runtime({.workers = 2});
  Exchange parent(runtime), child(runtime);
  WebsocketListener listener(parent, "ws://127.0.0.1:0");
  WebsocketConnector up(child, listener.url());
  auto exposing = parent.object_expose_contract(kTemp).build();
  auto observing = child.object_observe_contract(kTemp).with_min_interval(1h).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  sink->send(State::text("first"));
  REQUIRE(wait_text(observing, "first"));
  const auto carried = [&] { return parent.info().links.at(0).states_out; };
  const auto before = carried();
  auto beside = parent.object_observe_contract(kTemp).build();
  for (int i = 1; i <= 200; ++i) {
    sink->send(State::text(std::to_string(i)));
    REQUIRE(wait_text(beside, std::to_string(i)));
  }
  CHECK(carried() == before);
  observing.set_min_interval(0ns);
  CHECK(wait_text(observing, "200"));
  CHECK(carried() == before + 1);
}

TEST_CASE("facade: an election lingers after the last observer, as long as its contract asks") {
  Exchange exchange;
  auto exposing = exchange.object_expose_contract(kTemp).with_linger(1h).build();
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  sink->send(State::text("1"));
  REQUIRE(wait_text(observing, "1"));
  observing.close();
  (void)exchange.info();  // the loop has seen it by then
  CHECK(sink->end_reason() == EndReason::none);
  auto later = exchange.object_observe_contract(kTemp).build();
  CHECK(wait_text(later, "1"));
  CHECK(exposing.try_next().timed_out());
  CHECK(exchange.object_expose_contract(kTemp).with_linger(61min).try_build().error() ==
        ErrorCode::bad_option);
  CHECK(exchange.object_expose_contract(kTemp).with_linger(-1s).try_build().error() == ErrorCode::bad_option);
}

TEST_CASE("facade: a contract without preemption waits for whom it outranks") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto low = exchange.object_expose_contract(kTemp).build();
  REQUIRE(low.next_for(kLong));
  auto high = exchange.object_expose_contract(kTemp).with_priority(5).without_preemption().build();
  (void)exchange.info();
  CHECK(high.try_next().timed_out());
  low.close();
  CHECK(high.next_for(kLong));
}

}  // namespace mla::test
