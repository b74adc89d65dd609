#include <catch2/catch.hpp>
#include <iostream>

#include "exchange/codec/codec.h"
#include "exchange/engine/engine.h"
#include "tests/unit/engine/counted_memory.h"

using namespace mla;
using namespace mla::engine;
using namespace mla::codec;

namespace {

/// An engine and one peer that reads nothing. *loop-confined*
class Attack {
 public:
  explicit Attack(LinkRole role) {
    message_.reserve(256 << 10);
    actions_.reserve(16);
    step(LinkUp{kLink, role, 1 << 20, {}, {}});
    if (role == LinkRole::child)
      encode(Hello{.node = NodeId{1}, .heartbeat_ms = 1000, .path = {NodeId{1}}}, message_);
    else
      encode(Welcome{.node = NodeId{1}, .heartbeat_ms = 1000, .path = {NodeId{1}}}, message_);
    encode(DefineObject{Handle{1}, "[[\"T\"],1]"}, message_);
    send();
    step(LinkWritable{kLink, 0});
    base_ = live_bytes();
    received_ = peak_ = 0;
  }
  Engine& engine() { return engine_; }
  bool closed() const { return closed_; }
  void open(ContractKind kind) {
    step(OpenContract{.id = ContractId{++contracts_}, .kind = kind, .tag = TagDescriptor("T")});
    base_ = live_bytes();
  }
  void add(const Frame& frame) {
    encode(frame, message_);
    if (message_.size() > 100 << 10) send();
  }
  void bytes(std::vector<std::byte> raw) {
    message_.insert(message_.end(), raw.begin(), raw.end());
    send();
  }
  void send() {
    if (message_.empty()) return;
    received_ += message_.size();
    now_ += std::chrono::milliseconds(1);
    step(LinkFrames{kLink, message_});
    message_.clear();
  }
  std::size_t received() const { return received_; }
  std::size_t peak() const { return peak_; }
  bool within_promise() const { return peak_ <= (64 << 10) + 4 * received_; }

 private:
  static constexpr LinkId kLink{1};
  void step(const Event& event) {
    begin_peak();
    engine_.step(now_, event, actions_);
    if (base_ && peak_bytes() > base_) peak_ = std::max(peak_, peak_bytes() - base_);
    for (const auto& a : actions_) closed_ |= std::holds_alternative<CloseLink>(a);
    actions_.clear();
    actions_.shrink_to_fit();
  }
  Engine engine_{Config{.node = NodeId{100}}};
  Instant now_{std::chrono::hours(1)};
  std::vector<std::byte> message_;
  Actions actions_;
  std::uint64_t contracts_ = 0;
  std::size_t base_ = 0, received_ = 0, peak_ = 0;
  bool closed_ = false;
};

void print(const char* what, const Attack& a) {
  std::cout << what << ": " << a.received() << " B received, peak " << a.peak() << " B, "
            << static_cast<double>(a.peak()) / static_cast<double>(std::max<std::size_t>(a.received(), 1))
            << " per byte\n";
}

}  // namespace

