#include <map>
#include <set>
#include <thread>

#include "tests/integration/facade/helpers.h"

// Contracts of one exchange with each other: no link is involved.
namespace mla::test {

TEST_CASE("facade: an object goes from an exposer to an observer within one process") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  CHECK(sink->object() == kTemp);
  CHECK(sink->epoch().counter > 0);
  SendResult sent = sink->send(State::json("21"));
  REQUIRE(sent);
  auto stream = observing.next_for(kLong);
  REQUIRE(stream);
  auto state = stream->next_for(kLong);
  REQUIRE(state);
  CHECK(state->text() == "21");
  CHECK(state->format() == Format{"JSON"});
  CHECK(state->version() == sent.version);
  CHECK(state->synchronized());
  CHECK(state->skipped() == 0);
  CHECK(wait_standing(observing, kTemp, StandingKind::synchronized));
  sink->send(State::text("22"));
  CHECK(text(stream->next_for(kLong)) == "22");
}

TEST_CASE("facade: a sink is handed out only while somebody observes, and ends when nobody does (P7)") {
  Exchange exchange;
  auto exposing = exchange.object_expose_contract(kTemp).build();
  CHECK_FALSE(exposing.try_next());
  auto observing = std::make_unique<ObserveContract>(exchange.object_observe_contract(kTemp).build());
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  CHECK(sink->end_reason() == EndReason::none);
  CHECK_FALSE(sink->wait_end_for(0ms));
  observing.reset();
  CHECK(sink->wait_end_for(kLong));
  CHECK(sink->end_reason() == EndReason::unobserved);
  CHECK(sink->send(State::text("x")).outcome == SendOutcome::ended);
}

TEST_CASE("facade: events of an expose contract tell elections and withdrawals") {
  Exchange exchange;
  auto exposing = exchange.object_expose_contract(kTemp).build();
  {
    auto observing = exchange.object_observe_contract(kTemp).build();
    auto elected = exposing.next_event_for(kLong);
    REQUIRE(elected);
    CHECK(elected->kind == ExposeEventKind::elected);
    CHECK(*elected->object == kTemp);
    CHECK(elected->sink->send(State::text("x")));
  }
  auto withdrawn = exposing.next_event_for(kLong);
  REQUIRE(withdrawn);
  CHECK(withdrawn->kind == ExposeEventKind::withdrawn);
  CHECK(withdrawn->reason == EndReason::unobserved);
  CHECK(withdrawn->sink->end_reason() == EndReason::unobserved);
}

TEST_CASE("facade: an own version must be newer, and a stale one is answered with the floor") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  CHECK(sink->send(State::text("a").with_version({100})));
  SendResult stale = sink->send(State::text("b").with_version({99}));
  CHECK(stale.outcome == SendOutcome::stale);
  CHECK(stale.version == Version{100});
  CHECK(stale.error == ErrorCode::stale);
  CHECK(sink->send(State::text("c").with_version({101})));
  CHECK(wait_text(observing, "c"));
}

TEST_CASE("facade: what cannot be sent is refused at send") {
  Limits limits;
  limits.state_bytes = 10;
  Exchange exchange(ExchangeOptions{.limits = limits});
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  CHECK(sink->send(State::text("0123456789")));
  CHECK(sink->send(State::text("0123456789a")).error == ErrorCode::state_too_large);
  CHECK(sink->send(State::bytes({}, {"lower"})).error == ErrorCode::bad_format);
  CHECK(sink->send(State()).outcome == SendOutcome::refused);
}

TEST_CASE("facade: the last state sent before the contract goes still arrives") {
  Exchange exchange;
  for (int i = 0; i < 100;
       ++i) {  // often the contract goes before the loop has fetched the state, sometimes after
    const ObjectDescriptor object{{"last"}, i};
    auto observing = exchange.object_observe_contract(object).build();
    {
      auto exposing = exchange.object_expose_contract(object).build();
      auto sink = exposing.next_for(kLong);
      REQUIRE(sink);
      REQUIRE(sink->send(State::text("last")));
    }
    auto event = observing.next_event_for(kLong);
    while (event && event->kind != ObserveEventKind::state) event = observing.next_event_for(kLong);
    REQUIRE(event);
    CHECK(event->state.text() == "last");
  }
}

TEST_CASE("facade: a slow reader skips states, never the newest, and the counts add up (P3)") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  REQUIRE(sink->send(State::text("0")));
  auto stream = observing.next_for(kLong);
  REQUIRE(stream);
  REQUIRE(stream->next_for(kLong));
  constexpr int kStates = 5000;
  for (int i = 1; i <= kStates; ++i) sink->send(State::text(std::to_string(i)));
  std::uint64_t seen = 0, skipped = 0;
  Version last;
  while (true) {
    auto state = stream->next_for(kLong);
    REQUIRE(state);
    CHECK(state->skipped_exact());
    CHECK(state->version() > last);
    last = state->version();
    ++seen;
    skipped += state->skipped();
    if (state->text() == std::to_string(kStates)) break;
  }
  CHECK(seen + skipped == kStates);
}

