#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>

#include "tests/integration/facade/helpers.h"

// What comes from many links at about the same time leaves together.
namespace mla::test {

TEST_CASE("facade: states of many producers in one turn of a router's loop leave in few messages") {
  constexpr int kProducers = 40, kRounds = 50;
  Runtime runtime(manual);
  const auto poll_until = [&](const std::function<bool()>& is) {
    const auto deadline = std::chrono::steady_clock::now() + kLong;
    while (!is() && std::chrono::steady_clock::now() < deadline) runtime.poll_for(1ms);
    return is();
  };
  Exchange router(runtime);
  WebsocketListener listener(router, "ws://127.0.0.1:0");

  struct Producer {
    Producer(Runtime& runtime, const std::string& url, int number)
        : exchange(runtime), up(exchange, url), exposing(exchange.object_expose_contract({{"demo"}, Json(number)}).build()) {}
    Exchange exchange;
    WebsocketConnector up;
    ExposeContract exposing;
    std::optional<StateSink> sink;
  };
  std::deque<Producer> producers;
  for (int i = 0; i < kProducers; ++i) producers.emplace_back(runtime, listener.url(), i);
  Exchange observer(runtime);
  WebsocketConnector up(observer, listener.url());
  auto observing = observer.tag_observe_contract("demo").build();
  REQUIRE(poll_until([&] {
    for (auto& p : producers)
      if (!p.sink)
        if (auto sink = p.exposing.try_next()) p.sink = *sink;
    return std::all_of(producers.begin(), producers.end(), [](const auto& p) { return p.sink.has_value(); });
  }));

  std::map<std::string, std::string> held;
  const auto round = [&](int number) {
    const std::string text = std::to_string(number);
    for (auto& p : producers) p.sink->send(State::text(text));
    return poll_until([&] {
      while (auto event = observing.try_next_event())
        if (event->kind == ObserveEventKind::state) held[event->object->canonical()] = event->state.text();
      return held.size() == kProducers && std::all_of(held.begin(), held.end(), [&](const auto& h) { return h.second == text; });
    });
  };
  REQUIRE(round(0));
  const std::uint64_t before = observer.info().links.at(0).messages_in;
  for (int i = 1; i <= kRounds; ++i) REQUIRE(round(i));
  const std::uint64_t messages = observer.info().links.at(0).messages_in - before;
  CHECK(messages * 4 < kProducers * kRounds);
  INFO(messages << " messages for " << kProducers * kRounds << " states");
  CHECK(messages >= kRounds);
}

}  // namespace mla::test
