#include "exchange/session/handle_table.h"

namespace mla::session {

bool HandleTable::insert(codec::Handle handle, names::Name* name) {
  auto& page = pages_[handle.value / kSlots];
  if (!page) page = std::make_unique<Page>();
  names::Name*& slot = (*page)[handle.value % kSlots];
  if (slot) return false;
  slot = name;
  ++size_;
  return true;
}

names::Name* HandleTable::erase(codec::Handle handle) {
  const auto page = pages_.find(handle.value / kSlots);
  if (page == pages_.end()) return nullptr;
  names::Name* const name = std::exchange((*page->second)[handle.value % kSlots], nullptr);
  if (!name) return nullptr;
  if (name == latest_) latest_ = nullptr;
  --size_;
  if (*page->second == Page{}) pages_.erase(page);
  return name;
}

bool HandleSet::contains(codec::Handle handle) const {
  const auto word = words_.find(handle.value / 64);
  return word != words_.end() && (word->second >> handle.value % 64 & 1);
}

bool HandleSet::insert(codec::Handle handle) {
  std::uint64_t& word = words_[handle.value / 64];
  const std::uint64_t bit = std::uint64_t{1} << handle.value % 64;
  if (word & bit) return false;
  word |= bit;
  return true;
}

bool HandleSet::erase(codec::Handle handle) {
  const auto word = words_.find(handle.value / 64);
  const std::uint64_t bit = std::uint64_t{1} << handle.value % 64;
  if (word == words_.end() || !(word->second & bit)) return false;
  word->second &= ~bit;
  if (word->second == 0) words_.erase(word);
  return true;
}

}  // namespace mla::session
