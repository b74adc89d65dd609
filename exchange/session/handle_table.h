#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "contracts/containers.h"
#include "exchange/codec/messages.h"
#include "exchange/names/name.h"

// Tables by handle. Honest peers count their objects up, so neighbours share a page: a few bytes an object instead of
// the thirty that a hash table takes. A peer that leaves gaps pays with its own limit of objects.
namespace mla::session {

/// What a peer's handles stand for. *value*
class HandleTable {
 public:
  names::Name* find(codec::Handle handle) const {
    if (latest_ && handle == latest_handle_) return latest_;
    const auto page = pages_.find(handle.value / kSlots);
    if (page == pages_.end()) return nullptr;
    names::Name* const name = (*page->second)[handle.value % kSlots];
    if (size_ <= kSlots) {  // of more the next one is another
      latest_handle_ = handle;
      latest_ = name;
    }
    return name;
  }
  bool insert(codec::Handle handle, names::Name* name);  ///< false: it stands for something already
  names::Name* erase(codec::Handle handle);              ///< none: it stood for nothing
  std::size_t size() const { return size_; }
  template <class Over>
  void for_each(Over over) const {
    for (const auto& [number, page] : pages_)
      for (names::Name* name : *page)
        if (name) over(*name);
  }

 private:
  static constexpr std::size_t kSlots = 16;
  using Page = std::array<names::Name*, kSlots>;  // a whole class of allocators, with nothing beside
  mutable codec::Handle latest_handle_;
  mutable names::Name* latest_ = nullptr;  // found last, among few; none: nothing was, or it is gone
  std::size_t size_ = 0;
  FlatMap<std::uint64_t, std::unique_ptr<Page>> pages_;
};

/// A set of our own handles. *value*
class HandleSet {
 public:
  bool contains(codec::Handle handle) const;
  bool insert(codec::Handle handle);  ///< false: it was in it
  bool erase(codec::Handle handle);   ///< false: it was not
  template <class Over>
  void for_each(Over over) const {
    for (const auto& [number, bits] : words_)
      for (std::uint64_t i = 0; i < 64; ++i)
        if (bits >> i & 1) over(codec::Handle{number * 64 + i});
  }

 private:
  FlatMap<std::uint64_t, std::uint64_t> words_;
};

}  // namespace mla::session
