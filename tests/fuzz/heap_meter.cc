#include "tests/fuzz/heap_meter.h"

#include <algorithm>

#include "tests/fuzz/require.h"

// Of the sanitizers' allocator_interface.h, which Debian's g++ comes without.
extern "C" {
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*, std::size_t),
                                              void (*on_free)(const volatile void*));
std::size_t __sanitizer_get_allocated_size(const volatile void* block);
}

namespace mla::test {

HeapMeter* HeapMeter::counting_ = nullptr;

HeapMeter::HeapMeter() {
  static const bool installed = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) != 0;
  require(installed, "the allocator takes no hooks");
}

HeapMeter::Counting::Counting(HeapMeter& meter) {
  counting_ = &meter;
}

HeapMeter::Counting::~Counting() {
  counting_ = nullptr;
}

void HeapMeter::on_malloc(const volatile void*, std::size_t size) {
  if (!counting_) return;
  counting_->live_ += static_cast<std::int64_t>(size);
  counting_->peak_ = std::max(counting_->peak_, counting_->live_);
}

void HeapMeter::on_free(const volatile void* block) {
  if (!counting_ || !block) return;
  counting_->live_ -= static_cast<std::int64_t>(__sanitizer_get_allocated_size(block));
}

}  // namespace mla::test
