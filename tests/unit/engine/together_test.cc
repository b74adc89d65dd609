#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <set>
#include <span>
#include <vector>

#include "tests/unit/engine/rig.h"

namespace together_test {

using namespace mla;
using namespace mla::engine;
using namespace mla::engine::test;
using namespace mla::codec;

namespace {

/// One exposer here of so many objects, all of which a child observes.
struct Herd {
  explicit Herd(int size) {
    link = rig.child(1);
    for (int i = 0; i < size; ++i) {
      const auto o = object(std::to_string(i).c_str());
      rig.open(ContractKind::object_expose, o);
      rig.define(link, static_cast<std::uint64_t>(i) + 1, o);
      rig.send(link, Interest{.handle = Handle{static_cast<std::uint64_t>(i) + 1}, .fresh = true, .observes = true});
      sinks.push_back(rig.sink());
    }
    rig.notices.clear();
    rig.far[link].frames.clear();
    rig.far[link].messages.clear();
  }
  Rig rig;
  LinkId link;
  std::vector<SinkId> sinks;
};

}  // namespace

TEST_CASE("what many sinks publish at once leaves in one message") {
  Herd herd(50);
  std::vector<Event> events;
  for (const SinkId sink : herd.sinks) events.emplace_back(Publish{.sink = sink, .payload = bytes(20)});
  herd.rig.step(events);
  CHECK(herd.rig.far[herd.link].messages.size() == 1);
  const auto states = herd.rig.got<StateFrame>(herd.link);
  CHECK(states.size() == 50);
  std::set<std::uint64_t> handles;
  for (const auto& state : states) handles.insert(state.handle.value);
  CHECK(handles.size() == 50);
  std::size_t accepted = 0;
  for (const auto& n : herd.rig.notices)
    if (const auto* p = std::get_if<Published>(&n)) accepted += p->outcome == PublishOutcome::accepted;
  CHECK(accepted == 50);
}

TEST_CASE("of what one sink publishes at once only the newest leaves, and the others count as skipped (P3)") {
  Herd herd(1);
  std::vector<Event> events;
  for (std::size_t i = 1; i <= 3; ++i) events.emplace_back(Publish{.sink = herd.sinks[0], .payload = bytes(i)});
  herd.rig.step(events);
  const auto states = herd.rig.got<StateFrame>(herd.link);
  REQUIRE(states.size() == 1);
  CHECK(states[0].nth == 3);
  CHECK(states[0].body.size() == 3);
}

TEST_CASE("observers of one object are sent the same bytes: small states, large ones in pieces, and differences") {
  Rig rig;
  const auto o = object("\"o\"");
  rig.open(ContractKind::object_expose, o);
  std::vector<LinkId> links;
  for (std::uint64_t node = 1; node <= 3; ++node) {
    links.push_back(rig.up(LinkRole::child));
    rig.send(links.back(), Hello{.node = NodeId{node}, .connection = 1, .heartbeat_ms = 10000, .path = {NodeId{node}}, .codecs = {"splice"}});
    rig.define(links.back(), 1, o);
    rig.send(links.back(), Interest{.handle = Handle{1}, .fresh = true, .observes = true});
  }
  const auto publish = [&](std::vector<std::byte> data) {
    for (auto& [link, far] : rig.far) far = {};
    rig.publish(std::make_shared<const Payload>(Payload{{"BYTES"}, std::move(data)}));
  };
  const auto all_the_same = [&] {
    const auto& first = rig.far[links[0]].bytes;
    return rig.far[links[1]].bytes == first && rig.far[links[2]].bytes == first;  // pointers
  };
  publish(bytes(20)->data);
  publish(bytes(20)->data);  // with the object's name before it the first one was not alone
  CHECK(rig.far[links[0]].bytes.size() == 1);
  CHECK(all_the_same());

  std::vector<std::byte> large = bytes(200 << 10)->data;
  publish(large);
  CHECK(rig.got<Part>(links[0]).size() == 3);
  CHECK(rig.far[links[0]].bytes.size() == 4);
  CHECK(all_the_same());

  large[1000] = std::byte{0};
  publish(large);
  const auto states = rig.got<StateFrame>(links[2]);
  REQUIRE(states.size() == 1);
  CHECK(states[0].base_nth);
  CHECK(all_the_same());
}

TEST_CASE("an outlet is handed what would be among the actions, and told what follows at once on a link") {
  struct Sent {
    LinkId link;
    std::vector<std::byte> message;
    bool more;
  };
  struct Taken final : Outlet {
    void send(std::span<Leaving> messages) override {
      for (const Leaving& l : messages) all.push_back({l.link, *l.message, l.more});
    }
    std::vector<Sent> all;
  } taken;
  Rig with(Limits{}, Principal{}, &taken), without;
  const auto o = object("\"o\"");
  for (Rig* rig : {&with, &without}) {
    rig->open(ContractKind::object_expose, o);
    for (std::uint64_t node = 1; node <= 2; ++node) {
      const LinkId link = rig->child(node);
      rig->define(link, 1, o);
      rig->send(link, Interest{.handle = Handle{1}, .fresh = true, .observes = true});
    }
    rig->publish(bytes(200 << 10));
    rig->send(LinkId{1}, Welcome{});  // no child says that: it hears why its link ends
  }
  CHECK(with.far[LinkId{1}].messages.empty());
  CHECK(with.far[LinkId{1}].closed == without.far[LinkId{1}].closed);
  for (const LinkId link : {LinkId{1}, LinkId{2}}) {
    std::vector<std::vector<std::byte>> got, wanted;
    std::vector<bool> more;
    for (const Sent& sent : taken.all)
      if (sent.link == link) {
        got.push_back(sent.message);
        more.push_back(sent.more);
      }
    for (const Bytes& message : without.far[link].bytes) wanted.push_back(*message);
    CHECK(got == wanted);
    REQUIRE(got.size() >= 5);
    const auto large = std::find_if(got.begin(), got.end(), [](const auto& m) { return m.size() > (60 << 10); }) - got.begin();
    CHECK(std::vector<bool>(more.begin() + large, more.begin() + large + 4) == std::vector{true, true, true, false});
  }
}

TEST_CASE("of many links the first ones are told before the last one's message is made") {
  struct Counted final : Outlet {
    void send(std::span<Leaving> messages) override { together.push_back(messages.size()); }
    std::vector<std::size_t> together;
  } counted;
  Rig rig(Limits{}, Principal{}, &counted);
  const auto o = object("\"o\"");
  rig.open(ContractKind::object_expose, o);
  for (std::uint64_t node = 1000; node < 1200; ++node) {
    const LinkId link = rig.child(node);
    rig.define(link, 1, o);
    rig.send(link, Interest{.handle = Handle{1}, .fresh = true, .observes = true});
  }
  counted.together.clear();
  rig.publish(bytes(10));
  REQUIRE(counted.together.size() >= 3);
  CHECK(std::accumulate(counted.together.begin(), counted.together.end(), std::size_t{0}) == 200);
  CHECK(*std::max_element(counted.together.begin(), counted.together.end()) <= 100);
}

TEST_CASE("a link that an earlier of several events gave up takes no harm from the later ones") {
  Herd herd(2);
  const std::vector<std::byte> garbage{std::byte{0xff}};
  const std::vector<Event> events{LinkFrames{herd.link, garbage}, LinkFrames{herd.link, garbage},
                                  Publish{.sink = herd.sinks[0], .payload = bytes(1)}, LinkDown{herd.link}};
  herd.rig.step(events);
  CHECK(herd.rig.far[herd.link].closed == ErrorCode::bad_frame);
  CHECK(herd.rig.engine.info().links.empty());
}

}  // namespace together_test
