#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace mla::host {

/// /proc/meminfo, in bytes. *value*
struct Memory {
  std::uint64_t total = 0, free = 0, available = 0, buffers = 0, cached = 0, dirty = 0, swap_total = 0,
                swap_free = 0;
};
std::optional<Memory> parse_meminfo(std::string_view text);

}  // namespace mla::host