TEST_CASE("P14 a peer's pings, states, parts and noise take at most 64 KiB and four times their size") {
  Attack child(LinkRole::child);
  SECTION("pings") {
    for (std::uint64_t i = 0; i < 100000; ++i) child.add(Ping{i});
    child.send();
    print("pings", child);
    CHECK(child.within_promise());
  }
  SECTION("states of no term") {
    for (int i = 0; i < 20000; ++i)
      child.add(StateFrame{.handle = Handle{1}, .epoch = {1, NodeId{1}}, .version = {i}});
    child.send();
    print("fenced states", child);
    CHECK(child.within_promise());
  }
  SECTION("parts, begun again and again") {
    for (int n = 0; n < 8; ++n)
      for (std::uint64_t at = 0; at < 5; ++at) {
        child.add(Part{Handle{1}, at * 60000, std::vector<std::byte>(60000)});
        child.send();
      }
    print("parts", child);
    CHECK(child.within_promise());
  }
  SECTION("a state far above the limit") {
    for (std::uint64_t at = 0; at < 100; ++at) {
      child.add(Part{Handle{1}, at * 60000, std::vector<std::byte>(60000)});
      child.send();
    }
    print("oversized", child);
    CHECK(child.peak() <= 4 << 20);
    CHECK_FALSE(child.closed());
  }
  SECTION("interest of one object that changes for ever") {
    for (std::uint64_t i = 0; i < 50000; ++i)
      child.add(Interest{.handle = Handle{1}, .fresh = true, .observes = (i & 1) != 0, .exposes = Exposure{}});
    child.send();
    print("interest", child);
    CHECK(child.within_promise());
  }
  SECTION("declining for ever") {
    child.add(Interest{.handle = Handle{1}, .fresh = true, .exposes = Exposure{}});
    child.send();
    for (int i = 0; i < 20000; ++i) {
      child.add(Giveup{Handle{1}, {}, GiveupReason::declined, "", 3'600'000});
      child.send();
    }
    print("declining", child);
    CHECK(child.within_promise());
  }
  SECTION("names given and taken back") {
    for (std::uint64_t i = 2; i < 50000; ++i) {
      child.add(DefineObject{Handle{i}, "[[],1]"});
      child.add(Interest{.handle = Handle{i}, .fresh = true, .observes = true});
      child.add(Release{Handle{i}});
    }
    child.send();
    print("names given and taken back", child);
    CHECK(child.within_promise());
  }
  SECTION("noise") {
    child.bytes(std::vector<std::byte>(100 << 10, std::byte{0x9b}));
    print("noise", child);
    CHECK(child.closed());
    CHECK(child.within_promise());
  }
}

TEST_CASE("P14 a parent's assignments and paths take at most 64 KiB and four times their size") {
  Attack parent(LinkRole::parent);
  SECTION("paths") {
    for (std::uint64_t i = 0; i < 20000; ++i) parent.add(Path{{NodeId{1000 + i}, NodeId{1}}});
    parent.send();
    print("paths", parent);
    CHECK(parent.within_promise());
  }
  SECTION("terms that never end") {
    parent.open(ContractKind::tag_expose);
    for (std::uint64_t i = 1; i < 50000; ++i)
      parent.add(Assign{Handle{1}, {i, NodeId{1}}, {}, true});
    parent.send();
    print("terms", parent);
    CHECK(parent.within_promise());
  }
  SECTION("states, seen by ten observers") {
    for (int i = 0; i < 10; ++i) parent.open(ContractKind::tag_observe);
    for (int i = 1; i < 20000; ++i)
      parent.add(StateFrame{.handle = Handle{1}, .epoch = {1, NodeId{1}}, .version = {i}});
    parent.send();
    print("states to ten observers", parent);
    CHECK(parent.within_promise());
  }
}

// Records cost more than the few bytes that make them; what bounds them is their number.
TEST_CASE("P13 an object that a peer names costs at most 128 B, with interest 1 KiB, a tag 512 B") {
  Attack child(LinkRole::child);
  constexpr std::size_t kMany = 9000;
  SECTION("named") {
    for (std::uint64_t i = 2; i < kMany; ++i) child.add(DefineObject{Handle{i}, "[[]," + std::to_string(i) + "]"});
    child.send();
    print("objects named", child);
    CHECK(child.peak() / kMany <= 128);
  }
  SECTION("observed") {
    for (std::uint64_t i = 2; i < kMany; ++i) {
      child.add(DefineObject{Handle{i}, "[[]," + std::to_string(i) + "]"});
      child.add(Interest{.handle = Handle{i}, .fresh = true, .observes = true});
    }
    child.send();
    print("objects observed", child);
    CHECK(child.peak() / kMany <= 1024);
  }
  SECTION("tags") {
    for (std::uint64_t i = 2; i < kMany; ++i) child.add(Tag{std::to_string(i), true, {}});
    child.send();
    print("tags observed", child);
    CHECK(child.peak() / kMany <= 512);
  }
  CHECK_FALSE(child.closed());
}
