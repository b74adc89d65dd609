#include "exchange/session/names.h"

#include <algorithm>

#include "contracts/mutant.h"

namespace mla::session {

Handle Names::acquire(const std::string& canonical) {
  auto [it, made] = by_canonical_.try_emplace(canonical, next_);
  if (!made && mutant(Mutant::kNewHandleWhilePending) && !entries_.at(it->second).held) {
    it->second = next_;
  } else if (!made) {
    entries_.at(it->second).held = true;
    return Handle{it->second};
  }
  Entry entry;
  entry.canonical = canonical;
  entries_.emplace(next_, std::move(entry));
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
  if (auto it = entries_.find(handle.value); it != entries_.end()) std::erase(it->second.known_on, link);
}

const std::string& Names::canonical(Handle handle) const {
  return entries_.at(handle.value).canonical;
}

std::vector<Names::Retired> Names::retire() {
  std::vector<Retired> result;
  for (std::uint64_t handle : idle_) {
    auto it = entries_.find(handle);
    if (it == entries_.end() || it->second.held || it->second.pins) continue;  // came back meanwhile
    result.push_back({Handle{handle}, std::move(it->second.known_on)});
    by_canonical_.erase(it->second.canonical);
    entries_.erase(it);
  }
  idle_.clear();
  return result;
}

}  // namespace mla::session
