#include "exchange/session/lane.h"

#include <algorithm>

#include "contracts/mutant.h"

namespace mla::session {

using namespace codec;

namespace {

template <class T>
T* as(Lane::Item& item) {
  auto* frame = std::get_if<Frame>(&item);
  return frame ? std::get_if<T>(frame) : nullptr;
}

bool is_state(const Lane::Item& item) {
  return std::holds_alternative<Outgoing>(item);
}

/// Each kind's rule for taking the place of what has not left yet. True: done; false: append. What has left
/// is unknown here and never changed.
struct Fold {
  Lane::Items& items;

  /// A term that never left needs no withdrawal.
  bool operator()(Withdraw& m) {
    auto it = std::find_if(items.begin(), items.end(), [&](Lane::Item& i) {
      auto* a = as<Assign>(i);
      return a && a->epoch == m.epoch;
    });
    if (it == items.end()) return false;
    if (mutant(Mutant::kWithdrawPassesAssign)) return items.insert(it, m), true;
    items.erase(it);
    return true;
  }
  bool operator()(Want& m) {
    for (auto it = items.rbegin(); it != items.rend(); ++it) {
      if (auto* want = as<Want>(*it)) return want->want = m.want, want->interval = m.interval, true;
      if (auto* assign = as<Assign>(*it)) return assign->want = m.want, assign->interval = m.interval, true;
    }
    return false;
  }
  bool operator()(Floor& m) {
    for (auto it = items.rbegin(); it != items.rend(); ++it) {
      if (auto* floor = as<Floor>(*it)) return floor->floor = std::max(floor->floor, m.floor), true;
      if (auto* assign = as<Assign>(*it)) return assign->floor = std::max(assign->floor, m.floor), true;
    }
    return false;
  }
  bool operator()(End&) {
    // States between two ends are of no use.
    auto it = std::find_if(items.rbegin(), items.rend(), [](const Lane::Item& i) { return !is_state(i); });
    if (it == items.rend() || !as<End>(*it)) return false;
    items.erase(it.base(), items.end());
    return true;
  }
  bool operator()(Pull&) { return has<Pull>(); }
  bool operator()(Need&) { return has<Need>(); }
  bool operator()(StandingTold& m) {
    for (auto& i : items)
      if (auto* told = as<StandingTold>(i)) return *told = m, true;
    return false;
  }
  /// The whole record, last one wins; but no record passes a state, and that the interest had ceased in
  /// between must show, since the far side would go on believing in what we no longer hold.
  bool operator()(Interest& m) {
    if (mutant(Mutant::kInterestNotFolded)) return false;
    // What was confirmed was so under the former interest; the core says anew what holds under this one.
    if (m.gone || m.fresh) std::erase_if(items, [](Lane::Item& i) { return as<Confirmed>(i) != nullptr; });
    for (auto it = items.rbegin(); it != items.rend() && !is_state(*it); ++it) {
      auto* old = as<Interest>(*it);
      if (!old) continue;
      m.fresh |= !m.gone && (old->fresh || old->gone || !old->observes);
      *old = m;
      return true;
    }
    return false;
  }
  bool operator()(Started& m) {
    for (auto& i : items)
      if (auto* s = as<Started>(i); s && s->epoch == m.epoch) return true;
    return false;
  }
  /// A level: only the newest counts. It takes its elder's place at the end, behind all that was said since.
  bool operator()(Confirmed&) {
    std::erase_if(items, [](Lane::Item& i) { return as<Confirmed>(i) != nullptr; });
    return false;
  }
  template <class Other>
  bool operator()(Other&) {
    return false;
  }

  template <class T>
  bool has() {
    return std::any_of(items.begin(), items.end(), [](Lane::Item& i) { return as<T>(i) != nullptr; });
  }
};

}  // namespace

void Lane::push(Frame control) {
  if (std::visit(Fold{items_}, control)) return join();
  if (mutant(Mutant::kWithdrawOvertakes) && std::holds_alternative<Withdraw>(control))
    items_.insert(items_.begin(), std::move(control));
  else
    items_.emplace_back(std::move(control));
  fold();
}

void Lane::push(Outgoing state) {
  items_.emplace_back(std::move(state));
  join();
  fold();
}

/// States that nothing parts, any more, are one: the newest, as fresh as was said last.
void Lane::join() {
  if (mutant(Mutant::kNoConflation) || mutant(Mutant::kSlotKeepsOlder)) return;
  for (std::size_t i = 0; i + 1 < items_.size();) {
    auto* a = std::get_if<Outgoing>(&items_[i]);
    auto* b = std::get_if<Outgoing>(&items_[i + 1]);
    const auto at = items_.begin() + static_cast<std::ptrdiff_t>(i);
    if (!a || !b || a->kind == Outgoing::Kind::carry || b->kind == Outgoing::Kind::carry) {
      ++i;
    } else if (b->kind == Outgoing::Kind::state || a->kind == Outgoing::Kind::fresh) {
      items_.erase(at);
    } else if (a->stamp == b->stamp) {
      a->synced_at = b->synced_at;
      items_.erase(at + 1);
    } else {
      ++i;
    }
  }
}

bool Lane::only_states() const {
  return std::all_of(items_.begin(), items_.end(), is_state);
}

void Lane::discard_states() {
  marked = false;
  std::erase_if(items_, is_state);
}

/// Many states kept in order behind control: only the newest of a kind is worth its place.
void Lane::fold() {
  if (items_.size() <= kMaxItems / 2) return;
  const Newest newest = this->newest();
  for (std::size_t i = 0; i < items_.size(); ++i)
    if (is_state(items_[i]) && !newest.has(i)) return erase(i);
}

void Lane::erase(std::size_t item) { items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(item)); }

Lane::Newest Lane::newest() const {
  Newest newest;
  for (std::size_t i = 0; i < items_.size(); ++i)
    if (const auto* state = std::get_if<Outgoing>(&items_[i]))
      newest = state->kind == Outgoing::Kind::fresh ? Newest{newest.state, i} : Newest{i, {}};
  return newest;
}

std::size_t Lane::extra() const {
  constexpr std::size_t kFree = 4;
  std::size_t bytes = 0, controls = 0;
  const Newest newest = this->newest();
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const auto* state = std::get_if<Outgoing>(&items_[i]);
    if (!state)
      ++controls;
    else if (!newest.has(i))
      bytes += sizeof(Item) + (state->payload ? state->payload->data.size() : 0);
  }
  return bytes + (controls > kFree ? (controls - kFree) * sizeof(Item) : 0);
}

void Lane::shed() {
  const Newest newest = this->newest();
  for (std::size_t i = items_.size(); i-- > 0;)
    if (is_state(items_[i]) && !newest.has(i)) erase(i);
}

bool Lane::has_state() const {
  return marked || transfer || std::any_of(items_.begin(), items_.end(), is_state);
}

void Lane::reset() {
  items_.clear();
  marked = in_control_ring = in_state_ring = before_tag = false;
  transfer.reset();
  counted = 0;
}

Lane::Item Lane::pop() {
  Item item = std::move(items_.front());
  items_.erase(items_.begin());
  return item;
}

}  // namespace mla::session
