#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace mla::host {

/// One interface of /proc/net/dev, since it came up. *value*
struct NetworkCounters {
  std::uint64_t received_bytes = 0, received_packets = 0, sent_bytes = 0, sent_packets = 0;
  std::uint64_t errors = 0, dropped = 0;  ///< both ways
};
std::map<std::string, NetworkCounters, std::less<>> parse_net_dev(std::string_view text);

}  // namespace mla::host
