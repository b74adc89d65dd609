#include "tools/mla/host/proc_network.h"

#include "tools/mla/host/proc_text.h"

namespace mla::host {

std::map<std::string, NetworkCounters, std::less<>> parse_net_dev(std::string_view text) {
  std::map<std::string, NetworkCounters, std::less<>> interfaces;
  while (!text.empty()) {
    // name: bytes packets errs drop fifo frame compressed multicast | bytes packets errs drop …; the count
    // may touch the colon
    std::string_view line = next_line(text);
    const auto colon = line.rfind(':');
    if (colon == line.npos) continue;
    std::string_view name = line.substr(0, colon);
    name = next_word(name);
    line.remove_prefix(colon + 1);
    NetworkCounters& n = interfaces[std::string(name)];
    n.received_bytes = next_number(line);
    n.received_packets = next_number(line);
    n.errors = next_number(line);
    n.dropped = next_number(line);
    for (int i = 0; i < 4; ++i) next_word(line);
    n.sent_bytes = next_number(line);
    n.sent_packets = next_number(line);
    n.errors += next_number(line);
    n.dropped += next_number(line);
  }
  return interfaces;
}

}  // namespace mla::host
