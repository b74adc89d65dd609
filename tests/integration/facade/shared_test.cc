#include <unistd.h>

#include <atomic>
#include <optional>
#include <set>
#include <thread>

#include "tests/integration/facade/helpers.h"

// Exchanges of one process as one tree: links inside it, and a listener that they share.
namespace mla::test {
namespace {

std::size_t children(const Exchange& exchange) {
  std::size_t count = 0;
  for (const auto& link : exchange.info().links) count += link.ready && !link.to_parent && link.address != "inproc";
  return count;
}

}  // namespace

TEST_CASE("facade: exchanges of one process link without a socket, and again after a loss") {
  Runtime runtime({.workers = 2});
  std::optional<Exchange> parent(std::in_place, runtime);
  Exchange child(runtime);
  InprocConnector up(child, *parent);
  REQUIRE(up.wait_linked_for(kLong));
  auto exposing = child.object_expose_contract(kTemp).build();
  auto observing = parent->object_observe_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  sink->send(State::text("1"));
  CHECK(wait_text(observing, "1"));
  CHECK(up.status().url == "inproc");
  up.close();
  CHECK(up.status().status == LinkStatus::closed);
  CHECK(sink->wait_end_for(kLong));
  InprocConnector again(child, *parent);
  REQUIRE(again.wait_linked_for(kLong));
  sink = exposing.next_for(kLong);
  REQUIRE(sink);
  sink->send(State::text("2"));
  CHECK(wait_text(observing, "2"));
  std::atomic<bool> lost{false};
  again.on_status([&](const ConnectorStatus& status) { lost = lost || status.status == LinkStatus::stale; });
  parent.reset();
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (!lost && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  CHECK(lost);
  again.on_status({});
}

TEST_CASE("facade: an in-process link needs two exchanges of one runtime") {
  Runtime runtime;
  Exchange one(runtime), other;
  CHECK_THROWS_AS(InprocConnector(one, other), Error);
  CHECK_THROWS_AS(InprocConnector(one, one), Error);
  CHECK(WebsocketListener::try_make(one, {"ws://127.0.0.1:0"}, {.share_with = {other}}).error() ==
        ErrorCode::bad_option);
}

TEST_CASE("facade: a shared listener gives each link to the exchange that has the fewest") {
  Runtime runtime({.workers = 3});
  Limits few;
  few.links = 6;
  Exchange first(runtime, {.name = "0", .limits = few}), second(runtime, {.name = "1"}), third(runtime, {.name = "2"});
  InprocConnector up(second, first), also_up(third, first);
  std::string unix_url = "ws+unix:///tmp/mla-shared-" + std::to_string(::getpid()) + ".sock";
  for (const std::string& url : {std::string("ws://127.0.0.1:0"), unix_url}) {
    WebsocketListener listener(first, url, {.share_with = {second, third}});
    const auto gone = std::chrono::steady_clock::now() + kLong;  // the links of the last round
    while (children(first) + children(second) + children(third) > 0 && std::chrono::steady_clock::now() < gone)
      std::this_thread::yield();
    std::vector<Exchange> leaves;
    std::vector<WebsocketConnector> connectors;
    for (int i = 0; i < 6; ++i) {
      leaves.emplace_back();
      connectors.emplace_back(leaves.back(), listener.url());
    }
    for (auto& connector : connectors) REQUIRE(connector.wait_linked_for(kLong));
    CHECK(children(first) == 2);
    CHECK(children(second) == 2);
    CHECK(children(third) == 2);

    // It is one tree: every leaf sees what any exposes.
    auto exposing = leaves[0].object_expose_contract(kTemp).build();
    std::vector<ObserveContract> observing;
    for (auto& leaf : leaves) observing.push_back(leaf.object_observe_contract(kTemp).build());
    auto sink = exposing.next_for(kLong);
    REQUIRE(sink);
    sink->send(State::text("1"));
    for (auto& contract : observing) CHECK(wait_text(contract, "1"));

    // The limit of links is that of all together; whoever goes makes room, where he was.
    Exchange late;
    WebsocketConnector refused(late, listener.url(), {.backoff_max = 250ms});
    const auto deadline = std::chrono::steady_clock::now() + kLong;
    while (refused.status().error != ErrorCode::too_many_links && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    CHECK(refused.status().error == ErrorCode::too_many_links);
    connectors[3].close();
    CHECK(refused.wait_linked_for(kLong));
    CHECK(children(first) + children(second) + children(third) == 6);
  }
}

TEST_CASE("facade: exchanges that share a listener describe themselves, as children of the first") {
  Runtime runtime({.workers = 2});
  Exchange first(runtime, {.name = "router"}), second(runtime, {.name = "router/1"});
  InprocConnector up(second, first);
  REQUIRE(up.wait_linked_for(kLong));
  std::optional<WebsocketListener> listener(std::in_place, first, "ws://127.0.0.1:0",
                                            ListenerOptions{.share_with = {second}});
  auto nodes = first.tag_observe_contract(TagDescriptor(*Json::parse(R"({"$mla":"node"})"))).build();
  std::set<std::string> names, ended;
  while (names.size() < 2) {
    auto event = nodes.next_event_for(kLong);
    REQUIRE(event);
    if (event->kind == ObserveEventKind::state)
      names.insert(event->state.text().find("\"name\":\"router/1\"") != std::string_view::npos ? "second" : "first");
  }
  // Whom the listener lets in may change; the descriptions stay.
  listener->set_allowed({"https://a.example"}, {});
  Exchange late(runtime);
  InprocConnector late_up(late, second);
  REQUIRE(late_up.wait_linked_for(kLong));
  const std::string second_node = R"({"$mla":"node","id":")" + to_string(second.info().node) + "\"}";
  auto still = late.get(ObjectDescriptor({TagDescriptor(*Json::parse(R"({"$mla":"node"})"))}, *Json::parse(second_node)),
                        kLong);
  CHECK(still.ok());

  listener.reset();
  while (ended.size() < 2) {
    auto event = nodes.next_event_for(kLong);
    REQUIRE(event);
    if (event->kind == ObserveEventKind::ended) ended.insert(event->object->canonical());
  }
  CHECK(first.info().contracts == 1);  // the observer's
  CHECK(second.info().contracts == 0);
}

}  // namespace mla::test
