#include "exchange/core/pace.h"

namespace mla::core {

bool Pace::holds(const Key& key, Interval interval, Instant now) {
  const auto it = last_.find(key);
  if (it == last_.end()) return false;
  Last& last = it->second;
  if (last.due) due_.erase({*last.due, key});
  last.due.reset();
  if (now >= last.at + interval) return false;
  last.due = last.at + interval;
  due_.insert({*last.due, key});
  return true;
}

Pace::Lasts::iterator Pace::erase(Lasts::iterator it) {
  if (it->second.due) due_.erase({*it->second.due, it->first});
  return last_.erase(it);
}

bool Pace::release(const Key& key) {
  const auto it = last_.find(key);
  if (it == last_.end() || !it->second.due) return false;
  erase(it);
  return true;
}

void Pace::forget(const Key& key) {
  if (const auto it = last_.find(key); it != last_.end()) erase(it);
}

void Pace::forget(codec::Handle object) {
  for (auto it = last_.lower_bound({object, LinkId{}}); it != last_.end() && it->first.first == object;)
    it = erase(it);
}

void Pace::forget(LinkId link) {
  for (auto it = last_.begin(); it != last_.end();) it = it->first.second == link ? erase(it) : std::next(it);
}

std::optional<Instant> Pace::next() const {
  return due_.empty() ? std::nullopt : std::optional(due_.begin()->first);
}

std::vector<Pace::Key> Pace::due(Instant now) {
  std::vector<Key> result;
  while (!due_.empty() && due_.begin()->first <= now) {
    const Key key = due_.begin()->second;
    due_.erase(due_.begin());
    last_.at(key).due.reset();
    result.push_back(key);
  }
  return result;
}

}  // namespace mla::core
