#pragma once
#include <compare>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace mla {

/// Version of a state: up to 16 int64, compared lexicographically, a shorter prefix being older; the empty version is
/// below all. Up to two items (the default version) are kept inline. *value*
class Version {
 public:
  static constexpr std::size_t kMaxItems = 16;

  Version() : inline_{0, 0} {}
  /// Items beyond kMaxItems are cut: callers that take input check the length first (from()).
  Version(std::initializer_list<std::int64_t> items);
  static std::optional<Version> from(std::span<const std::int64_t> items) {  ///< nullopt: more than kMaxItems
    if (items.size() > kMaxItems) return std::nullopt;
    std::optional<Version> version(std::in_place);
    version->assign(items);
    return version;
  }

  /// Takes these instead. False, and nothing happens: more than kMaxItems.
  bool set(std::span<const std::int64_t> items) {
    if (items.size() > kMaxItems) return false;
    if (size_ > kInline) *this = Version();
    assign(items);
    return true;
  }

  // Short versions, nearly all of them, are copied and compared without a call: this is done several times a state.
  Version(const Version& other) : size_(other.size_), inline_{other.inline_[0], other.inline_[1]} {
    if (size_ > kInline) copy_long(other);
  }
  Version(Version&& other) noexcept : size_(other.size_), inline_{other.inline_[0], other.inline_[1]} { other.size_ = 0; }
  Version& operator=(const Version& other) {
    if (this != &other) {
      Version copy(other);
      swap(copy);
    }
    return *this;
  }
  Version& operator=(Version&& other) noexcept {
    Version moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~Version() {
    if (size_ > kInline) delete[] heap_;
  }

  std::span<const std::int64_t> items() const { return {size_ > kInline ? heap_ : inline_, size_}; }
  bool empty() const { return size_ == 0; }

  /// The least version a default exposer may use above this one: adds 1 to the last item, or appends 0 when that item
  /// is the greatest int64 (at kMaxItems such an item moves the carry one place up). Of the empty version: [0].
  /// Only kMaxItems times the greatest int64 has no successor: it is answered unchanged.
  Version next() const;

  std::strong_ordering operator<=>(const Version& other) const {
    const auto a = items(), b = other.items();
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
      if (a[i] != b[i]) return a[i] <=> b[i];
    return a.size() <=> b.size();
  }
  bool operator==(const Version& other) const { return (*this <=> other) == 0; }

 private:
  void assign(std::span<const std::int64_t> items) {  // of an empty version
    if (items.size() > kInline) return assign_long(items);
    size_ = static_cast<std::uint32_t>(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) inline_[i] = items[i];
  }
  void assign_long(std::span<const std::int64_t> items);
  void copy_long(const Version& other);
  void swap(Version& other) noexcept {
    std::swap(size_, other.size_);
    std::swap(inline_, other.inline_);
  }
  static constexpr std::uint32_t kInline = 2;
  std::uint32_t size_ = 0;
  union {  // copied and swapped as a whole through inline_, which covers both; both compilers define that
    std::int64_t inline_[kInline];
    std::int64_t* heap_;
  };
};

std::string to_string(const Version& version);  ///< "[3,7]"

}  // namespace mla
