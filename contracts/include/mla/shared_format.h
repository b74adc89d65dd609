#pragma once
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace mla {

/// Stack of labels that says how to read the bytes, last applied last: {"JSON"}, {"JSON","ZSTD"}. Upper-case ASCII
/// letters, digits and '-', 1…32 bytes each, at most 8.
using Format = std::vector<std::string>;

/// A Format in the room of a pointer: nearly all states have one of few formats, which exist once. *value*
class SharedFormat {
 public:
  SharedFormat() = default;
  SharedFormat(const Format& labels);
  SharedFormat(std::initializer_list<std::string> labels) : SharedFormat(Format(labels)) {}
  SharedFormat(const SharedFormat& other) : SharedFormat(other.labels()) {}
  SharedFormat(SharedFormat&& other) noexcept : labels_(other.labels_) { other.labels_ = nullptr; }
  SharedFormat& operator=(SharedFormat other) noexcept {
    std::swap(labels_, other.labels_);
    return *this;
  }
  ~SharedFormat();

  const Format& labels() const;
  operator const Format&() const { return labels(); }
  /// Allocates only when these labels are not the ones held and not among the few.
  void assign(const Format& labels);
  bool operator==(const SharedFormat& other) const { return labels() == other.labels(); }

 private:
  const Format* labels_ = nullptr;  // one of the few, or its own; none: no label
};

}  // namespace mla
