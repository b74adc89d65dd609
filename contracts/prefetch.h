#pragma once
#include <cstddef>

namespace mla {

inline constexpr std::size_t kCacheLine = 64;  // of the processors we know; another is slower, no more

/// Asks for all of `what` to come into the processor's caches, for soon; it need not be there any more. One after the other, as
/// code would come to them, the lines of an object that was not touched for long take 100 ns each.
template <class T>
void prefetch(const T* what) {
  for (std::size_t at = 0; at < sizeof(T); at += kCacheLine) __builtin_prefetch(reinterpret_cast<const std::byte*>(what) + at);
}

}  // namespace mla
