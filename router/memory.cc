#include "router/memory.h"

#include <cstdint>

#ifdef MLA_JEMALLOC
#include <jemalloc/jemalloc.h>

/// Read by jemalloc when the program starts: what is free goes back to the system after some seconds, also while nothing is
/// allocated any more.
extern "C" {
const char* malloc_conf = "background_thread:true,dirty_decay_ms:5000,muzzy_decay_ms:0";
}
#endif

namespace mla::router {

#ifdef MLA_JEMALLOC
std::optional<MemoryUse> memory_use() {
  // Figures stand still until the epoch is moved on.
  std::uint64_t epoch = 1;
  std::size_t size = sizeof epoch;
  if (mallctl("epoch", &epoch, &size, &epoch, size) != 0) return {};
  const auto read = [](const char* name, std::size_t& into) {
    std::size_t length = sizeof into;
    return mallctl(name, &into, &length, nullptr, 0) == 0;
  };
  MemoryUse use;
  if (!read("stats.allocated", use.allocated) || !read("stats.active", use.active) ||
      !read("stats.resident", use.resident) || !read("stats.mapped", use.mapped))
    return {};
  return use;
}
#else
std::optional<MemoryUse> memory_use() {
  return {};
}
#endif

}  // namespace mla::router
