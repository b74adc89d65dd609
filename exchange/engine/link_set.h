#pragma once
#include <algorithm>
#include <vector>

#include "contracts/ids.h"

namespace mla::engine {

/// Links in order, each once. A sorted vector: it is filled and emptied with every state, mostly in order, and must not
/// allocate then. *value*
class LinkSet {
 public:
  void insert(LinkId link) {
    if (links_.empty() || links_.back() < link) return links_.push_back(link);
    const auto at = std::lower_bound(links_.begin(), links_.end(), link);
    if (*at != link) links_.insert(at, link);
  }
  void erase(LinkId link) {
    const auto at = std::lower_bound(links_.begin(), links_.end(), link);
    if (at != links_.end() && *at == link) links_.erase(at);
  }
  std::size_t size() const { return links_.size(); }
  /// In order; `over` must not change the set.
  template <class Over>
  void erase_if(Over over) {
    std::erase_if(links_, over);
  }

 private:
  std::vector<LinkId> links_;
};

}  // namespace mla::engine
