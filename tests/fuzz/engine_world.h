#pragma once
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "exchange/core/tree.h"
#include "exchange/engine/engine.h"
#include "tests/fuzz/heap_meter.h"

namespace mla::engine::test {

/// Bytes as a source of choices; zeros when they are used up. *value*
class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> bytes) : rest_(bytes) {}
  bool empty() const { return rest_.empty(); }
  std::uint8_t byte();
  std::uint64_t below(std::uint64_t n) { return n <= 256 ? byte() % n : (byte() << 8 | byte()) % n; }
  bool coin() { return byte() & 1; }
  std::span<const std::uint8_t> take(std::size_t n);

 private:
  std::span<const std::uint8_t> rest_;
};

/// What all inputs together have reached, so that a fuzzer which only knocks at the door is seen.
struct Reached {
  std::uint64_t events = 0, frames = 0, links_ready = 0, links_closed = 0, states_accepted = 0, elected = 0,
                epochs_minted = 0, delivered = 0, parts = 0;
  std::int64_t least_spare = std::numeric_limits<std::int64_t>::max();  // how near an engine's memory came to its bound
};
Reached& reached();

/// One engine between peers and users that do what the bytes say: well-formed frames with any fields, or any
/// bytes, contracts, states, time, links with little room. Aborts when something does not hold that must hold
/// whatever they do, its memory included. *loop-confined*
class World {
 public:
  explicit World(Choices& choices);
  void run();     ///< until the bytes are used up
  void finish();  ///< all links and contracts go: nothing may be left

 private:
  struct Peer {
    LinkRole role = LinkRole::child;
    NodeId node;
    bool ready = false;
    std::size_t free = 0;  // room in the transport
  };

  void step(const Event& event);
  void check(const Actions& actions);
  void check_memory();
  void act();
  void link_up();
  void hand_shake(LinkId link);
  void contract();
  void user();
  void frames();
  codec::Frame frame(const Peer& peer);
  void encode_difference(codec::StateFrame& s, std::uint8_t choice);
  void send(LinkId link, const std::vector<std::byte>& message);

  std::optional<LinkId> any_link();
  const core::ObjectRecord* record(std::size_t object) const;
  codec::Handle handle();
  Epoch epoch();
  Version version();
  std::optional<codec::Stamp> stamp();
  std::optional<codec::Exposure> exposure();
  Interval interval();
  std::optional<std::uint64_t> age();

  Choices& in_;
  mla::test::HeapMeter heap_;  // of the engine alone
  std::int64_t received_ = 0;  // from all peers
  std::int64_t links_ = 0, records_ = 0;  // when last counted
  std::int64_t users_ = 0;     // what the engine may keep for its users: contracts and what they publish
  Engine engine_;
  Instant now_;
  std::map<LinkId, Peer> peers_;
  std::uint64_t checks_ = 0;
  std::uint32_t next_link_ = 1;
  std::uint64_t next_contract_ = 1;
  std::uint64_t next_connection_ = 1;
  std::map<ContractId, ContractKind> contracts_;
  std::set<SinkId> sinks_;
  std::size_t object_ = 0;  // what the next fields are about
};

}  // namespace mla::engine::test
