#include "exchange/session/names.h"

#include <algorithm>

#include "contracts/mutant.h"

namespace mla::session {

Handle Names::acquire(const ObjectPtr& object) {
  const auto it = by_canonical_.find(std::string_view(object->canonical()));
  const bool made = it == by_canonical_.end();
  if (!made && mutant(Mutant::kNewHandleWhilePending) && !entries_.at(it->second).held) {
    it->second = next_;
  } else if (!made) {
    entries_.at(it->second).held = true;
    return Handle{it->second};
  }
  if (made) by_canonical_.emplace(std::string_view(object->canonical()), next_);
  entries_.emplace(next_, Entry{.object = object, .known_on = {}});
  return Handle{next_++};
}

void Names::release(Handle handle) {
  Entry& e = entries_.at(handle.value);
  e.held = false;
  maybe_idle(handle.value, e);
}

void Names::pin(Handle handle) {
  ++entries_.at(handle.value).pins;
}

void Names::unpin(Handle handle) {
  Entry& e = entries_.at(handle.value);
  --e.pins;
  maybe_idle(handle.value, e);
}

void Names::maybe_idle(std::uint64_t handle, const Entry& e) {
  if (!e.held && e.pins == 0) idle_.push_back(handle);
}

void Names::defined(Handle handle, LinkId link) {
  entries_.at(handle.value).known_on.push_back(link);
}

void Names::undefined(Handle handle, LinkId link) {
  auto it = entries_.find(handle.value);
  if (it == entries_.end()) return;
  std::erase(it->second.known_on, link);
  if (mutant(Mutant::kHandleReused)) it->second.known_on.push_back({});
}

bool Names::outlived_a_link(Handle handle) const {
  const auto& links = entries_.at(handle.value).known_on;
  return std::find(links.begin(), links.end(), LinkId{}) != links.end();
}

std::vector<Names::Retired> Names::retire() {
  std::vector<Retired> result;
  for (std::uint64_t handle : idle_) {
    auto it = entries_.find(handle);
    if (it == entries_.end() || it->second.held || it->second.pins) continue;  // came back meanwhile
    result.push_back({Handle{handle}, std::move(it->second.known_on)});
    by_canonical_.erase(std::string_view(it->second.object->canonical()));
    entries_.erase(it);
  }
  idle_.clear();
  return result;
}

}  // namespace mla::session
