#include <mla/version.h>

#include <algorithm>
#include <array>
#include <limits>

namespace mla {

Version::Version(std::initializer_list<std::int64_t> items) {
  assign({items.begin(), std::min(items.size(), kMaxItems)});
}

std::optional<Version> Version::from(std::span<const std::int64_t> items) {
  if (items.size() > kMaxItems) return std::nullopt;
  Version version;
  version.assign(items);
  return version;
}

Version::Version(const Version& other) {
  assign(other.items());
}

Version::Version(Version&& other) noexcept {
  *this = std::move(other);
}

Version& Version::operator=(const Version& other) {
  if (this == &other) return *this;
  release();
  assign(other.items());
  return *this;
}

Version& Version::operator=(Version&& other) noexcept {
  if (this == &other) return *this;
  release();
  size_ = other.size_;
  if (size_ > kInline) {
    heap_ = other.heap_;
  } else {
    std::copy_n(other.inline_, size_, inline_);
  }
  other.size_ = 0;
  return *this;
}

Version::~Version() {
  release();
}

std::span<const std::int64_t> Version::items() const {
  return {size_ > kInline ? heap_ : inline_, size_};
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

std::strong_ordering Version::operator<=>(const Version& other) const {
  const auto a = items(), b = other.items();
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (a[i] != b[i]) return a[i] <=> b[i];
  }
  return a.size() <=> b.size();
}

bool Version::operator==(const Version& other) const {
  return (*this <=> other) == 0;
}

void Version::assign(std::span<const std::int64_t> items) {
  size_ = static_cast<std::uint32_t>(items.size());
  if (size_ > kInline) heap_ = new std::int64_t[size_];
  std::copy(items.begin(), items.end(), size_ > kInline ? heap_ : inline_);
}

void Version::release() {
  if (size_ > kInline) delete[] heap_;
  size_ = 0;
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
