#pragma once
#include <cstddef>
#include <optional>

namespace mla::router {

/// The heap as its allocator sees it. *value*
struct MemoryUse {
  std::size_t allocated = 0;  ///< in live objects
  std::size_t active = 0;     ///< in pages that hold some
  std::size_t resident = 0;   ///< held in memory, the allocator's own tables included
  std::size_t mapped = 0;
};

/// From jemalloc; none in a build without it (sanitizers bring their own allocator).
std::optional<MemoryUse> memory_use();

}  // namespace mla::router
