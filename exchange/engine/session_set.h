#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

#include "contracts/ids.h"
#include "exchange/engine/session.h"

namespace mla::engine {

/// Sessions in the order of their links, each once. A sorted vector: it is filled and emptied with every state, mostly in order,
/// and must not allocate then. *value*
class SessionSet {
 public:
  void insert(Session& session) {
    const Entry entry{session.link, &session};
    if (entries_.empty() || entries_.back().link < entry.link) return entries_.push_back(entry);
    const auto at = place(entry.link);
    if (at->link != entry.link) entries_.insert(at, entry);
  }
  void erase(LinkId link) {
    const auto at = place(link);
    if (at != entries_.end() && at->link == link) entries_.erase(at);
  }
  std::size_t size() const { return entries_.size(); }
  /// In order; `over` must not change the set.
  template <class Over>
  void erase_if(Over over) {
    constexpr std::ptrdiff_t kAhead = 4;
    std::erase_if(entries_, [&](const Entry& entry) {
      // Of a thousand sessions none is in the processor's near caches: they come while those before are at work.
      if (&entries_.back() - &entry >= kAhead) (&entry)[kAhead].session->fetch_early();
      return over(*entry.session);
    });
  }

 private:
  struct Entry {
    LinkId link;
    Session* session;
  };
  std::vector<Entry>::iterator place(LinkId link) {
    return std::lower_bound(entries_.begin(), entries_.end(), link, [](const Entry& entry, LinkId l) { return entry.link < l; });
  }
  std::vector<Entry> entries_;
};

}  // namespace mla::engine
