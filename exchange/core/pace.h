#pragma once
#include <mla/contract_options.h>

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "contracts/ids.h"
#include "exchange/codec/messages.h"

namespace mla::core {

/// When links carried an object's state last, and which ones wait to carry the newest: for those links alone
/// that asked for an interval, so that the others pay nothing. What is held back is not kept here; it is
/// whatever is newest when its time has come. *loop-confined*
class Pace {
 public:
  using Key = std::pair<codec::Handle, LinkId>;

  /// Is it too early for this link's next state of this object? Then due() will name the two.
  bool holds(const Key& key, Interval interval, Instant now);
  void sent(const Key& key, Instant now) { last_[key].at = now; }
  bool forget(const Key& key);  ///< the next state may go at once; false: it might before
  void forget(codec::Handle object);
  void forget(LinkId link);

  std::optional<Instant> next() const;
  /// Those whose time has come, in the order of their time.
  std::vector<Key> due(Instant now);

  std::size_t size() const { return last_.size(); }

 private:
  struct Last {
    Instant at;
    std::optional<Instant> due;
  };
  using Lasts = std::map<Key, Last>;
  Lasts::iterator erase(Lasts::iterator it);

  std::set<std::pair<Instant, Key>> due_;  // asked for in each step
  Lasts last_;
};

}  // namespace mla::core
