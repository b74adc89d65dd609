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
constexpr double kLittle = 0.2;  // of a share
constexpr std::chrono::milliseconds kFromAbove{500};  // for each level above
constexpr std::chrono::seconds kLongestWait{10};
}  // namespace

void Tree::request_balance() {
  balance_left_ = objects_.size();
  if (!balance_at_) balance_at_ = now_ + kTick;
}

/// Who exposes here or below has changed.
void Tree::exposers_changed() {
  request_balance();
  from_above();
}

std::chrono::milliseconds Tree::pause_for_those_above() const {
  return kFromAbove * static_cast<int>(path_.size() - 1);
}

/// Those above even out, or are about to.
void Tree::from_above() {
  if (now_ >= from_above_at_ + pause_for_those_above()) from_above_since_ = now_;
  from_above_at_ = now_;
}

/// What comes from above goes to whoever here has least. So a level in between evens out after those above it, or what was
/// moved among its own would have to be moved once more.
bool Tree::waits_for_those_above() const {
  return parent_ && now_ < from_above_at_ + pause_for_those_above() && now_ < from_above_since_ + kLongestWait &&
         !mutant(Mutant::kAllLevelsAtOnce);
}

void Tree::limits_changed() {
  request_balance();  // differences that were too small may not be any more
}
namespace {

/// The loads of those who may have an object, and whether it should move to the lightest.
struct Loads {
  double least = 0, assigned = 0, capacity = 0;
  /// True: the lightest so far.
  bool add(double load, std::uint64_t capacity_there) {
    const bool first = capacity == 0;
    assigned += load * static_cast<double>(capacity_there);
    capacity += static_cast<double>(capacity_there);
    if (!first && load >= least) return false;
    least = load;
    return true;
  }
  /// `below`: a level above has chosen what comes and goes here, and cannot take from each alike: two objects are no reason to
  /// move one once more, where they make little of a share.
  bool worth_moving(double present, std::uint64_t capacity_there, double percent, bool below) const {
    // What each would have if all were even; a link counts for all the exposers behind it.
    const double mean = assigned / capacity;
    const double two = 2.0 / static_cast<double>(capacity_there) + 1e-9;
    const bool uneven = present - least > std::max(percent / 100.0 * mean, below && two < kLittle * mean ? two : 0.0);
    // From those above the mean only: taken from others it would have to be made good again.
    return uneven && present > mean && present > least + 1.0 / static_cast<double>(capacity_there) + 1e-9;
  }
};

}  // namespace

/// The target this object should move to, if the difference is worth it.
const Candidate* Tree::lighter(const ObjectRecord& o, const std::vector<Candidate>& c) const {
  const Candidate* present = nullptr;
  for (const auto& x : c)
    if (x.target == o.cur->target) present = &x;
  if (!present || present->exposure.capacity == 0) return nullptr;
  const std::int32_t priority = at_work(o, present->target).priority;
  // The load it is charged with may be another's already, when it was asked to move.
  const Candidate* best = nullptr;
  Loads loads;
  for (const auto& x : c) {
    if (x.exposure.capacity == 0 || x.exposure.priority != priority || avoided(o, x.target)) continue;
    if (x.target.is_link() && at_limit(x.target.link_id(), x.charge)) continue;
    if (loads.add(load(x), x.exposure.capacity)) best = &x;
  }
  if (!best || best->target == present->target) return nullptr;
  return loads.worth_moving(load(*present), best->exposure.capacity, limits_.rebalance_percent, !is_root()) ? best : nullptr;
}

/// The same among the contracts of this exchange, which need no new term for it.
std::optional<ContractId> Tree::lighter_contract(const ObjectRecord& o) const {
  if (!o.cur->target.is_local() || !o.here()->sink || !o.here()->sink->last || o.here()->former || mutant(Mutant::kContractsKeepAll))
    return std::nullopt;
  const Contract& present = contracts_.at(o.here()->sink->contract);
  if (present.options.capacity == 0) return std::nullopt;
  const auto load_of = [](const Contract& c) {
    return static_cast<double>(c.assigned) / static_cast<double>(c.options.capacity);
  };
  const Contract* best = nullptr;
  Loads loads;
  for (ContractId id : local_choices(o)) {
    const Contract& c = contracts_.at(id);
    if (c.options.capacity == 0 || c.options.priority != present.options.priority) continue;
    if (loads.add(load_of(c), c.options.capacity)) best = &c;
  }
  if (!best || best == &present) return std::nullopt;
  if (!loads.worth_moving(load_of(present), best->options.capacity, limits_.rebalance_percent, false))
    return std::nullopt;
  return best->id;
}

/// Objects with handles side by side are often with the same exposer somewhere below. Steps of the golden section of all
/// handles take from each of those alike, so that levels below need not even out among their own.
Handle Tree::far_from(Handle handle) const {
  const std::uint64_t least = (*objects_.begin())->handle().value, all = (*objects_.rbegin())->handle().value - least + 1;
  const auto step = static_cast<std::uint64_t>(0.618 * static_cast<double>(all));
  return Handle{least + (handle.value - least + step) % all};
}

void Tree::balance() {
  if (waits_for_those_above()) {
    balance_at_ = now_ + kTick;
    return;
  }
  const double per_second =
      std::max(kLeastMovesPerSecond, kMovesPerSecond * static_cast<double>(objects_.size()));
  const double elapsed = std::chrono::duration<double>(now_ - moves_counted_at_).count();
  moves_allowed_ = std::min(per_second, moves_allowed_ + elapsed * per_second);
  moves_counted_at_ = now_;

  auto it = objects_.upper_bound(balance_cursor_);
  for (std::size_t examined = 0; balance_left_ > 0 && examined < kExaminedPerTick &&
                                 (moves_allowed_ >= 1 || mutant(Mutant::kMovesUnlimited));
       ++examined, --balance_left_) {
    if (it == objects_.end()) it = objects_.begin();
    if (it == objects_.end()) break;
    ObjectRecord& o = **it;
    balance_cursor_ = o.handle();
    ++it;
    if (!o.cur || !o.sent || o.passing->drain || o.passing->linger_until || (!is_root() && o.passing->again == o.cur->epoch)) continue;
    const std::vector<Candidate> c = candidates(o);
    const Candidate* to = is_root() || o.assigned ? lighter(o, c) : nullptr;
    const auto contract = to ? std::nullopt : lighter_contract(o);
    if (!to && !contract) continue;
    balance_cursor_ = far_from(balance_cursor_);  // the next look goes on there too
    it = objects_.upper_bound(balance_cursor_);
    moves_allowed_ -= 1;
    ++counters_.moves;
    balance_left_ = objects_.size();
    if (contract) {
      pick_local(o, contract);
      touch(o);
      continue;
    }
    o.passing.edit().move_to = to->target;
    if (is_root()) {
      start(o, mint(o), *to);
    } else {
      // The root has to elect anew; till then the load counts where it will be, or all would ask at once.
      recharge(o, *to);
      o.passing.edit().again = o.cur->epoch;
    }
    touch(o);
  }
  if (balance_left_ > 0) balance_at_ = now_ + kTick;
}

}  // namespace mla::core
