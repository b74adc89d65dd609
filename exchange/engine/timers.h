#pragma once
#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "contracts/ids.h"

namespace mla::engine {

/// When to look at which link, in order. The first time is kept beside, since it is asked for after each step. *value*
class Timers {
 public:
  void insert(Instant at, LinkId link) {
    all_.emplace(at, link);
    first_ = all_.begin()->first;
  }
  void erase(Instant at, LinkId link) {
    all_.erase({at, link});
    first_ = all_.empty() ? Instant::max() : all_.begin()->first;
  }
  /// Takes out the first one if its time has come.
  std::optional<LinkId> take_due(Instant now) {
    if (now < first_ || all_.empty()) return std::nullopt;
    const auto [at, link] = *all_.begin();
    erase(at, link);
    return link;
  }
  /// The earlier of the first time and `other`; none of the two: none.
  std::optional<Instant> sooner(const std::optional<Instant>& other) const {
    if (first_ == Instant::max()) return other;
    return other ? std::min(*other, first_) : first_;
  }

 private:
  Instant first_ = Instant::max();
  std::set<std::pair<Instant, LinkId>> all_;
};

}  // namespace mla::engine
