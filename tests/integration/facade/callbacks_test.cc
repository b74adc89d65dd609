#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <thread>

#include "tests/integration/facade/helpers.h"

namespace mla::test {
namespace {

bool wait_until(const std::function<bool()>& is) {
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (!is())
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    else
      std::this_thread::sleep_for(1ms);
  return true;
}

}  // namespace

TEST_CASE("facade: on_ready is called for what is there already and for what comes") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  std::atomic<int> last{0};
  std::atomic<bool> ended{false};
  observing.on_ready([&] {
    while (true) {
      auto event = observing.try_next_event();
      if (event.ended()) ended = true;
      if (!event) return;
      if (event->kind == ObserveEventKind::state) last = std::stoi(std::string(event->state.text()));
    }
  });
  std::optional<StateSink> sink;
  exposing.on_ready([&] {
    while (auto next = exposing.try_next()) {
      next->send(State::text("1"));
      next->send(State::text("2"));
    }
  });
  CHECK(wait_until([&] { return last == 2; }));
  observing.close();
  CHECK(wait_until([&] { return ended.load(); }));
  observing.on_ready({});
  exposing.on_ready({});
}

TEST_CASE("facade: on_ready under a minimum interval is called when the time has come") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).with_min_interval(50ms).build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  std::atomic<int> last{0};
  observing.on_ready([&] {
    while (auto event = observing.try_next_event())
      if (event->kind == ObserveEventKind::state) last = std::stoi(std::string(event->state.text()));
  });
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  for (int i = 1; i <= 3; ++i) {
    sink->send(State::text(std::to_string(i)));
    CHECK(wait_until([&] { return last == i; }));
  }
  observing.on_ready({});
}

TEST_CASE("facade: callbacks of one exchange run one at a time") {
  Runtime runtime({.workers = 2});
  Exchange exchange(runtime);
  std::atomic<int> inside{0}, most{0}, calls{0};
  std::vector<ObserveContract> observing;
  for (int i = 0; i < 20; ++i) {
    observing.push_back(exchange.object_observe_contract({{"many"}, i}).build());
    observing.back().on_ready([&] {
      int now = ++inside;
      int seen = most;
      while (now > seen && !most.compare_exchange_weak(seen, now)) {
      }
      std::this_thread::yield();
      --inside;
      ++calls;
    });
  }
  CHECK(wait_until([&] { return calls >= 20; }));
  CHECK(most == 1);
}

TEST_CASE("facade: a contract may be dropped inside its own callback") {
  Exchange exchange;
  auto observing =
      std::make_shared<std::optional<ObserveContract>>(exchange.object_observe_contract(kTemp).build());
  std::promise<void> dropped;
  (*observing)->on_ready([&, observing] {
    observing->reset();
    dropped.set_value();
  });
  CHECK(dropped.get_future().wait_for(kLong) == std::future_status::ready);
  CHECK(wait_until([&] { return exchange.info().contracts == 0; }));
}

TEST_CASE("facade: after on_ready is taken back its function is not running any more") {
  Exchange exchange;
  for (int i = 0; i < 200; ++i) {
    auto observing = exchange.object_observe_contract({{"x"}, i}).build();
    auto alive = std::make_unique<std::atomic<int>>(0);
    observing.on_ready([p = alive.get()] {
      for (int j = 0; j < 100; ++j) ++*p;
    });
    observing.on_ready({});
    const int calls = *alive;
    CHECK(calls % 100 == 0);  // any number of whole calls
    alive.reset();
  }
}

TEST_CASE("facade: the exchange may be dropped inside a callback") {
  auto exchange = std::make_shared<std::optional<Exchange>>(std::in_place);
  auto observing = (*exchange)->object_observe_contract(kTemp).build();
  std::promise<void> dropped;
  observing.on_ready([&, exchange] {
    if (!*exchange) return;
    exchange->reset();
    dropped.set_value();
  });
  CHECK(dropped.get_future().wait_for(kLong) == std::future_status::ready);
  CHECK(observing.next_for(kLong).ended());
  CHECK(observing.end_reason() == EndReason::exchange_closed);
}

}  // namespace mla::test