TEST_CASE("facade: declining gives the object back, with the reason as its standing") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  sink->decline("no sensor", 1h);
  CHECK(sink->end_reason() == EndReason::declined);
  CHECK(sink->wait_end_for(0ms));
  auto told = wait_event(observing, [](const ObserveEvent& e) {
    return e.kind == ObserveEventKind::standing && e.standing.kind == StandingKind::declined;
  });
  REQUIRE(told);
  CHECK(told->standing.reason == "no sensor");
  CHECK(exchange.get(kTemp, 50ms).error() == ErrorCode::declined);
}

TEST_CASE("facade: a higher priority takes over, and the former is told so") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto low = exchange.object_expose_contract(kTemp).build();
  auto first = low.next_for(kLong);
  REQUIRE(first);
  first->send(State::text("low"));
  CHECK(wait_text(observing, "low"));
  auto high = exchange.object_expose_contract(kTemp).with_priority(5).with_current().build();
  auto second = high.next_for(kLong);
  REQUIRE(second);
  REQUIRE(second->current());
  CHECK(second->current()->text() == "low");
  second->send(State::text("high"));
  CHECK(wait_text(observing, "high"));
  CHECK(first->wait_end_for(kLong));
  CHECK(first->end_reason() == EndReason::handed_over);
}

TEST_CASE("facade: a tag observer sees objects come, change and go") {
  Exchange exchange;
  auto hosts = exchange.tag_observe_contract("host").build();
  auto exposing =
      std::make_unique<ExposeContract>(exchange.object_expose_contract({{"host", "x"}, "a"}).build());
  auto sink = exposing->next_for(kLong);
  REQUIRE(sink);
  sink->send(State::text("1"));
  auto seen = wait_event(hosts, [](const ObserveEvent& e) { return e.kind == ObserveEventKind::state; });
  REQUIRE(seen);
  CHECK(seen->object->json() == Json("a"));
  CHECK(seen->state.text() == "1");
  CHECK(wait_standing(hosts, *seen->object, StandingKind::synchronized));
  CHECK_FALSE(hosts.standing());
  exposing.reset();
  auto gone = wait_event(hosts, [](const ObserveEvent& e) { return e.kind == ObserveEventKind::ended; });
  REQUIRE(gone);
  CHECK(gone->reason == EndReason::gone);
  CHECK(*gone->object == *seen->object);
}

TEST_CASE("facade: a tag contract hands out a stream per object, which ends when the object goes") {
  Exchange exchange;
  auto hosts = exchange.tag_observe_contract("host").build();
  std::map<std::string, ExposeContract> exposing;
  for (std::string name : {"a", "b", "c"}) {
    auto contract = exchange.object_expose_contract({{"host"}, Json(name)}).build();
    auto sink = contract.next_for(kLong);
    REQUIRE(sink);
    sink->send(State::text(name));
    exposing.emplace(name, contract);
  }
  std::map<std::string, StateStream> streams;
  while (streams.size() < 3) {
    auto stream = hosts.next_for(kLong);
    REQUIRE(stream);
    auto state = stream->next_for(kLong);
    REQUIRE(state);
    CHECK(stream->object().json() == Json(state->text()));
    CHECK(streams.emplace(std::string(state->text()), *stream).second);
  }
  exposing.erase("b");
  while (true) {
    auto next = streams.at("b").next_for(kLong);
    if (next.ended()) break;
    REQUIRE(next);
  }
  CHECK(streams.at("b").end_reason() == EndReason::gone);
  CHECK(streams.at("a").end_reason() == EndReason::none);
}

TEST_CASE("facade: letting go of a stream mutes its object") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  sink->send(State::text("1"));
  { REQUIRE(observing.next_for(kLong)); }
  sink->send(State::text("2"));
  // A second contract shows when the state has gone through.
  CHECK(text(exchange.get(kTemp, kLong)) == "2");
  CHECK(observing.try_next().timed_out());
}

TEST_CASE("facade: a tag exposer produces what somebody asks for") {
  Exchange exchange;
  auto exposing = exchange.tag_expose_contract("echo").with_capacity(100).build();
  std::thread producer([&] {
    while (auto sink = exposing.next()) sink->send(State::text("this is " + sink->object().json().text()));
  });
  CHECK(text(exchange.get({{"echo"}, 7}, kLong)) == "this is 7");
  CHECK(text(exchange.get({{"echo"}, "x"}, kLong)) == "this is \"x\"");
  exposing.close();
  producer.join();
}

