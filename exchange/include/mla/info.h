#pragma once
#include <mla/epoch.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mla {

/// Per second, over the last two seconds or so. *value*
struct LinkRates {
  double messages_in = 0, messages_out = 0, bytes_in = 0, bytes_out = 0, states_in = 0, states_out = 0;
};

/// Frames of one kind that went over a link, and their bytes. *value*
struct KindTraffic {
  std::string kind;  ///< of frames, as WIRE.md names it; "unknown": newer than this exchange
  std::uint64_t frames_in = 0, bytes_in = 0, frames_out = 0, bytes_out = 0;
};

/// One link of an exchange, as it was when asked. *value*
struct LinkInfo {
  std::uint32_t link = 0;  ///< number within the exchange's life
  bool to_parent = false;  ///< else to a child
  bool ready = false;      ///< the handshake is through
  NodeId peer;
  std::string peer_name;
  std::string address;                      ///< of the peer, for people
  std::chrono::microseconds round_trip{0};  ///< 0: not measured yet
  std::uint64_t messages_in = 0, messages_out = 0, bytes_in = 0, bytes_out = 0, states_in = 0, states_out = 0;
  std::uint64_t differences_in = 0, differences_out = 0;  ///< of the states, those that crossed as differences
  std::size_t queued_bytes = 0, pending_objects = 0;
  std::vector<KindTraffic> kinds;  ///< those that occurred; their bytes add up to bytes_in and bytes_out
  std::optional<LinkRates> rates;  ///< none: nobody has asked for long, or the link is new
};

/// Sums over links of one role that are gone, so that sums over all links never fall. *value*
struct LinkTotals {
  std::uint64_t links = 0;  ///< also those whose handshake never got through
  std::uint64_t messages_in = 0, messages_out = 0, bytes_in = 0, bytes_out = 0, states_in = 0, states_out = 0;
};

/// What the listeners of an exchange have seen, those that are gone included. *value*
struct AcceptInfo {
  std::uint64_t connections = 0;  ///< accepted
  std::uint64_t links = 0;        ///< … that became links
  std::uint64_t handshakes_now = 0;
  std::uint64_t handshake_timeouts = 0;
  std::uint64_t handshakes_cut = 0;  ///< the oldest, because too many were pending
  std::uint64_t not_http = 0, plain_http = 0, bad_handshake = 0, bad_host = 0, bad_origin = 0,
                bad_subprotocol = 0, too_many_links = 0;  ///< why connections were refused
  std::uint64_t accept_errors = 0;                        ///< such as "too many open files"; retried
};

/// What an exchange knows about itself. *value*
struct ExchangeInfo {
  NodeId node;
  std::string name;
  std::vector<NodeId> path;                          ///< root … self
  std::size_t objects = 0, tags = 0, contracts = 0;  ///< without those it describes itself by
  std::uint64_t epochs_minted = 0, states_accepted = 0, states_fenced = 0, states_not_newer = 0,
                states_oversized = 0,  ///< above limits.state_bytes here; left out, and whoever sent them is not told
      frames_skipped = 0;
  std::vector<LinkInfo> links;
  LinkTotals gone_parents, gone_children;
  AcceptInfo accept;
};

}  // namespace mla
