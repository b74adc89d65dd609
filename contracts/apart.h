#pragma once
#include <cstddef>
#include <new>

namespace mla {

/// Allocates for what stands for a while only, in blocks of another size than those that stay. Allocators keep blocks of one
/// size together: when very many stand at once and go again, those that stay would each keep a page that is else empty. *value*
template <class T>
class ApartAllocator {
 public:
  using value_type = T;
  ApartAllocator() = default;
  template <class U>
  ApartAllocator(const ApartAllocator<U>&) {}

  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T) + kBeyond)); }
  void deallocate(T* block, std::size_t) { ::operator delete(block); }
  bool operator==(const ApartAllocator&) const { return true; }

  /// Out of the class of 256 bytes, in which ordered sets have their nodes, into one that no record is in.
  static constexpr std::size_t kBeyond = 128;
};

}  // namespace mla
