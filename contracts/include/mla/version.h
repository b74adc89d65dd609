#pragma once
#include <compare>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

namespace mla {

/// Version of a state: up to 16 int64, compared lexicographically, a shorter prefix being older; the empty version is
/// below all. Up to two items (the default version) are kept inline. *value*
class Version {
 public:
  static constexpr std::size_t kMaxItems = 16;

  Version() = default;
  /// Items beyond kMaxItems are cut: callers that take input check the length first (from()).
  Version(std::initializer_list<std::int64_t> items);
  static std::optional<Version> from(std::span<const std::int64_t> items);  ///< nullopt: more than kMaxItems

  Version(const Version& other);
  Version(Version&& other) noexcept;
  Version& operator=(const Version& other);
  Version& operator=(Version&& other) noexcept;
  ~Version();

  std::span<const std::int64_t> items() const;
  bool empty() const { return size_ == 0; }

  /// The least version a default exposer may use above this one: adds 1 to the last item, or appends 0 when that item
  /// is the greatest int64 (at kMaxItems such an item moves the carry one place up). Of the empty version: [0].
  /// Only kMaxItems times the greatest int64 has no successor: it is answered unchanged.
  Version next() const;

  std::strong_ordering operator<=>(const Version& other) const;
  bool operator==(const Version& other) const;

 private:
  void assign(std::span<const std::int64_t> items);
  void release();
  static constexpr std::uint32_t kInline = 2;
  std::uint32_t size_ = 0;
  union {
    std::int64_t inline_[kInline];
    std::int64_t* heap_;
  };
};

std::string to_string(const Version& version);  ///< "[3,7]"

}  // namespace mla
