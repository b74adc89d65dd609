#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/core/offers.h"
#include "exchange/core/tree.h"

// What the parent is told: one summed record per object and per tag, as if the whole subtree were one party.
namespace mla::core {
namespace {
/// Whoever was given an object back hears of room by the terms that end; this is for what it cannot hear of.
constexpr std::uint32_t kFullRetryMs = 60'000;
}  // namespace

void Tree::tell_tag(TagRecord& t) {
  if (parent_) {
    bool observes = !t.observers.empty();
    Offers sum;
    std::optional<Interval> least;
    for (ContractId id : t.observers) least = sooner(least, contracts_.at(id).options.min_interval);
    for (ContractId id : t.exposers) sum.add(offer_of(contracts_.at(id).options));
    for (const auto& c : t.children) {
      observes |= c.observes;
      if (c.observes) least = sooner(least, c.interval);
      if (c.exposes) sum.add(*c.exposes);
    }
    const auto exposes = sum.best;
    const Interval interval = least.value_or(Interval(0));
    if (observes != t.told_observes || exposes != t.told_exposes || interval != t.told_interval) {
      // The last states of objects written under this tag leave before the ability to write them is taken
      // back.
      std::vector<Handle> behind;
      if (t.told_exposes && !exposes)
        for (ObjectRecord* o : t.objects)
          if (!o->up()->terms.empty()) {
            hurry(*o, *parent_);
            behind.push_back(o->handle());
          }
      t.told_observes = observes;
      t.told_exposes = exposes;
      t.told_interval = interval;
      outbox_.tag(*parent_, codec::Tag{t.canonical, observes, exposes, interval}, std::move(behind));
    }
  } else {
    t.told_observes = false;
    t.told_exposes.reset();
    t.told_interval = {};
  }
  erase_if_idle(t);
}

/// The priority that the parent believes to find here, from this object's record and its tags'.
std::int32_t Tree::offered_above(const ObjectRecord& o, const std::optional<Exposure>& by_object) const {
  Offers sum;
  if (by_object) sum.add(*by_object);
  for (const TagRecord* t : o.tags)
    if (const auto& told = t->told_exposes) sum.add(*told);
  return sum.best ? sum.best->priority : INT32_MIN;
}

/// Who has the object here or below, where that is not simply the best of those who expose it.
std::optional<codec::AtWork> Tree::at_work_below(const ObjectRecord& o,
                                                 const std::optional<Exposure>& by_object) const {
  if (!o.cur) return std::nullopt;
  const codec::AtWork who = at_work(o, o.cur->target);
  if (who.priority >= offered_above(o, by_object) && who.linger_ms == 0) return std::nullopt;
  return who;
}

/// The best state that is held here or below.
std::optional<Stamp> Tree::available(const ObjectRecord& o) const {
  std::optional<Stamp> best = o.stamp();
  for (const auto& c : o.children)
    if (c.details->avail) best = best ? std::max(*best, *c.details->avail) : *c.details->avail;
  return best;
}

void Tree::tell_interest(ObjectRecord& o, const Liveness& live) {
  const ParentRecord& told = *o.up();
  const auto exposes = object_exposure(o);
  const bool holds = held_without_capacity(o);
  const auto active = o.cur && !o.assigned ? std::optional(o.cur->epoch) : std::nullopt;
  const bool avail_needed = std::any_of(o.children.begin(), o.children.end(),
                                        [&](const ChildRecord& c) { return c.details->avail && child_needs(c.link, o); });
  const auto at_work = at_work_below(o, exposes);
  const bool wish = o.assigned && o.cur && (o.passing->again == o.cur->epoch || asked(o));
  const bool stands = live.observed || holds || exposes || (o.has_state() && live.need()) || active || wish ||
                      avail_needed || at_work || (told.told && (o.cur || o.passing->drain));
  if (!stands) {
    if (!told.told || mutant(Mutant::kInterestNotWithdrawn)) return;
    hurry(o, *parent_);
    outbox_.flush(*parent_, o.handle());
    o.clear_up();
    o.report = false;
    unhear(o);
    if (!live.need()) drop_state(o);
    outbox_.control(*parent_, o.name, codec::Interest{.handle = o.handle(), .gone = true});
    return;
  }
  const bool news = !told.told || o.report || o.heard() > told.heard;
  const auto again = wish ? std::optional(o.cur->epoch) : std::nullopt;
  const Interval interval = interval_upward(o);
  const bool same = told.told && told.observes == live.observed && told.holds == holds && told.exposes == exposes &&
                    told.active == active.has_value() && told.again == again && told.interval == interval &&
                    told.at_work == at_work;
  if (same && !news) return;

  codec::Interest m{.handle = o.handle(),
                    .fresh = !told.told,
                    .observes = live.observed,
                    .holds = holds,
                    .exposes = exposes,
                    .heard = o.heard(),
                    .floor = o.floor(),
                    .have = o.stamp(),
                    .avail = available(o),
                    .active = active,
                    .again = again,
                    .interval = interval,
                    .at_work = at_work};
  ParentRecord& up = o.edit_up();
  if (!up.told) {
    up.peer.reset();
    up.set_told_sync({});
  }
  if (live.observed && !up.observes) {
    up.standing = StandingKind::waiting;
    up.standing_reason.clear();
  }
  o.report = false;
  up.told = true;
  up.observes = live.observed;
  up.holds = holds;
  up.avail = m.avail.has_value();
  up.exposes = exposes;
  up.active = active.has_value();
  up.again = again;
  up.interval = interval;
  up.at_work = at_work;
  up.heard = std::max(up.heard, o.heard());
  up.floor = std::max(up.floor, o.floor());
  outbox_.control(*parent_, o.name, std::move(m));
}

void Tree::lost_current(ObjectRecord& o, const Epoch& epoch) {
  o.assigned = false;
  o.report = true;
  hurry(o, *parent_);  // the last word of who has gone
  tell_interest(o, liveness(o));
  give_up(o, epoch);
}

/// One that drains, or was superseded: as long as the parent takes it to be served, it takes us to be able to.
void Tree::lost_former(ObjectRecord& o, const Epoch& epoch) {
  if (has_term(o, epoch) && !mutant(Mutant::kFormerKept)) give_up(o, epoch);
}

void Tree::give_up(ObjectRecord& o, const Epoch& epoch) {
  outbox_.flush(*parent_, o.handle());  // what was written under this term leaves before it
  std::erase(o.edit_up().terms, epoch);
  codec::Giveup m{.handle = o.handle(), .epoch = epoch};
  const Refusal* soonest = nullptr;
  for (const auto& r : o.passing->refusals)
    if (r.until > now_ && stands(r) && (!soonest || r.until < soonest->until)) soonest = &r;
  if (waits_for_room(o) && candidates(o).empty()) {
    m.reason = codec::GiveupReason::full;
    m.retry_after_ms = kFullRetryMs;
  } else if (soonest && candidates(o).empty()) {
    m.reason = codec::GiveupReason::declined;
    m.text = soonest->reason;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(soonest->until - now_);
    m.retry_after_ms = static_cast<std::uint32_t>(std::clamp<std::int64_t>(wait.count(), 1, 3'600'000));
  }
  outbox_.control(*parent_, o.name, std::move(m));
}

void Tree::set_path(std::vector<NodeId> path) {
  if (path == path_) return;
  path_ = std::move(path);
  for (const auto& [link, c] : children_) outbox_.path(link, codec::Path{path_});
}

}  // namespace mla::core
