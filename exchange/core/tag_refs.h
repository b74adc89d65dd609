#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mla::core {

struct TagRecord;

/// The tags of one object. Nearly always it is one, or none: then this is but a pointer. *value*
class TagRefs {
 public:
  TagRefs() = default;
  TagRefs(const TagRefs&) = delete;
  TagRefs& operator=(const TagRefs&) = delete;
  ~TagRefs() { delete more(); }

  void push_back(TagRecord* tag) {
    if (empty()) {
      one_ = tag;
      return;
    }
    if (!more()) bits_ = reinterpret_cast<std::uintptr_t>(new std::vector<TagRecord*>(1, one_)) | kMore;
    more()->push_back(tag);
  }
  TagRecord* const* begin() const { return more() ? more()->data() : &one_; }
  TagRecord* const* end() const { return begin() + size(); }
  std::size_t size() const { return more() ? more()->size() : bits_ != 0; }
  bool empty() const { return bits_ == 0; }
  TagRecord* front() const { return *begin(); }

 private:
  static constexpr std::uintptr_t kMore = 1;  // no pointer to either is odd
  std::vector<TagRecord*>* more() const {
    return bits_ & kMore ? reinterpret_cast<std::vector<TagRecord*>*>(bits_ & ~kMore) : nullptr;
  }
  union {
    TagRecord* one_;
    std::uintptr_t bits_ = 0;
  };
};

}  // namespace mla::core