TEST_CASE("facade: get says why there is nothing") {
  Exchange exchange;
  CHECK(exchange.get(kTemp, 50ms).error() == ErrorCode::unexposed);
  auto exposing = exchange.object_expose_contract(kTemp).build();
  CHECK(exchange.get(kTemp, 50ms).error() == ErrorCode::timed_out);
  CHECK(exchange.get({{"a"}, std::numeric_limits<double>::infinity()}, kLong).error() ==
        ErrorCode::json_number);
}

TEST_CASE("facade: many objects arrive, each at its newest state (P1)") {
  Exchange exchange;
  constexpr int kObjects = 2000, kRounds = 5;
  auto observing = exchange.tag_observe_contract("many").build();
  std::vector<ExposeContract> exposing;
  for (int i = 0; i < kObjects; ++i)
    exposing.push_back(exchange.object_expose_contract({{"many"}, i}).build());
  std::vector<StateSink> sinks;
  for (auto& contract : exposing) {
    auto sink = contract.next_for(kLong);
    REQUIRE(sink);
    sinks.push_back(*sink);
  }
  for (int round = 1; round <= kRounds; ++round)
    for (auto& sink : sinks) sink.send(State::text(std::to_string(round)));
  std::set<std::string> done;
  while (done.size() < kObjects) {
    auto event =
        wait_event(observing, [](const ObserveEvent& e) { return e.kind == ObserveEventKind::state; });
    REQUIRE(event);
    if (event->state.text() == std::to_string(kRounds)) done.insert(event->object->canonical());
  }
  CHECK(exchange.info().objects == kObjects);
  exposing.clear();
  observing.close();
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (exchange.info().objects > 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  CHECK(exchange.info().objects == 0);
  CHECK(exchange.info().contracts == 0);
}

TEST_CASE("facade: events are taken many at once, each object's newest, and no more than were asked for") {
  Exchange exchange;
  constexpr std::size_t kObjects = 100;
  auto observing = exchange.tag_observe_contract("many").build();
  std::vector<ExposeContract> exposing;
  std::vector<StateSink> sinks;
  std::vector<ObserveEvent> events;
  for (std::size_t i = 0; i < kObjects; ++i) {
    exposing.push_back(exchange.object_expose_contract({{"many"}, static_cast<int>(i)}).build());
    auto sink = exposing.back().next_for(kLong);
    REQUIRE(sink);
    sinks.push_back(*sink);
    REQUIRE(sinks.back().send(State::text("0")));
  }
  // All are known, and nothing more comes by itself.
  std::set<std::string> known;
  while (known.size() < kObjects) {
    auto event = wait_event(observing, [](const ObserveEvent& e) { return e.kind == ObserveEventKind::state && e.state.synchronized(); });
    REQUIRE(event);
    known.insert(event->object->canonical());
  }
  exchange.info();
  while (observing.try_next_events(events, 1000) > 0) {
  }
  events.clear();
  for (int round = 1; round <= 3; ++round)
    for (auto& sink : sinks) REQUIRE(sink.send(State::text(std::to_string(round))));
  exchange.info();
  CHECK(observing.try_next_events(events, 30) == 30);
  CHECK(observing.try_next_events(events, 1000) == kObjects - 30);
  CHECK(observing.try_next_events(events, 1000) == 0);
  REQUIRE(events.size() == kObjects);
  for (const auto& event : events) {
    CHECK(event.kind == ObserveEventKind::state);
    CHECK(event.state.text() == "3");
    CHECK(known.erase(event.object->canonical()) == 1);
  }
  observing.close();
  CHECK(observing.try_next_events(events, 1000) == 0);
}

TEST_CASE("facade: a minimum interval thins what is seen, and the newest still comes") {
  Exchange exchange;
  auto observing = exchange.object_observe_contract(kTemp).with_min_interval(100ms).build();
  auto exposing = exchange.object_expose_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  sink->send(State::text("first"));
  auto stream = observing.next_for(kLong);
  REQUIRE(stream);
  REQUIRE(stream->next_for(kLong));
  const auto began = std::chrono::steady_clock::now();
  sink->send(State::text("second"));
  sink->send(State::text("third"));
  CHECK(text(stream->next_for(kLong)) == "third");
  CHECK(std::chrono::steady_clock::now() - began > 50ms);
}

TEST_CASE("facade: contracts on what is no descriptor are refused with its error") {
  Exchange exchange;
  CHECK(exchange.object_observe_contract({{"a"}, std::nan("")}).try_build().error() ==
        ErrorCode::json_number);
  CHECK(exchange.tag_observe_contract(std::nan("")).try_build().error() == ErrorCode::json_number);
  CHECK(exchange.object_expose_contract(kTemp).with_capacity(1'000'001).try_build().error() ==
        ErrorCode::bad_option);
  CHECK_THROWS_AS(exchange.object_observe_contract({{"a"}, std::nan("")}).build(), Error);
}

}  // namespace mla::test
