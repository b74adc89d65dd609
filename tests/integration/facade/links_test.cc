#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "tests/integration/facade/helpers.h"

// Two and more exchanges over real WebSockets on loopback.
namespace mla::test {
namespace {

const ConnectorOptions kQuick{.backoff_min = 10ms, .backoff_max = 100ms};

void send_in(ExposeContract& exposing, const std::string& what) {
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  REQUIRE(sink->send(State::text(what)));
}

bool wait_status(const WebsocketConnector& up, LinkStatus wanted) {
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (up.status().status != wanted) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

}  // namespace

TEST_CASE("facade: two exchanges share an object over a link, exposer below") {
  Runtime runtime({.workers = 2});
  Exchange parent(runtime, {.name = "parent"}), child(runtime, {.name = "child"});
  WebsocketListener listener(parent, "ws://127.0.0.1:0");
  WebsocketConnector up(child, listener.url());
  auto exposing = child.object_expose_contract(kTemp).build();
  auto observing = parent.object_observe_contract(kTemp).build();
  send_in(exposing, "21");
  CHECK(wait_text(observing, "21"));
  CHECK(up.wait_linked_for(kLong));
  const ConnectorStatus status = up.status();
  CHECK(status.status == LinkStatus::linked);
  CHECK(status.error == ErrorCode::ok);
  CHECK(status.url == listener.url());
  const ExchangeInfo info = child.info();
  REQUIRE(info.links.size() == 1);
  CHECK(info.links[0].to_parent);
  CHECK(info.links[0].ready);
  CHECK(info.links[0].peer_name == "parent");
  CHECK(info.links[0].address.find("127.0.0.1") != std::string::npos);
  CHECK(info.links[0].states_out >= 1);
  CHECK(info.path == std::vector<NodeId>{parent.info().node, child.info().node});
}

TEST_CASE("facade: two exchanges share an object over a link, exposer above") {
  Exchange parent, child;
  WebsocketListener listener(parent, "ws://127.0.0.1:0");
  auto exposing = parent.object_expose_contract(kTemp).build();
  auto observing = child.object_observe_contract(kTemp).build();
  CHECK_FALSE(exposing.try_next());
  WebsocketConnector up(child, listener.url());
  send_in(exposing, "21");
  CHECK(wait_text(observing, "21"));
}

TEST_CASE("facade: the child may start before its parent listens") {
  Exchange child;
  std::string url;
  {
    Exchange nobody;
    url = WebsocketListener(nobody, "ws://127.0.0.1:0").url();  // a port that was free a moment ago
  }
  WebsocketConnector up(child, url, kQuick);
  auto observing = child.object_observe_contract(kTemp).build();
  while (up.status().error != ErrorCode::cannot_connect) std::this_thread::sleep_for(1ms);
  CHECK(up.status().status == LinkStatus::connecting);
  CHECK_FALSE(up.status().detail.empty());
  CHECK_FALSE(up.wait_linked_for(1ms));
  Exchange parent;
  WebsocketListener listener(parent, url);
  auto exposing = parent.object_expose_contract(kTemp).build();
  send_in(exposing, "late");
  CHECK(wait_text(observing, "late"));
}

TEST_CASE("facade: a parent that goes and comes back finds its child again (P1 P9)") {
  Exchange child;
  auto observing = child.object_observe_contract(kTemp).build();
  std::optional<Exchange> parent(std::in_place);
  std::optional<WebsocketListener> listener(std::in_place, *parent, "ws://127.0.0.1:0");
  const std::string url = listener->url();
  WebsocketConnector up(child, url, kQuick);
  std::optional<ExposeContract> exposing = parent->object_expose_contract(kTemp).build();
  send_in(*exposing, "before");
  CHECK(wait_text(observing, "before"));
  exposing.reset();
  listener.reset();
  parent.reset();
  CHECK(wait_status(up, LinkStatus::stale));
  auto stale = wait_event(observing, [](const ObserveEvent& e) {
    return e.kind == ObserveEventKind::state && !e.state.synchronized();
  });
  CHECK(stale);
  parent.emplace();
  listener.emplace(*parent, url);
  exposing = parent->object_expose_contract(kTemp).build();
  send_in(*exposing, "after");
  CHECK(wait_text(observing, "after"));
  CHECK(up.status().status == LinkStatus::linked);
}

TEST_CASE("facade: a listener may close and open again while links stay") {
  Exchange parent, first, second;
  auto listener = std::make_optional<WebsocketListener>(parent, "ws://127.0.0.1:0");
  const std::string url = listener->url();
  WebsocketConnector up1(first, url, kQuick);
  REQUIRE(up1.wait_linked_for(kLong));
  listener.reset();
  WebsocketConnector up2(second, url, kQuick);
  while (up2.status().error == ErrorCode::ok) std::this_thread::sleep_for(1ms);
  CHECK(up1.status().status == LinkStatus::linked);
  listener.emplace(parent, url);
  CHECK(up2.wait_linked_for(kLong));
  CHECK(up1.status().status == LinkStatus::linked);
}

TEST_CASE("facade: a list of parents is tried in turn") {
  Exchange parent, child;
  std::string dead;
  {
    Exchange nobody;
    dead = WebsocketListener(nobody, "ws://127.0.0.1:0").url();
  }
  WebsocketListener listener(parent, "ws://127.0.0.1:0");
  WebsocketConnector up(child, {dead, listener.url()}, kQuick);
  CHECK(up.wait_linked_for(kLong));
  CHECK(up.status().url == listener.url());
}

TEST_CASE("facade: three levels, exposer and observer on different branches, many objects (P1)") {
  Runtime runtime;
  Exchange root(runtime), left(runtime), right(runtime), leaf1(runtime), leaf2(runtime);
  WebsocketListener at_root(root, "ws://127.0.0.1:0"), at_left(left, "ws://127.0.0.1:0"),
      at_right(right, "ws://127.0.0.1:0");
  WebsocketConnector l(left, at_root.url()), r(right, at_root.url()), a(leaf1, at_left.url()),
      b(leaf2, at_right.url());
  auto observing = leaf2.tag_observe_contract("many").build();
  constexpr std::size_t kObjects = 300;
  auto exposing = leaf1.tag_expose_contract("nothing").build();
  std::vector<ExposeContract> contracts;
  for (std::size_t i = 0; i < kObjects; ++i)
    contracts.push_back(leaf1.object_expose_contract({{"many"}, i}).build());
  for (auto& contract : contracts) send_in(contract, "x");
  std::set<std::string> seen;
  while (seen.size() < kObjects) {
    auto event =
        wait_event(observing, [](const ObserveEvent& e) { return e.kind == ObserveEventKind::state; });
    REQUIRE(event);
    seen.insert(event->object->canonical());
  }
  CHECK(leaf2.info().path.size() == 3);
  contracts.clear();
  while (!seen.empty()) {
    auto event =
        wait_event(observing, [](const ObserveEvent& e) { return e.kind == ObserveEventKind::ended; });
    REQUIRE(event);
    seen.erase(event->object->canonical());
  }
}

TEST_CASE("facade: a large state crosses a link whole") {
  Exchange parent, child;
  WebsocketListener listener(parent, "ws://127.0.0.1:0");
  WebsocketConnector up(child, listener.url());
  auto exposing = child.object_expose_contract(kTemp).build();
  auto observing = parent.object_observe_contract(kTemp).build();
  std::string large(900'000, 'x');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>('a' + i * i % 23);
  send_in(exposing, large);
  CHECK(wait_text(observing, large));
}

TEST_CASE("facade: states sent just before the exchange closes still leave") {
  Exchange parent;
  WebsocketListener listener(parent, "ws://127.0.0.1:0");
  auto observing = parent.object_observe_contract(kTemp).build();
  {
    Exchange child;
    WebsocketConnector up(child, listener.url());
    auto exposing = child.object_expose_contract(kTemp).build();
    auto sink = exposing.next_for(kLong);
    REQUIRE(sink);
    REQUIRE(sink->send(State::text("first")));
    CHECK(wait_text(observing, "first"));
    REQUIRE(sink->send(State::text("last words")));
    child.close();
  }
  CHECK(wait_event(observing, [](const ObserveEvent& e) {
    return e.kind == ObserveEventKind::state && e.state.text() == "last words";
  }));
}

TEST_CASE("facade: a connector tells its status as it changes, and stops when closed") {
  Exchange parent, child;
  WebsocketListener listener(parent, "ws://127.0.0.1:0");
  WebsocketConnector up(child, listener.url());
  std::promise<std::string> linked;
  std::promise<void> closed;
  up.on_status([&, told = false](const ConnectorStatus& status) mutable {
    if (status.status == LinkStatus::linked && !std::exchange(told, true)) linked.set_value(status.url);
    if (status.status == LinkStatus::closed) closed.set_value();
  });
  auto future = linked.get_future();
  REQUIRE(future.wait_for(kLong) == std::future_status::ready);
  CHECK(future.get() == listener.url());
  up.close();
  CHECK(closed.get_future().wait_for(kLong) == std::future_status::ready);
  CHECK_FALSE(up.wait_linked_for(kLong));
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (!parent.info().links.empty() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(1ms);
  CHECK(parent.info().links.empty());
  up.on_status({});
}

namespace {

/// What was told of links so far.
class Told {
 public:
  explicit Told(Exchange& exchange) : exchange_(exchange) {
    exchange.on_link_event([this](const LinkEvent& event) {
      std::lock_guard lock(mutex_);
      events_.push_back(event);
    });
  }
  ~Told() { exchange_.on_link_event({}); }
  Told(const Told&) = delete;
  Told& operator=(const Told&) = delete;

  std::optional<LinkEvent> wait(LinkEventKind kind, const std::string& name) {
    const auto deadline = std::chrono::steady_clock::now() + kLong;
    while (std::chrono::steady_clock::now() < deadline) {
      {
        std::lock_guard lock(mutex_);
        for (const LinkEvent& event : events_)
          if (event.kind == kind && event.peer_name == name) return event;
      }
      std::this_thread::sleep_for(1ms);
    }
    return {};
  }

 private:
  Exchange& exchange_;
  std::mutex mutex_;
  std::vector<LinkEvent> events_;
};

}  // namespace

TEST_CASE("facade: links that come and go are told, with who it is and why") {
  Exchange parent;
  Told told(parent);
  WebsocketListener listener(parent, "ws://127.0.0.1:0");
  {
    Exchange child(ExchangeOptions{.name = "kid"});
    WebsocketConnector up(child, listener.url());
    const auto linked = told.wait(LinkEventKind::linked, "kid");
    REQUIRE(linked);
    CHECK_FALSE(linked->to_parent);
    CHECK(linked->address.starts_with("127.0.0.1:"));
    CHECK(linked->peer == child.info().node);
    child.close();
  }
  const auto lost = told.wait(LinkEventKind::lost, "kid");
  REQUIRE(lost);
  CHECK(lost->error == ErrorCode::shutting_down);
  CHECK(lost->address.starts_with("127.0.0.1:"));
}

TEST_CASE(
    "facade: another list of parents keeps a link whose URL is in it, and takes up the first of others") {
  Exchange a, b, child;
  WebsocketListener at_a(a, "ws://127.0.0.1:0"), at_b(b, "ws://127.0.0.1:0");
  WebsocketConnector up(child, at_a.url(), kQuick);
  REQUIRE(up.wait_linked_for(kLong));
  const auto links_of = [](const Exchange& x) {
    return x.info().links.size() + x.info().gone_children.links;
  };
  REQUIRE(up.set_urls({at_b.url(), at_a.url()}) == ErrorCode::ok);
  CHECK(up.status().url == at_a.url());
  CHECK(up.status().status == LinkStatus::linked);
  std::string why;
  CHECK(up.set_urls({"nonsense"}, &why) == ErrorCode::bad_url);
  CHECK_FALSE(why.empty());
  CHECK(up.set_urls({}) == ErrorCode::bad_url);
  CHECK(links_of(a) == 1);
  CHECK(links_of(b) == 0);

  REQUIRE(up.set_urls({at_b.url()}) == ErrorCode::ok);
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while ((up.status().url != at_b.url() || up.status().status != LinkStatus::linked ||
          !a.info().links.empty()) &&
         std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(1ms);
  CHECK(up.status().url == at_b.url());
  CHECK(up.status().status == LinkStatus::linked);
  CHECK(a.info().links.empty());
  CHECK(a.info().gone_children.links == 1);
  CHECK(a.info().gone_children.bytes_in > 0);
  up.close();
  CHECK(up.set_urls({at_a.url()}) == ErrorCode::closed);
}

TEST_CASE("facade: other limits hold for links that come, wrong ones change nothing (P13)") {
  Exchange parent, a, b;
  WebsocketListener listener(parent, "ws://127.0.0.1:0");
  WebsocketConnector up_a(a, listener.url(), kQuick);
  REQUIRE(up_a.wait_linked_for(kLong));
  Limits limits = parent.limits();
  limits.links = 1;
  REQUIRE(parent.set_limits(limits) == ErrorCode::ok);
  CHECK(parent.limits().links == 1);
  WebsocketConnector up_b(b, listener.url(), kQuick);
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (up_b.status().error != ErrorCode::too_many_links && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(1ms);
  CHECK(up_b.status().error == ErrorCode::too_many_links);
  CHECK(up_a.status().status == LinkStatus::linked);
  limits.links = 2;
  REQUIRE(parent.set_limits(limits) == ErrorCode::ok);
  CHECK(up_b.wait_linked_for(kLong));

  std::string why;
  limits.depth = 17;
  CHECK(parent.set_limits(limits, &why) == ErrorCode::bad_option);
  CHECK(why == "depth is above 16");
  CHECK(parent.limits().depth == 16);
  parent.close();
  limits.depth = 16;
  CHECK(parent.set_limits(limits) == ErrorCode::closed);
}

TEST_CASE("facade: an exchange that dials itself is refused") {
  Exchange exchange;
  WebsocketListener listener(exchange, "ws://127.0.0.1:0");
  WebsocketConnector up(exchange, listener.url(), kQuick);
  CHECK(wait_status(up, LinkStatus::refused));
  CHECK(up.status().error == ErrorCode::would_loop);
}

TEST_CASE("facade: what cannot be listened or dialled to is refused with a reason") {
  Exchange exchange;
  std::string why;
  CHECK(WebsocketListener::try_make(exchange, {"ws://0.0.0.0:0"}, {}, &why).error() ==
        ErrorCode::insecure_listener);
  CHECK(WebsocketListener::try_make(exchange, {"nonsense"}, {}, &why).error() == ErrorCode::bad_url);
  CHECK_FALSE(why.empty());
  WebsocketListener listener(exchange, "ws://127.0.0.1:0");
  CHECK(WebsocketListener::try_make(exchange, {"ws://127.0.0.1:0", listener.url()}, {}, &why).error() ==
        ErrorCode::address_in_use);
  CHECK_FALSE(why.empty());
  CHECK(WebsocketListener::try_make(exchange, {}).error() == ErrorCode::bad_url);
  CHECK(WebsocketConnector::try_make(exchange, {"http://127.0.0.1:1"}).error() == ErrorCode::bad_url);
  CHECK(WebsocketConnector::try_make(exchange, {"ws://127.0.0.1:0"}).error() == ErrorCode::bad_url);
  CHECK(WebsocketConnector::try_make(exchange, {}).error() == ErrorCode::bad_url);
  CHECK(WebsocketConnector::try_make(exchange, {"ws://127.0.0.1:1"}, {.backoff_min = 0ms}).error() ==
        ErrorCode::bad_option);
}

TEST_CASE("facade: more links than the limit are refused, and those that are up go on (P13)") {
  Limits limits;
  limits.links = 2;
  Exchange parent(ExchangeOptions{.limits = limits});
  WebsocketListener one(parent, "ws://127.0.0.1:0"), two(parent, "ws://127.0.0.1:0");
  Exchange a, b, c;
  WebsocketConnector up_a(a, one.url(), kQuick), up_b(b, two.url(), kQuick);
  REQUIRE(up_a.wait_linked_for(kLong));
  REQUIRE(up_b.wait_linked_for(kLong));
  WebsocketConnector up_c(c, one.url(), kQuick);
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (up_c.status().error != ErrorCode::too_many_links && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(1ms);
  CHECK(up_c.status().error == ErrorCode::too_many_links);
  CHECK(up_a.status().status == LinkStatus::linked);
  up_b.close();
  CHECK(up_c.wait_linked_for(kLong));
}

TEST_CASE("facade: a state too large for who takes it is left out and counted, and the next one comes (P13)") {
  Limits limits;
  limits.state_bytes = 1000;
  Exchange parent(ExchangeOptions{.limits = limits});
  WebsocketListener listener(parent, "ws://127.0.0.1:0");
  Exchange child;
  WebsocketConnector up(child, listener.url(), kQuick);
  REQUIRE(up.wait_linked_for(kLong));
  auto observing = parent.object_observe_contract(kTemp).build();
  auto exposing = child.object_expose_contract(kTemp).build();
  auto sink = exposing.next_for(kLong);
  REQUIRE(sink);
  std::string large;  // as it is: nothing makes it small
  for (int i = 0; i < 2000; ++i) large += static_cast<char>('!' + (i * i * 31 + i * 17 + (i >> 3)) % 90);
  CHECK(sink->send(State::text(large)));
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (parent.info().states_oversized == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(1ms);
  CHECK(parent.info().states_oversized == 1);
  CHECK(sink->send(State::text("small")));
  CHECK(wait_text(observing, "small"));
  up.close();
  CHECK(parent.info().states_oversized == 1);  // though the link that brought it is gone
}

}  // namespace mla::test
