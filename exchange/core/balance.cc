#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/core/tree.h"

// Objects move from loaded to less loaded exposers, a few at a time, each by a hand-over without a gap.
namespace mla::core {

namespace {
constexpr std::chrono::milliseconds kTick{100};
constexpr std::size_t kExaminedPerTick = 5000;  // bounds the time one tick takes
constexpr double kLeastMovesPerSecond = 10;
constexpr double kMovesPerSecond = 0.05;  // of all objects
}  // namespace

void Tree::request_balance() {
  balance_left_ = by_handle_.size();
  if (!balance_at_) balance_at_ = now_ + kTick;
}

void Tree::limits_changed() {
  request_balance();  // differences that were too small may not be any more
}

/// The target this object should move to, if the difference is worth it.
const Candidate* Tree::lighter(const ObjectRecord& o, const std::vector<Candidate>& c) const {
  const Candidate* present = nullptr;
  for (const auto& x : c)
    if (x.target == o.cur->target) present = &x;
  if (!present || present->exposure.capacity == 0) return nullptr;
  // The load it is charged with may be another's already, when it was asked to move.
  const Candidate* best = nullptr;
  double least = 0, most = 0, sum = 0;
  std::size_t n = 0;
  for (const auto& x : c) {
    if (x.exposure.capacity == 0 || x.exposure.priority != present->exposure.priority || avoided(o, x.target))
      continue;
    const double l = load(x);
    most = n ? std::max(most, l) : l;
    sum += l;
    if (!n++ || l < least) {
      least = l;
      best = &x;
    }
  }
  if (!best || best->target == present->target) return nullptr;
  const bool uneven = (most - least) * static_cast<double>(n) > limits_.rebalance_percent / 100.0 * sum;
  const bool helps = load(*present) > least + 1.0 / static_cast<double>(best->exposure.capacity) + 1e-9;
  // From those above the mean only: taken from others it would have to be made good again.
  const bool above = load(*present) * static_cast<double>(n) > sum;
  return uneven && helps && above ? best : nullptr;
}

void Tree::balance() {
  const double per_second =
      std::max(kLeastMovesPerSecond, kMovesPerSecond * static_cast<double>(by_handle_.size()));
  const double elapsed = std::chrono::duration<double>(now_ - moves_counted_at_).count();
  moves_allowed_ = std::min(per_second, moves_allowed_ + elapsed * per_second);
  moves_counted_at_ = now_;

  auto it = by_handle_.upper_bound(balance_cursor_);
  for (std::size_t examined = 0; balance_left_ > 0 && examined < kExaminedPerTick &&
                                 (moves_allowed_ >= 1 || mutant(Mutant::kMovesUnlimited));
       ++examined, --balance_left_) {
    if (it == by_handle_.end()) it = by_handle_.begin();
    if (it == by_handle_.end()) break;
    ObjectRecord& o = *it->second;
    balance_cursor_ = it->first;
    ++it;
    if (!o.cur || !o.sent || o.drain || (!is_root() && (!o.assigned || o.again == o.cur->epoch))) continue;
    const std::vector<Candidate> c = candidates(o);
    const Candidate* to = lighter(o, c);
    if (!to) continue;
    moves_allowed_ -= 1;
    ++counters_.moves;
    balance_left_ = by_handle_.size();
    o.move_to = to->target;
    if (is_root()) {
      start(o, mint(o), *to);
    } else {
      // The root has to elect anew; till then the load counts where it will be, or all would ask at once.
      recharge(o, *to);
      o.again = o.cur->epoch;
    }
    touch(o);
  }
  if (balance_left_ > 0) balance_at_ = now_ + kTick;
}

}  // namespace mla::core
