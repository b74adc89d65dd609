#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/integration/facade/helpers.h"

// Who holds what was sent, over real WebSockets.
namespace mla::test {
namespace {

constexpr std::uint64_t kLarge = 32u << 20;  // takes long to cross a link, as these tests see it
const Limits kRoom = [] {
  Limits limits;
  limits.state_bytes = 2 * kLarge;
  return limits;
}();

StateSink elected(ExposeContract& exposing) {
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  return *std::move(sink);
}

State large() {
  return State::text(std::string(kLarge, 'x'));
}

}  // namespace

TEST_CASE("facade: a sink is told when all linked observers hold its state, and how many they are") {
  Runtime runtime({.workers = 2});
  Exchange router(runtime);
  WebsocketListener listener(router, "ws://127.0.0.1:0");
  Exchange producer(runtime);
  WebsocketConnector up(producer, listener.url());
  std::vector<std::unique_ptr<Exchange>> exchanges;
  std::vector<WebsocketConnector> links;
  std::vector<ObserveContract> observers;
  for (int i = 0; i < 3; ++i) {
    exchanges.push_back(std::make_unique<Exchange>(runtime));
    links.emplace_back(*exchanges.back(), listener.url());
    observers.push_back(exchanges.back()->object_observe_contract(kTemp).build());
  }
  auto exposing = producer.object_expose_contract(kTemp).with_confirmation().build();
  StateSink sink = elected(exposing);
  CHECK_FALSE(sink.observers());
  SendResult sent = sink.send(State::text("0"));
  REQUIRE(sink.confirm(sent.version, kLong));
  // Some may have begun to observe after the first state had left; from now on there are three.
  while (sink.observers() != 3u) {
    const auto event = exposing.next_event_for(kLong);
    REQUIRE(event);
  }
  for (int i = 1; i <= 20; ++i) {
    sent = sink.send(State::text(std::to_string(i)));
    REQUIRE(sent);
    const ConfirmResult result = sink.confirm(sent.version, kLong);
    CHECK(result.outcome == ConfirmOutcome::confirmed);
    CHECK(result.observers == 3);
    // Their exchanges hold it, so that it is there for whoever asks now.
    for (auto& exchange : exchanges) CHECK(text(exchange->get(kTemp, kLong)) == std::to_string(i));
  }
  links[0].close();
  while (sink.observers() != 2u) {
    const auto event = exposing.next_event_for(kLong);
    REQUIRE(event);
    CHECK(event->kind == ExposeEventKind::confirmed);
  }
  sent = sink.send(State::text("after"));
  CHECK(sink.confirm(sent.version, kLong).observers == 2);
}

TEST_CASE("facade: a confirmation that does not come says why") {
  Exchange exchange, child({.limits = kRoom}), plain;
  auto observing = exchange.object_observe_contract(kTemp).build();
  {
    auto exposing = exchange.object_expose_contract(kTemp).build();
    StateSink sink = elected(exposing);
    const SendResult sent = sink.send(State::text("x"));
    const ConfirmResult result = sink.confirm(sent.version, kLong);
    CHECK(result.outcome == ConfirmOutcome::refused);
    CHECK(result.error == ErrorCode::bad_option);
    CHECK_FALSE(sink.observers());
  }
  auto exposing = exchange.object_expose_contract(kTemp).with_confirmation().build();
  StateSink sink = elected(exposing);
  const SendResult sent = sink.send(State::text("x"));
  const ConfirmResult result = sink.confirm(sent.version);
  CHECK(result.outcome == ConfirmOutcome::confirmed);
  CHECK(result.observers == 1);
  const ConfirmResult never = sink.confirm(sent.version.next(), kLong);
  CHECK(never.outcome == ConfirmOutcome::refused);
  CHECK(never.error == ErrorCode::bad_version);

  std::atomic<int> in_callback{-1};
  exposing.on_ready([&] {
    const SendResult more = sink.send(State::text("from within"));
    const ConfirmResult inside = sink.confirm(more.version, kLong);
    in_callback = static_cast<int>(inside.error);
  });
  while (in_callback < 0) std::this_thread::yield();
  CHECK(in_callback == static_cast<int>(ErrorCode::would_deadlock));
  exposing.on_ready({});
  exposing.close();
  CHECK(sink.confirm(sent.version, kLong));  // what is confirmed stays so
}

TEST_CASE("facade: a state that is on its way is not confirmed, in time or at the end of its sink") {
  Runtime runtime({.workers = 2});
  Exchange parent(runtime, {.limits = kRoom}), child(runtime, {.limits = kRoom});
  WebsocketListener listener(parent, "ws://127.0.0.1:0");
  WebsocketConnector up(child, listener.url());
  auto observing = child.object_observe_contract(kTemp).build();
  auto exposing = parent.object_expose_contract(kTemp).with_confirmation().build();
  StateSink sink = elected(exposing);
  SendResult sent = sink.send(large());
  REQUIRE(sent);
  const ConfirmResult early = sink.confirm(sent.version, 0ns);
  CHECK(early.outcome == ConfirmOutcome::timed_out);
  CHECK(early.error == ErrorCode::timed_out);
  CHECK(sink.confirm(sent.version, kLong).observers == 1);

  sent = sink.send(large());
  exposing.close();
  const ConfirmResult ended = sink.confirm(sent.version, kLong);
  CHECK(ended.outcome == ConfirmOutcome::ended);
  CHECK(ended.error == ErrorCode::ended);
}

}  // namespace mla::test
