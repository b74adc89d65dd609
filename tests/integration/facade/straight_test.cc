#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "tests/integration/facade/helpers.h"

// States that go from a sink straight to the streams of the same exchange, before its engine hears of them.
namespace mla::test {
namespace {

/// The engine of a manual runtime does nothing while nobody polls or waits.
struct Local {
  Runtime runtime{manual};
  Exchange exchange{runtime};
  ObserveContract observing = exchange.object_observe_contract(kTemp).build();
  ExposeContract exposing = exchange.object_expose_contract(kTemp).build();
  StateSink sink = *exposing.next_for(kLong);
  std::optional<StateStream> stream;

  /// Sent and taken, and the engine is at rest.
  void begin() {
    sink.send(State::text("first"));
    stream = *observing.next_for(kLong);
    REQUIRE(text(stream->next_for(kLong)) == "first");
    rest();
  }
  void rest() {
    while (runtime.poll_for(0ns)) {
    }
  }
};

}  // namespace

TEST_CASE("facade: a local stream has a sink's state before the loop has turned") {
  Local local;
  local.begin();
  auto by_tag = local.exchange.tag_observe_contract("demo").build();
  CHECK(wait_text(by_tag, "first"));
  local.rest();
  while (by_tag.try_next_event()) {  // its standing
  }
  for (int i = 1; i <= 3; ++i) {
    const SendResult sent = local.sink.send(State::text(std::to_string(i)));
    auto state = local.stream->try_next();
    REQUIRE(state);
    CHECK(state->text() == std::to_string(i));
    CHECK(state->version() == sent.version);
    CHECK(state->epoch() == local.sink.epoch());
    CHECK(state->synchronized());
    CHECK(state->skipped() == 0);
    CHECK(state->skipped_exact());
    auto event = by_tag.try_next_event();
    REQUIRE(event);
    CHECK(event->state.version() == sent.version);
  }
  // What the engine then brings is what they have.
  local.rest();
  CHECK(local.stream->try_next().timed_out());
  CHECK(by_tag.try_next_event().timed_out());
  CHECK(local.exchange.info().states_accepted == 2);  // three sends in one
  local.sink.send(State::text("4"));
  local.sink.send(State::text("5"));
  auto state = local.stream->try_next();
  REQUIRE(state);
  CHECK(state->text() == "5");
  CHECK(state->skipped() == 1);
  local.rest();
  local.sink.send(State::text("6"));
  CHECK(local.stream->next_for(kLong)->skipped() == 0);
}

TEST_CASE("facade: a new observer of what went straight has the newest, and skips are counted on") {
  Local local;
  local.begin();
  for (int i = 1; i <= 10; ++i) local.sink.send(State::text(std::to_string(i)));
  CHECK(text(local.exchange.get(kTemp, kLong)) == "10");
  auto state = local.stream->try_next();
  REQUIRE(state);
  CHECK(state->text() == "10");
  CHECK(state->skipped() == 9);
}

TEST_CASE("facade: what went straight is the engine's before it decides anything else (P2 P4)") {
  Local local;
  local.begin();
  auto elsewhere = local.exchange.tag_observe_contract("demo").build();
  CHECK(wait_text(elsewhere, "first"));
  local.rest();
  const SendResult low = local.sink.send(State::text("low"));
  CHECK(text(local.stream->try_next()) == "low");
  // The loop has not turned yet, and another takes over.
  auto high = local.exchange.object_expose_contract(kTemp).with_priority(5).with_current().build();
  auto second = high.next_for(kLong);
  REQUIRE(second);
  REQUIRE(second->current());
  CHECK(second->current()->text() == "low");
  CHECK(second->current()->version() == low.version);
  const SendResult taken = second->send(State::text("high"));
  REQUIRE(taken);
  CHECK(taken.version > low.version);
  CHECK(text(local.stream->next_for(kLong)) == "high");
  CHECK(local.sink.wait_end_for(kLong));
  CHECK(local.sink.send(State::text("too late")).outcome == SendOutcome::ended);
  local.rest();
  CHECK(local.stream->try_next().timed_out());
}

TEST_CASE("facade: with threads too each state is there at once, and no loop turns for it, while nobody else needs it") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  sink->send(State::text("first"));
  auto stream = observing.next_for(kLong);
  REQUIRE(stream);
  REQUIRE(stream->next_for(kLong));
  const auto at_once = [&](const std::string& state) {
    sink->send(State::text(state));
    return text(stream->try_next()) == state;
  };
  // The step that took the first may go on still, and each late state asks for another one.
  int sent = 0, late = 0, all_late = 0;
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  do {
    all_late += late;
    late = 0;
    for (int i = 0; i < 10'000; ++i) late += !at_once(std::to_string(++sent));
  } while (late != 0 && std::chrono::steady_clock::now() < deadline);
  CHECK(late == 0);
  // Steps that were under way, and info(), tell the engine of the newest.
  CHECK(exchange.info().states_accepted <= 10 + 2 * static_cast<std::uint64_t>(all_late));
}

TEST_CASE("facade: a thread that spins on try_next has every state that it waits for, held back or not, and the end") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  sink->send(State::text("0"));
  auto stream = observing.next_for(kLong);
  REQUIRE(stream);
  std::atomic<int> seen{-1};
  std::atomic<bool> gone{false};
  std::thread reader([&] {
    while (!gone) {
      auto state = stream->try_next();
      if (state) seen = std::stoi(std::string(state->text()));
      gone = !state && state.status() == WaitStatus::ended;
      if (!state) std::this_thread::yield();  // there may be one core only
    }
  });
  const auto comes = [&](auto what) {
    const auto deadline = std::chrono::steady_clock::now() + kLong;
    while (!what() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return what();
  };
  int number = 0, missed = 0;
  const auto send = [&](int times) {
    for (int i = 0; i < times && missed == 0; ++i) {
      sink->send(State::text(std::to_string(++number)));
      missed += !comes([&] { return seen == number; });
    }
  };
  send(2000);
  observing.set_min_interval(2ms);
  send(20);
  observing.set_min_interval(0ns);
  send(2000);
  CHECK(missed == 0);
  observing.close();
  CHECK(comes([&] { return gone.load(); }));
  gone = true;
  reader.join();
}

TEST_CASE("facade: what went straight while nobody else needed it reaches who comes later, by object and by tag (P1)") {
  Runtime runtime;
  Exchange parent(runtime), child(runtime);
  auto observing = parent.object_observe_contract(kTemp).build();
  auto exposing = parent.object_expose_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  sink->send(State::text("first"));
  CHECK(wait_text(observing, "first"));
  InprocConnector up(child, parent);
  REQUIRE(up.wait_linked_for(kLong));
  int number = 0;
  const auto sent = [&] {
    std::string last;
    for (int i = 0; i < 100; ++i) sink->send(State::text(last = std::to_string(++number)));
    return last;
  };
  for (const bool by_tag : {false, true}) {
    parent.info();
    const std::string before = sent();
    auto far = by_tag ? child.tag_observe_contract("demo").build() : child.object_observe_contract(kTemp).build();
    CHECK(wait_text(far, before));
    const std::string after = sent();
    CHECK(wait_text(far, after));
    far.close();
    child.info();
  }
}

TEST_CASE("facade: two sinks of one object, one about to succeed the other, meet in the engine (P1 P4)") {
  Local local;
  local.begin();
  auto high = local.exchange.object_expose_contract(kTemp).with_priority(5).build();
  auto second = high.next_for(kLong);
  REQUIRE(second);
  local.rest();
  CHECK(local.sink.end_reason() == EndReason::none);  // it goes on until the new one has sent
  // Both take the same version as the next one; the engine hears of the successor's first.
  CHECK(second->send(State::text("successor")));
  CHECK(local.sink.send(State::text("former")));
  CHECK(local.stream->try_next().timed_out());
  local.rest();
  CHECK(local.sink.end_reason() == EndReason::handed_over);
  std::string last;
  while (auto state = local.stream->try_next()) last = state->text();
  CHECK(last == text(local.exchange.get(kTemp, kLong)));
  CHECK(last == "successor");
}

TEST_CASE("facade: a stale state that try_next_event() gives is as old as when it is taken") {
  Local local;
  local.begin();
  local.exposing.close();
  auto late = local.exchange.object_observe_contract(kTemp).build();
  local.rest();
  std::this_thread::sleep_for(30ms);
  std::optional<State> state;
  while (auto event = late.try_next_event())
    if (event->kind == ObserveEventKind::state) state = event->state;
  REQUIRE(state);
  CHECK_FALSE(state->synchronized());
  CHECK(state->age() >= 30ms);
  CHECK(state->age() < kLong);
}

TEST_CASE("facade: what a sink sends goes straight again once it has taken over in the same exchange") {
  Local local;
  local.begin();
  auto waiting = local.exchange.object_expose_contract(kTemp).build();
  const bool drops = GENERATE(false, true);
  auto high = drops ? std::move(waiting) : local.exchange.object_expose_contract(kTemp).with_priority(5).build();
  local.rest();
  if (drops) local.exposing.close();
  auto second = high.next_for(kLong);
  REQUIRE(second);
  CHECK(second->send(State::text("its first")));
  local.rest();
  while (local.stream->try_next()) {
  }
  CHECK(second->send(State::text("its second")));
  CHECK(text(local.stream->try_next()) == "its second");
}

TEST_CASE("facade: a sink's last state before it goes is not lost, though it went straight") {
  Local local;
  local.begin();
  CHECK(local.sink.send(State::text("last")));
  local.exposing.close();
  local.rest();
  CHECK(text(local.stream->try_next()) == "last");
  auto late = local.exchange.object_observe_contract(kTemp).build();
  auto event = wait_event(late, [](const ObserveEvent& e) { return e.kind == ObserveEventKind::state; });
  REQUIRE(event);
  CHECK(event->state.text() == "last");
  CHECK_FALSE(event->state.synchronized());
}

TEST_CASE("facade: straight states and those of the engine never disagree, whoever takes over when (P1 P2 P4)") {
  Runtime runtime({.workers = 2});
  Exchange exchange(runtime), child(runtime);
  InprocConnector up(child, exchange);
  REQUIRE(up.wait_linked_for(kLong));
  std::atomic<bool> done{false};
  std::mutex mutex;
  std::map<std::pair<Epoch, Version>, std::string> seen;  // one data per epoch and version, for all observers
  std::vector<std::string> faults;
  const auto observe = [&](const Exchange& at) {
    auto observing = at.object_observe_contract(kTemp).build();
    auto stream = observing.next_for(kLong);
    if (!stream) return std::string("nothing");
    Epoch epoch;
    Version version;
    std::string last;
    std::optional<std::chrono::steady_clock::time_point> deadline;
    while (true) {
      if (done && !deadline) deadline = std::chrono::steady_clock::now() + kLong;
      auto state = stream->next_for(deadline ? 500ms : 10ms);
      if (!state) {
        if (deadline && (last == "end 999" || std::chrono::steady_clock::now() > *deadline)) return last;
        continue;
      }
      std::lock_guard lock(mutex);
      const std::string data(state->text());
      if (state->epoch() < epoch || state->version() < version) faults.push_back("back at " + data);
      if (const auto [it, added] = seen.emplace(std::pair(state->epoch(), state->version()), data); it->second != data)
        faults.push_back(it->second + " and " + data + " have one epoch and version");
      epoch = state->epoch();
      version = state->version();
      last = data;
    }
  };
  std::vector<std::string> held(4);
  std::vector<std::thread> observers;
  for (int i = 0; i < 4; ++i)
    observers.emplace_back([&, i] { held[static_cast<std::size_t>(i)] = observe(i < 3 ? exchange : child); });
  // Exposers of rising and falling priority take over from each other in the middle of what they send.
  std::atomic<int> sent{0};
  std::vector<std::thread> exposers;
  for (int e = 0; e < 3; ++e)
    exposers.emplace_back([&, e] {
      for (int round = 0; round < 60; ++round) {
        auto exposing = (e < 2 ? exchange : child).object_expose_contract(kTemp).with_priority((round * 7 + e * 3) % 5).build();
        auto sink = exposing.next_for(20ms);
        for (int i = 0; sink && i < 200; ++i)
          if (!sink->send(State::text(std::to_string(e) + "-" + std::to_string(++sent)))) break;
      }
    });
  for (auto& exposer : exposers) exposer.join();
  auto last = exchange.object_expose_contract(kTemp).with_priority(9).build();
  auto sink = last.next_for(kLong);
  REQUIRE(sink);
  int refused = 0;
  for (int i = 0; i < 1000; ++i)
    if (!sink->send(State::text("end " + std::to_string(i)))) ++refused;
  CHECK(refused == 0);
  done = true;
  for (auto& observer : observers) observer.join();
  for (const auto& fault : faults) FAIL_CHECK(fault);
  CHECK(sent > 1000);
  for (const auto& state : held) CHECK(state == "end 999");
}

}  // namespace mla::test
