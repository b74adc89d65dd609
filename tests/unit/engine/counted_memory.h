#pragma once
#include <cstddef>
#include <vector>

// What this program has allocated, by its own operator new.
namespace mla {

std::size_t live_bytes();
std::size_t peak_bytes();  ///< since begin_peak()
void begin_peak();

/// The same of all blocks that jemalloc keeps together, for it gives them one size. *value*
struct SizeClass {
  std::size_t block = 0;  ///< bytes of each
  std::size_t live = 0, peak = 0;
};
std::vector<SizeClass> size_classes();

}  // namespace mla
