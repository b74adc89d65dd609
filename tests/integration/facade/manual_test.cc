#include <poll.h>

#include <atomic>
#include <future>
#include <optional>
#include <thread>

#include "tests/integration/facade/helpers.h"

// A runtime without threads: whoever polls or waits does the work.
namespace mla::test {
namespace {

/// Polls until `is`; false when it takes too long.
bool poll_until(Runtime& runtime, const std::function<bool()>& is) {
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (!is() && std::chrono::steady_clock::now() < deadline) runtime.poll_for(100ms);
  return is();
}

/// The same, but the runtime is polled only when its descriptor says so.
bool poll_by_descriptor_until(Runtime& runtime, const std::function<bool()>& is) {
  while (!is()) {
    pollfd wait{runtime.fd(), POLLIN, 0};
    if (::poll(&wait, 1, std::chrono::milliseconds(kLong).count()) != 1) return false;
    runtime.poll_for(0ns);
  }
  return true;
}

bool readable(Runtime& runtime) {
  pollfd now{runtime.fd(), POLLIN, 0};
  return ::poll(&now, 1, 0) == 1;
}

}  // namespace

TEST_CASE("facade: a manual runtime has no thread, and its callbacks run on the one that polls") {
  const int before = threads();
  Runtime runtime(manual);
  Exchange exchange(runtime);
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  std::string seen;
  bool elsewhere = false;
  const auto here = std::this_thread::get_id();
  exposing.on_ready([&] {
    elsewhere |= std::this_thread::get_id() != here;
    while (auto sink = exposing.try_next()) sink->send(State::text("1"));
  });
  observing.on_ready([&] {
    elsewhere |= std::this_thread::get_id() != here;
    while (auto event = observing.try_next_event())
      if (event->kind == ObserveEventKind::state) seen = event->state.text();
  });
  CHECK(seen.empty());
  CHECK(poll_until(runtime, [&] { return seen == "1"; }));
  CHECK_FALSE(elsewhere);
  CHECK(threads() == before);
  CHECK_FALSE(runtime.poll_for(0ns));
}

TEST_CASE("facade: a wait on a manual runtime drives it, so one thread is enough") {
  Runtime runtime(manual);
  Exchange parent(runtime), child(runtime);
  WebsocketListener listener(parent, "ws://127.0.0.1:0");
  WebsocketConnector up(child, listener.url());
  REQUIRE(up.wait_linked_for(kLong));
  auto exposing = parent.object_expose_contract(kTemp).build();
  auto observing = child.object_observe_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  REQUIRE(sink->send(State::text("1")));
  auto stream = observing.next_for(kLong);
  REQUIRE(stream);
  CHECK(text(stream->next_for(kLong)) == "1");
  CHECK(stream->next_for(10ms).timed_out());
  CHECK(text(parent.get(kTemp, kLong)) == "1");
  CHECK(parent.info().links.size() == 1);
  observing.close();
  CHECK(sink->wait_end_for(kLong));
  CHECK(sink->end_reason() == EndReason::unobserved);
}

TEST_CASE("facade: the descriptor of a manual runtime tells of links, timers and of what other threads do") {
  Exchange parent;
  WebsocketListener listener(parent, "ws://127.0.0.1:0");
  auto exposing = parent.object_expose_contract(kTemp).build();
  std::thread producer([&] {
    auto sink = exposing.next_for(kLong);
    for (int i = 1; i <= 100 && sink; ++i) {
      sink->send(State::text(std::to_string(i)));
      std::this_thread::yield();
    }
  });
  Runtime runtime(manual);
  Exchange child(runtime);
  // Looked up, in a thread of Asio's, though it is but another spelling.
  auto parts = listener.url();
  parts.replace(parts.find("127.0.0.1"), 9, "127.1");
  std::optional<ConnectorStatus> last;
  WebsocketConnector named(child, parts);
  named.on_status([&](const ConnectorStatus& status) { last = status; });
  CHECK(poll_by_descriptor_until(runtime, [&] { return last && last->error != ErrorCode::ok; }));
  CHECK(last->error == ErrorCode::bad_host);
  named.close();

  WebsocketConnector up(child, listener.url());
  auto observing = child.object_observe_contract(kTemp).with_min_interval(1ms).build();
  std::string seen;
  observing.on_ready([&] {
    while (auto event = observing.try_next_event())
      if (event->kind == ObserveEventKind::state) seen = event->state.text();
  });
  CHECK(poll_by_descriptor_until(runtime, [&] { return seen == "100"; }));
  producer.join();
  // Done with all that: silent, until another thread calls.
  while (runtime.poll_for(0ns)) {
  }
  CHECK_FALSE(readable(runtime));
  std::thread([&] { observing.set_min_interval(2ms); }).join();
  CHECK(readable(runtime));
  CHECK(poll_by_descriptor_until(runtime, [&] { return !readable(runtime); }));
}

TEST_CASE("facade: while states keep coming to a manual runtime, its timers and other threads' calls have their turn") {
  Exchange parent;
  WebsocketListener listener(parent, "ws://127.0.0.1:0");
  auto exposing = parent.object_expose_contract(kTemp).build();
  Runtime runtime(manual);
  Exchange child(runtime);
  WebsocketConnector up(child, listener.url());
  auto observing = child.object_observe_contract(kTemp).build();
  std::atomic<std::uint64_t> seen{0};
  std::atomic<bool> end{false};
  observing.on_ready([&] {
    while (auto event = observing.try_next_event()) seen += event->kind == ObserveEventKind::state;
  });
  std::thread producer([&] {
    auto sink = exposing.next_for(kLong);
    // Another before the last is through, so that there is always one to read.
    for (int i = 0; sink && !end; ++i) sink->send(State::text(std::to_string(i)));
  });
  CHECK(poll_until(runtime, [&] { return seen > 100; }));
  std::atomic<bool> answered{false};
  std::thread other([&] {
    for (int i = 0; i < 20; ++i) child.info();  // asks the loop
    answered = true;
  });
  const bool done = poll_until(runtime, [&] { return answered.load(); });
  CHECK(done);
  // A connector that is refused waits by a timer before it tries again.
  auto parts = listener.url();
  parts.replace(parts.find("127.0.0.1"), 9, "127.1");
  int refusals = 0;
  WebsocketConnector refused(child, parts);
  refused.on_status([&](const ConnectorStatus& status) { refusals += status.error == ErrorCode::bad_host; });
  CHECK(poll_until(runtime, [&] { return refusals >= 3; }));
  end = true;
  while (!done && !answered) runtime.poll_for(1ms);
  producer.join();
  other.join();
}

TEST_CASE("facade: what would block inside a callback of a manual runtime is refused") {
  Runtime runtime(manual);
  Exchange exchange(runtime), other(runtime);
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto elsewhere = other.object_observe_contract(kTemp).build();
  std::vector<bool> refused;
  observing.on_ready([&, first = true]() mutable {
    if (!std::exchange(first, false)) return;
    refused.push_back(observing.next_for(kLong).status() == WaitStatus::would_deadlock);
    refused.push_back(elsewhere.next_for(kLong).status() == WaitStatus::would_deadlock);
    refused.push_back(exchange.get(kTemp, kLong).error() == ErrorCode::would_deadlock);
    try {
      runtime.poll_for(kLong);
      refused.push_back(false);
    } catch (const Error& error) {
      refused.push_back(error.code() == ErrorCode::would_deadlock);
    }
  });
  CHECK(poll_until(runtime, [&] { return refused.size() == 4; }));
  CHECK(refused == std::vector<bool>(4, true));
}

TEST_CASE("facade: exchanges of a manual runtime may go inside a callback, and before their contracts") {
  auto runtime = std::make_unique<Runtime>(manual);
  auto exchange = std::make_shared<std::optional<Exchange>>(std::in_place, *runtime);
  auto other = std::make_shared<std::optional<Exchange>>(std::in_place, *runtime);
  auto observing = (*exchange)->object_observe_contract(kTemp).build();
  auto elsewhere = (*other)->object_observe_contract(kTemp).build();
  bool dropped = false;
  observing.on_ready([&, exchange, other] {
    if (!*exchange) return;
    exchange->reset();
    CHECK((*other)->info().contracts == 1);
    other->reset();
    dropped = true;
  });
  CHECK(poll_until(*runtime, [&] { return dropped; }));
  CHECK(observing.next_for(kLong).ended());
  CHECK(observing.end_reason() == EndReason::exchange_closed);
  CHECK(elsewhere.next_for(kLong).ended());

  Exchange last(*runtime);
  auto waiting = last.object_observe_contract(kTemp).build();
  runtime.reset();  // whoever waits goes on without it
  CHECK(waiting.next_for(1ms).timed_out());
  last.close();
  CHECK(waiting.next_for(kLong).ended());
}

TEST_CASE("facade: threads share a manual runtime, and none misses what another did for it") {
  Runtime runtime(manual);
  Exchange exchange(runtime);
  constexpr int kThreads = 4, kStates = 200;
  std::vector<std::future<bool>> observers;
  for (int t = 0; t < kThreads; ++t)
    observers.push_back(std::async(std::launch::async, [&, t] {
      auto observing = exchange.object_observe_contract({{"shared"}, t}).build();
      auto stream = observing.next_for(kLong);
      while (stream)
        if (auto state = stream->next_for(kLong); !state)
          return false;
        else if (state->text() == std::to_string(kStates))
          return true;
      return false;
    }));
  auto exposing = exchange.tag_expose_contract("shared").with_capacity(10).build();
  std::vector<std::thread> producers;
  for (int t = 0; t < kThreads; ++t) {
    auto sink = exposing.next_for(kLong);
    REQUIRE(sink);
    producers.emplace_back([sink = *sink]() mutable {
      for (int i = 1; i <= kStates; ++i) sink.send(State::text(std::to_string(i)));
    });
  }
  for (auto& producer : producers) producer.join();
  for (auto& observer : observers) CHECK(observer.get());

  // One that sleeps for long drives; another's news and end reach both.
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto asleep = std::async(std::launch::async, [&] { return observing.next_for(10 * kLong).ended(); });
  auto also = exchange.object_observe_contract({{"demo"}, "other"}).build();
  auto too = std::async(std::launch::async, [&] { return also.next_for(10 * kLong).ended(); });
  while (observing.try_next_event() || observing.next_for(0ns).status() != WaitStatus::busy) std::this_thread::yield();
  also.close();
  CHECK(too.wait_for(kLong) == std::future_status::ready);
  observing.close();
  CHECK(asleep.wait_for(kLong) == std::future_status::ready);
  CHECK(asleep.get());
}

TEST_CASE("facade: a runtime with threads is not polled") {
  Runtime runtime;
  CHECK_THROWS_AS(runtime.poll_for(0ns), Error);
  CHECK_THROWS_AS(runtime.fd(), Error);
}

TEST_CASE("manual: who is called for each state sees both of two that came in one read") {
  Runtime threads, by_hand(manual);
  Exchange producer(threads);
  WebsocketListener listener(producer, "ws://127.0.0.1:0");
  auto exposing = producer.object_expose_contract(kTemp).build();
  Exchange observer(by_hand);
  WebsocketConnector up(observer, listener.url());
  auto observing = observer.object_observe_contract(kTemp).build();
  std::vector<std::string> seen;
  std::uint64_t skipped = 0;
  observing.on_ready([&] {
    while (auto event = observing.try_next_event())
      if (event->kind == ObserveEventKind::state) {
        seen.emplace_back(event->state.text());
        skipped += event->state.skipped();
      }
  });
  std::optional<StateSink> sink;
  REQUIRE(poll_until(by_hand, [&] {
    if (auto elected = exposing.try_next()) sink = *elected;
    return sink.has_value();
  }));
  sink->send(State::text("0"));
  REQUIRE(poll_until(by_hand, [&] { return seen.size() == 1; }));

  const auto left = [&] { return producer.info().links.at(0).states_out; };
  for (int round = 0; round < 20; ++round) {
    seen.clear();
    for (const char* const text : {"a", "b"}) {
      const std::uint64_t before = left();
      sink->send(State::text(text + std::to_string(round)));
      const auto deadline = std::chrono::steady_clock::now() + kLong;
      while (left() == before && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
      REQUIRE(left() == before + 1);
    }
    REQUIRE(poll_until(by_hand, [&] { return seen.size() == 2; }));
    CHECK(seen == std::vector<std::string>{"a" + std::to_string(round), "b" + std::to_string(round)});
  }
  CHECK(skipped == 0);
}

}  // namespace mla::test
