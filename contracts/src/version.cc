#include <mla/version.h>

#include <algorithm>
#include <array>
#include <limits>

namespace mla {

Version::Version(std::initializer_list<std::int64_t> items) {
  assign({items.begin(), std::min(items.size(), kMaxItems)});
}

Version Version::next() const {
  constexpr std::int64_t kGreatest = std::numeric_limits<std::int64_t>::max();
  std::array<std::int64_t, kMaxItems + 1> items;
  std::size_t size = size_;
  std::copy_n(this->items().data(), size, items.begin());
  if (size == 0 || (items[size - 1] == kGreatest && size < kMaxItems)) {
    items[size++] = 0;
  } else {
    while (size > 0 && items[size - 1] == kGreatest) --size;
    if (size == 0) return *this;
    ++items[size - 1];
  }
  Version next;
  next.assign({items.data(), size});
  return next;
}

void Version::assign_long(std::span<const std::int64_t> items) {
  size_ = static_cast<std::uint32_t>(items.size());
  heap_ = new std::int64_t[size_];
  std::copy(items.begin(), items.end(), heap_);
}

void Version::copy_long(const Version& other) {
  heap_ = new std::int64_t[size_];
  std::copy_n(other.heap_, size_, heap_);
}

std::string to_string(const Version& version) {
  std::string text = "[";
  for (const std::int64_t item : version.items()) {
    if (text.size() > 1) text += ',';
    text += std::to_string(item);
  }
  return text + "]";
}

}  // namespace mla
