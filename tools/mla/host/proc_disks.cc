#include "tools/mla/host/proc_disks.h"

#include "tools/mla/host/proc_text.h"

namespace mla::host {
namespace {

constexpr std::uint64_t kSector = 512;  // of /proc/diskstats, whatever the device's own is

/// Blanks, tabs, line ends and backslashes are written as \ooo.
std::string unescape(std::string_view text) {
  std::string out;
  const auto octal = [](char c) { return c >= '0' && c <= '7'; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && octal(text[i + 1]) && octal(text[i + 2]) &&
        octal(text[i + 3])) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::map<std::string, DiskCounters, std::less<>> parse_diskstats(std::string_view text) {
  std::map<std::string, DiskCounters, std::less<>> disks;
  while (!text.empty()) {
    // major minor name reads merged sectors ms writes merged sectors ms in-flight ms …
    std::string_view line = next_line(text);
    next_word(line);
    next_word(line);
    const auto name = next_word(line);
    if (name.empty()) continue;
    DiskCounters& d = disks[std::string(name)];
    d.reads = next_number(line);
    next_word(line);
    d.read_bytes = next_number(line) * kSector;
    next_word(line);
    d.writes = next_number(line);
    next_word(line);
    d.written_bytes = next_number(line) * kSector;
    next_word(line);
    next_word(line);
    d.busy_ms = next_number(line);
  }
  return disks;
}

std::vector<Mount> parse_mounts(std::string_view text) {
  std::vector<Mount> mounts;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    Mount m;
    m.device = unescape(next_word(line));
    m.point = unescape(next_word(line));
    m.type = std::string(next_word(line));
    if (!m.type.empty()) mounts.push_back(std::move(m));
  }
  return mounts;
}

bool is_local_storage(const Mount& mount) {
  if (mount.type == "squashfs" || mount.type == "iso9660" || mount.type.starts_with("fuse")) return false;
  return mount.device.starts_with("/dev/") || mount.type == "zfs" || mount.type == "overlay";
}

}  // namespace mla::host
