#include <mla/mla.h>

#include "tests/integration/facade/helpers.h"

// An exchange that listens describes itself by objects; the facade's part.
namespace mla::test {
namespace {

const TagDescriptor kNodeTag(*Json::parse(R"({"$mla":"node"})"));

std::string own_node(const Exchange& exchange) {
  return R"({"$mla":"node","id":")" + to_string(exchange.info().node) + "\"}";
}

}  // namespace

TEST_CASE("facade: an exchange describes itself while it listens, and counts none of it") {
  Exchange exchange({.name = "here"});
  auto observing = exchange.tag_observe_contract(kNodeTag).build();
  {
    WebsocketListener listener(exchange, "ws://127.0.0.1:0");
    const auto event = wait_event(observing, [](const ObserveEvent& e) { return e.kind == ObserveEventKind::state; });
    REQUIRE(event);
    CHECK(event->object->json().text() == own_node(exchange));
    CHECK(event->state.text().find(R"("name":"here")") != std::string_view::npos);
    CHECK(event->state.text().find(listener.url()) != std::string_view::npos);
    const ExchangeInfo info = exchange.info();
    CHECK(info.contracts == 1);  // the observer's
    CHECK(info.objects == 0);
    CHECK(info.tags == 0);
  }
  CHECK(wait_event(observing, [](const ObserveEvent& e) { return e.kind == ObserveEventKind::ended; }));
}

TEST_CASE("facade: a listener can leave its exchange undescribed") {
  Exchange exchange;
  WebsocketListener listener(exchange, "ws://127.0.0.1:0", {.describe = false});
  const auto got = exchange.get(ObjectDescriptor({kNodeTag}, *Json::parse(own_node(exchange))), 50ms);
  CHECK(got.error() == ErrorCode::unexposed);
}

TEST_CASE("facade: a question gets its answer, and what is no question its reason") {
  Exchange exchange({.name = "here"});
  WebsocketListener listener(exchange, "ws://127.0.0.1:0");
  auto temp = exchange.object_observe_contract(kTemp).build();
  const TagDescriptor query(*Json::parse(R"({"$mla":"query","node":")" + to_string(exchange.info().node) + "\"}"));
  const auto got = exchange.get(ObjectDescriptor({query}, *Json::parse(R"({"$mla":"objects"})")), kLong);
  REQUIRE(got);
  CHECK(got->text().find(R"({"tags":["demo"],"json":"temp"})") != std::string_view::npos);

  auto wrong = exchange.object_observe_contract(ObjectDescriptor({query}, *Json::parse(R"({"$mla":"x"})"))).build();
  const auto refused = wait_event(wrong, [](const ObserveEvent& e) {
    return e.kind == ObserveEventKind::standing && e.standing.kind == StandingKind::declined;
  });
  REQUIRE(refused);
  CHECK(refused->standing.reason == "unknown question; there are objects, tags, links and why");
}

TEST_CASE("facade: what is reserved is refused to those who are no admin") {
  Exchange exchange({.principal = {.name = "somebody", .admin = false}});
  CHECK(exchange.tag_observe_contract(kNodeTag).try_build().error() == ErrorCode::reserved_descriptor);
  CHECK(exchange.object_expose_contract(ObjectDescriptor({kNodeTag}, 1)).try_build().error() ==
        ErrorCode::reserved_descriptor);
  CHECK(exchange.object_observe_contract(kTemp).try_build().ok());
}

TEST_CASE("facade: a listener that goes takes the description with it, and the next one brings it back") {
  Exchange exchange;
  auto observing = exchange.tag_observe_contract(kNodeTag).build();
  for (int i = 0; i < 2; ++i) {
    WebsocketListener listener(exchange, "ws://127.0.0.1:0");
    CHECK(wait_event(observing, [&](const ObserveEvent& e) { return e.kind == ObserveEventKind::state; }));
    listener.close();
    CHECK(wait_event(observing, [&](const ObserveEvent& e) { return e.kind == ObserveEventKind::ended; }));
  }
}

}  // namespace mla::test
