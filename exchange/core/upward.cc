#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/core/tree.h"

// What the parent is told: one summed record per object and per tag, as if the whole subtree were one party.
namespace mla::core {

void Tree::tell_tag(TagRecord& t) {
  if (parent_) {
    bool observes = !t.observers.empty();
    std::optional<Exposure> exposes;
    const auto add = [&](const Exposure& e) {
      const bool usable = e.capacity > 0, has = exposes && exposes->capacity > 0;
      if (!exposes || (usable && !has) || (usable == has && e.priority > exposes->priority))
        exposes = e;
      else if (usable == has && e.priority == exposes->priority)
        exposes->capacity += e.capacity;
    };
    for (ContractId id : t.exposers)
      add({contracts_.at(id).options.priority, contracts_.at(id).options.capacity});
    for (const auto& c : t.children) {
      observes |= c.observes;
      if (c.exposes) add(*c.exposes);
    }
    if (observes != t.told_observes || exposes != t.told_exposes) {
      // The last states of objects written under this tag leave before the ability to write them is taken
      // back.
      std::vector<Handle> behind;
      if (t.told_exposes && !exposes)
        for (const auto& [handle, o] : t.objects)
          if (!o->up.terms.empty()) behind.push_back(o->handle);
      t.told_observes = observes;
      t.told_exposes = exposes;
      outbox_.tag(*parent_, codec::Tag{t.canonical, observes, exposes}, std::move(behind));
    }
  } else {
    t.told_observes = false;
    t.told_exposes.reset();
  }
  erase_if_idle(t);
}

void Tree::tell_interest(ObjectRecord& o, const Liveness& live) {
  ParentRecord& up = o.up;
  const auto exposes = object_exposure(o);
  const bool holds = held_without_capacity(o);
  const auto active = o.cur && !o.assigned ? std::optional(o.cur->epoch) : std::nullopt;
  std::optional<Stamp> avail = o.stamp();
  bool avail_needed = false;
  for (const auto& c : o.children) {
    if (!c.avail) continue;
    avail = avail ? std::max(*avail, *c.avail) : *c.avail;
    avail_needed |= child_needs(c.link, o);
  }
  const bool wish = o.assigned && o.cur && (o.again == o.cur->epoch || asked(o));
  const bool stands = live.observed || holds || exposes || (o.held && live.need()) || active || wish ||
                      avail_needed || (up.told && (o.cur || o.drain));
  if (!stands) {
    if (!up.told || mutant(Mutant::kInterestNotWithdrawn)) return;
    outbox_.flush(*parent_, o.handle);
    up = ParentRecord{};
    o.report = false;
    unhear(o);
    if (!live.need()) drop_state(o);
    outbox_.control(*parent_, codec::Interest{.handle = o.handle, .gone = true});
    return;
  }
  const bool news = !up.told || o.report || o.heard > up.heard;
  const auto again = wish ? std::optional(o.cur->epoch) : std::nullopt;
  const bool same = up.told && up.observes == live.observed && up.holds == holds && up.exposes == exposes &&
                    up.active == active.has_value() && up.again == again;
  if (same && !news) return;

  codec::Interest m{.handle = o.handle,
                    .fresh = !up.told,
                    .observes = live.observed,
                    .holds = holds,
                    .exposes = exposes,
                    .heard = o.heard,
                    .floor = o.floor,
                    .have = o.stamp(),
                    .avail = avail,
                    .active = active,
                    .again = again};
  if (!up.told) {
    up.peer.reset();
    up.told_sync.reset();
  }
  if (live.observed && !up.observes) {
    up.standing = StandingKind::waiting;
    up.standing_reason.clear();
  }
  o.report = false;
  up.told = true;
  up.observes = live.observed;
  up.holds = holds;
  up.exposes = exposes;
  up.active = active.has_value();
  up.again = again;
  up.heard = std::max(up.heard, o.heard);
  up.floor = std::max(up.floor, o.floor);
  outbox_.control(*parent_, std::move(m));
}

void Tree::lost_current(ObjectRecord& o, const Epoch& epoch) {
  o.assigned = false;
  o.report = true;
  tell_interest(o, liveness(o));
  give_up(o, epoch);
}

void Tree::give_up(ObjectRecord& o, const Epoch& epoch) {
  std::erase(o.up.terms, epoch);
  codec::Giveup m{.handle = o.handle, .epoch = epoch};
  const Refusal* soonest = nullptr;
  for (const auto& r : o.refusals)
    if (r.until > now_ && (!soonest || r.until < soonest->until)) soonest = &r;
  if (soonest && candidates(o).empty()) {
    m.reason = codec::GiveupReason::declined;
    m.text = soonest->reason;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(soonest->until - now_);
    m.retry_after_ms = static_cast<std::uint32_t>(std::clamp<std::int64_t>(wait.count(), 1, 3'600'000));
  }
  outbox_.control(*parent_, std::move(m));
}

void Tree::set_path(std::vector<NodeId> path) {
  if (path == path_) return;
  path_ = std::move(path);
  for (const auto& [link, c] : children_) outbox_.path(link, codec::Path{path_});
}

}  // namespace mla::core
