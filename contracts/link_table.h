#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "contracts/containers.h"
#include "contracts/ids.h"

namespace mla {

/// Where in `sorted` the link is, or would be. What concerns many links goes through them in order, so it mostly is where the
/// one before was, or the next: `near` remembers.
template <class Sorted, class LinkOf>
std::size_t place_of(const Sorted& sorted, LinkId link, std::size_t& near, LinkOf link_of) {
  constexpr std::size_t kFew = 4;  // sooner gone through than halved
  if (sorted.size() <= kFew) {
    std::size_t i = 0;
    while (i < sorted.size() && link_of(sorted[i]) < link) ++i;
    return near = i;
  }
  for (std::size_t i = near; i < sorted.size() && i < near + 2; ++i)
    if (link_of(sorted[i]) == link) return near = i;
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), link, [&](const auto& entry, LinkId l) { return link_of(entry) < l; });
  return near = static_cast<std::size_t>(at - sorted.begin());
}

/// What there is for each link, in their order. Links come and go seldom, and are looked up with every state. *value*
template <class T>
class LinkTable {
 public:
  using Entry = std::pair<LinkId, T>;

  T* find(LinkId link) {
    const std::size_t i = place(link);
    return is_at(i, link) ? &entries_[i].second : nullptr;
  }
  const T* find(LinkId link) const {
    const std::size_t i = place(link);
    return is_at(i, link) ? &entries_[i].second : nullptr;
  }
  const Entry* entry(LinkId link) const {
    const std::size_t i = place(link);
    return is_at(i, link) ? &entries_[i] : nullptr;
  }
  /// So many places on from one of its entries; none: there are not so many.
  const Entry* after(const Entry& entry, std::size_t places) const {
    return static_cast<std::size_t>(&entries_.back() - &entry) >= places ? &entry + places : nullptr;
  }
  void set(LinkId link, T value) {
    const std::size_t i = place(link);
    if (is_at(i, link))
      entries_[i].second = std::move(value);
    else
      entries_.emplace(entries_.begin() + static_cast<std::ptrdiff_t>(i), link, std::move(value));
  }
  /// Of a link that is in it.
  T take(LinkId link) {
    const auto at = entries_.begin() + static_cast<std::ptrdiff_t>(place(link));
    T value = std::move(at->second);
    entries_.erase(at);
    return value;
  }
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  /// Where it is, or would be.
  std::size_t place(LinkId link) const {
    constexpr std::size_t kFew = 4;  // sooner gone through than remembered
    if (entries_.size() <= kFew) {
      std::size_t i = 0;
      while (i < entries_.size() && entries_[i].first < link) ++i;
      return i;
    }
    if (seen_at_.size() < entries_.size()) seen_at_.resize(std::bit_ceil(2 * entries_.size()));
    std::uint32_t& seen = seen_at_[link.value & (seen_at_.size() - 1)];
    if (is_at(seen, link)) return seen;
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), link, [](const Entry& entry, LinkId l) { return entry.first < l; });
    seen = static_cast<std::uint32_t>(at - entries_.begin());
    return seen;
  }
  bool is_at(std::size_t i, LinkId link) const { return i < entries_.size() && entries_[i].first == link; }

  ShortVector<Entry, 1> entries_;  // most programs have one link, and its entry is looked at with every message
  mutable std::vector<std::uint32_t> seen_at_;  // where it was found last, by the lower bits of the id: links are numbered in turn
};

}  // namespace mla
