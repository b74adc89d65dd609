#include "tools/mla/host/proc_memory.h"

#include "tools/mla/host/proc_text.h"

namespace mla::host {

std::optional<Memory> parse_meminfo(std::string_view text) {
  Memory m;
  bool has_available = false;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    const auto key = next_word(line);
    const auto bytes = next_number(line) * 1024;
    if (key == "MemTotal:")
      m.total = bytes;
    else if (key == "MemFree:")
      m.free = bytes;
    else if (key == "MemAvailable:")
      m.available = bytes, has_available = true;
    else if (key == "Buffers:")
      m.buffers = bytes;
    else if (key == "Cached:")
      m.cached = bytes;
    else if (key == "Dirty:")
      m.dirty = bytes;
    else if (key == "SwapTotal:")
      m.swap_total = bytes;
    else if (key == "SwapFree:")
      m.swap_free = bytes;
  }
  if (m.total == 0) return {};
  if (!has_available) m.available = m.free + m.buffers + m.cached;
  return m;
}

}  // namespace mla::host
