#include "tests/unit/engine/counted_memory.h"

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

// The size stands in front of each block.
constexpr std::size_t kFront = alignof(std::max_align_t);

struct Count {
  std::atomic<std::size_t> live{0}, peak{0};
  void add(std::size_t bytes) {
    const std::size_t now = live += bytes;
    if (now > peak) peak = now;
  }
};

// Up to 128 bytes a class every 16, then four for each power of two.
constexpr std::size_t kSmall = 128, kStep = 16, kPowers = 40;
Count g_all;
std::array<Count, kSmall / kStep + 1 + 4 * kPowers> g_classes;

std::size_t class_of(std::size_t size) {
  if (size <= kSmall) return (size + kStep - 1) / kStep;
  const auto power = static_cast<std::size_t>(std::bit_width(size - 1)) - 1;  // it lies above this one of two
  const std::size_t quarter = (size - 1 - (std::size_t{1} << power)) >> (power - 2);
  return kSmall / kStep + 1 + 4 * (power - 7) + quarter;
}

std::size_t block_of(std::size_t number) {
  if (number <= kSmall / kStep) return number * kStep;
  const std::size_t above = number - kSmall / kStep - 1, power = above / 4 + 7;
  return (std::size_t{1} << power) + ((above % 4 + 1) << (power - 2));
}

void* counted(std::size_t size) {
  void* block = std::malloc(size + kFront);
  if (block == nullptr) throw std::bad_alloc();
  *static_cast<std::size_t*>(block) = size;
  g_all.add(size);
  const std::size_t number = class_of(size);
  g_classes[number].add(block_of(number));
  return static_cast<char*>(block) + kFront;
}

void uncounted(void* pointer) {
  if (pointer == nullptr) return;
  void* block = static_cast<char*>(pointer) - kFront;
  const std::size_t size = *static_cast<std::size_t*>(block), number = class_of(size);
  g_all.live -= size;
  g_classes[number].live -= block_of(number);
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
// A sanitizer's runtime brings these too, and they would not come to ours.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counted(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return counted(size);
}
void operator delete(void* pointer) noexcept {
  uncounted(pointer);
}
void operator delete[](void* pointer) noexcept {
  uncounted(pointer);
}
void operator delete(void* pointer, std::size_t) noexcept {
  uncounted(pointer);
}
void operator delete[](void* pointer, std::size_t) noexcept {
  uncounted(pointer);
}

namespace mla {

std::size_t live_bytes() {
  return g_all.live;
}
std::size_t peak_bytes() {
  return g_all.peak;
}
void begin_peak() {
  g_all.peak = g_all.live.load();
  for (Count& count : g_classes) count.peak = count.live.load();
}

std::vector<SizeClass> size_classes() {
  std::vector<SizeClass> classes;
  for (std::size_t i = 0; i < g_classes.size(); ++i) classes.push_back({block_of(i), g_classes[i].live, g_classes[i].peak});
  return classes;
}

}  // namespace mla
