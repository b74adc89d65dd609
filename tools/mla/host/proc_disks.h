#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mla::host {

/// One line of /proc/diskstats, since boot. *value*
struct DiskCounters {
  std::uint64_t reads = 0, read_bytes = 0, writes = 0, written_bytes = 0, busy_ms = 0;
};
/// By device name; partitions included: whoever asks knows which are whole devices.
std::map<std::string, DiskCounters, std::less<>> parse_diskstats(std::string_view text);

/// One line of /proc/self/mounts. *value*
struct Mount {
  std::string device, point, type;
};
std::vector<Mount> parse_mounts(std::string_view text);

/// True for filesystems that keep files on this machine's own devices: asking others may wait for a network.
bool is_local_storage(const Mount& mount);

}  // namespace mla::host
