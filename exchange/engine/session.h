#pragma once
#include <mla/permission.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "contracts/prefetch.h"
#include "exchange/codec/traffic.h"
#include "exchange/engine/event.h"
#include "exchange/session/inbound.h"
#include "exchange/session/outbound.h"

namespace mla::engine {

/// One link as the engine keeps it: its handshake, its signs of life, both halves. In lines of the processor's caches, see Outbound.
/// *loop-confined*
struct alignas(kCacheLine) Session {
  Session(LinkId link_id, LinkRole link_role, const session::Common& common)
      : link(link_id), role(link_role), out(link_id, common), in(common.limits, common.names) {}

  /// Towards the processor, for soon: what a state that leaves has to do with.
  void fetch_early() const {
    __builtin_prefetch(this);
    __builtin_prefetch(reinterpret_cast<const std::byte*>(this) + kCacheLine);
  }

  const LinkId link;
  const LinkRole role;
  bool ready = false;
  std::size_t credit = 0;  // bytes the transport takes before it must be asked again
  std::uint64_t messages_out = 0, bytes_out = 0;
  session::Outbound out;

  NodeId peer;
  std::uint64_t peer_connection = 0;
  std::chrono::microseconds round_trip{0};

  // What every message that comes has to do with, in few lines.
  alignas(kCacheLine) Instant heard_at;
  std::uint64_t messages_in = 0, bytes_in = 0, states_in = 0;
  session::Inbound in;
  codec::TrafficByKind heard{};
  std::uint64_t differences_in = 0;

  std::string peer_name;
  Principal principal;  // whom its credentials made it
  Instant up_at, ping_at;
  std::chrono::milliseconds heartbeat{0};  // ours, announced to the peer
  std::chrono::milliseconds peer_heartbeat{0};
  std::optional<Instant> timer;  // as entered in the engine's table
  std::uint64_t ping_sequence = 0;
  std::optional<Instant> ping_sent_at;
  std::uint64_t leaps = 0;  // how often it spoke of epochs far ahead
};

}  // namespace mla::engine
