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
  std::string address;  ///< of the peer, for people
  std::chrono::microseconds round_trip{0};  ///< 0: not measured yet
  std::uint64_t messages_in = 0, messages_out = 0, bytes_in = 0, bytes_out = 0, states_in = 0, states_out = 0;
  std::size_t queued_bytes = 0, pending_objects = 0;
  std::vector<KindTraffic> kinds;  ///< those that occurred; their bytes add up to bytes_in and bytes_out
  std::optional<LinkRates> rates;  ///< none: nobody has asked for long, or the link is new
};

/// What an exchange knows about itself. *value*
struct ExchangeInfo {
  NodeId node;
  std::string name;
  std::vector<NodeId> path;  ///< root … self
  std::size_t objects = 0, tags = 0, contracts = 0;  ///< without those it describes itself by
  std::uint64_t epochs_minted = 0, states_accepted = 0, states_fenced = 0, states_not_newer = 0,
                frames_skipped = 0;
  std::vector<LinkInfo> links;
};

}  // namespace mla
