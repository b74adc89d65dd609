#pragma once
#include <cstddef>
#include <cstdint>

namespace mla::test {

/// Counts what the code under test takes from the heap and gives back, by the hooks of the address sanitizer's
/// allocator: everything counts, libraries' malloc included. Needs -fsanitize=address. *loop-confined*
class HeapMeter {
 public:
  HeapMeter();
  HeapMeter(const HeapMeter&) = delete;
  HeapMeter& operator=(const HeapMeter&) = delete;

  /// Only what happens while one of these lives is counted. They do not nest.
  class Counting {
   public:
    explicit Counting(HeapMeter& meter);
    ~Counting();
    Counting(const Counting&) = delete;
    Counting& operator=(const Counting&) = delete;
  };

  std::int64_t live() const { return live_; }  ///< negative when more was given back than taken
  std::int64_t peak() const { return peak_; }  ///< the greatest live since the last reset_peak()
  void reset_peak() { peak_ = live_; }
  void restart() { live_ = peak_ = 0; }

 private:
  static void on_malloc(const volatile void* block, std::size_t size);
  static void on_free(const volatile void* block);
  static HeapMeter* counting_;  // the one that counts now

  std::int64_t live_ = 0, peak_ = 0;
};

}  // namespace mla::test
