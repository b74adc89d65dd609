#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/core/tree.h"

// What the parent says.
namespace mla::core {

namespace {
constexpr std::size_t kMostTerms = 16;
}  // namespace

void Tree::on_path(const std::vector<NodeId>& path) {
  if (!parent_) return;
  std::vector<NodeId> above = path;
  if (auto it = std::find(above.begin(), above.end(), node_); it != above.end()) {
    if (mutant(Mutant::kPathIgnored)) return;
    // A cycle: from our own id on. Its greatest member lets go; the others pass the path on, cut to the
    // cycle.
    above.erase(above.begin(), it);
    if (*std::max_element(above.begin(), above.end()) == node_) {
      outbox_.close(*parent_, ErrorCode::would_loop);
      return;
    }
    above.erase(above.begin());
  }
  if (above.size() + 1 > limits_.depth) {
    outbox_.close(*parent_, ErrorCode::too_deep);
    return;
  }
  above.push_back(node_);
  set_path(std::move(above));
}

void Tree::on_assign(const ObjectPtr& descriptor, const codec::Assign& m) {
  ObjectRecord& o = object(descriptor);
  touch(o);
  hear(o, m.epoch, m.floor);
  const std::vector<Candidate> c = candidates(o);
  const Epoch own = std::max(o.cur ? o.cur->epoch : Epoch{}, o.held ? o.held->stamp.epoch : Epoch{});
  // What is not above is not taken up; the interest record tells the root what it must rise above. It is given back too, or
  // the parent would take it to be served, and to drain once it has elected anew, for ever.
  if (m.epoch < own || (o.drain && m.epoch <= o.drain->epoch)) {
    o.report = true;
    if (has_term(o, m.epoch)) return;
    tell_interest(o, liveness(o));
    give_up(o, m.epoch);
    return;
  }
  if (o.cur && m.epoch == o.cur->epoch) {  // said twice: it goes on
    if (!has_term(o, m.epoch)) o.up.terms.push_back(m.epoch);
    o.up.want = m.want;
    o.up.want_interval = m.interval;
    o.assigned = true;
    outbox_.mark(*parent_, o.handle);
    return;
  }
  const Candidate* chosen = choose(o, c);
  if (!chosen) {
    give_up(o, m.epoch);
    return;
  }
  if (!o.cur && !o.drain) from_above();
  if (!has_term(o, m.epoch)) o.up.terms.push_back(m.epoch);
  // Two are served at a time and a few more may be on their way out; a parent that ends none is not kept book of.
  if (o.up.terms.size() > kMostTerms) o.up.terms.erase(o.up.terms.begin());
  o.up.want = m.want;
  o.up.want_interval = m.interval;
  o.assigned = true;
  start(o, m.epoch, *chosen);
  outbox_.mark(*parent_, o.handle);
}

void Tree::on_want(const ObjectPtr& descriptor, const codec::Want& m) {
  ObjectRecord* o = find(descriptor);
  if (!o) return;
  o->up.want = m.want;
  o->up.want_interval = m.interval;
  outbox_.mark(*parent_, o->handle);
  touch(*o);
}

void Tree::on_floor(const ObjectPtr& descriptor, const codec::Floor& m) {
  ObjectRecord* o = find(descriptor);
  if (!o) return;
  hear(*o, o->heard, m.floor);
  o->up.floor = std::max(o->up.floor, m.floor);
  pace_.forget({o->handle, *parent_});  // what was sent was refused: the next is as good as the first
  touch(*o);
}

void Tree::on_withdraw(const ObjectPtr& descriptor, const codec::Withdraw& m) {
  ObjectRecord* found = find(descriptor);
  if (!found) return;
  ObjectRecord& o = *found;
  touch(o);
  std::erase(o.up.terms, m.epoch);
  const EndReason reason = m.reason == EndReason::none ? EndReason::handed_over : m.reason;
  if (o.drain && o.drain->epoch == m.epoch) {
    const Term t = *o.drain;
    end_term(o, t, reason);
    o.drain.reset();
  }
  if (o.cur && o.cur->epoch == m.epoch) {
    const Term t = *o.cur;
    end_term(o, t, reason);
    set_cur(o, std::nullopt);
    o.assigned = false;
  }
}

void Tree::on_end(const ObjectPtr& descriptor) {
  ObjectRecord* o = find(descriptor);
  if (!o) return;
  if (o->up.told && (o->up.observes || o->up.exposes))
    return;  // crossing: our own interest makes it live again
  drop_roles(*o, EndReason::unobserved);
  tell_end(*o);
  forget(*o);
  o->up = ParentRecord{};
  o->assigned = false;
  touch(*o);
}

void Tree::on_pull(const ObjectPtr& descriptor) {
  ObjectRecord* o = find(descriptor);
  if (!o) return;
  o->pulled = true;
  touch(*o);
}

void Tree::on_standing(const ObjectPtr& descriptor, const codec::StandingTold& m) {
  ObjectRecord* o = find(descriptor);
  if (!o) return;
  o->up.standing = m.kind;
  o->up.standing_reason = m.reason;
  // Nobody produces it, so what came from there is not fresh, whichever interest it was an answer to.
  if (m.kind != StandingKind::waiting) unsync(*o, Target::link(*parent_));
  touch(*o);
}

void Tree::on_parent_state(const ObjectPtr& descriptor, const Stamp& stamp, std::uint64_t nth,
                           PayloadPtr payload, std::optional<Instant> synced_at, bool confirm) {
  ObjectRecord& o = object(descriptor);
  if (!o.cur && o.source.is(*parent_) && only_newer(o, stamp, !synced_at) && need(o, std::nullopt)) {
    o.up.peer = stamp;
    o.up.told_sync = true;
    o.up.floor = std::max(o.up.floor, stamp.version);
    take(o, Held{stamp, nth, std::move(payload), true}, confirm, synced_at, o.source);
    return;
  }
  touch(o);
  if (!need(o, std::nullopt)) return;  // settle() lets go of a record made for nothing
  o.up.peer = stamp;
  o.up.heard = std::max(o.up.heard, stamp.epoch);
  o.up.floor = std::max(o.up.floor, stamp.version);
  if (newer(o.stamp(), stamp)) {
    take(o, Held{stamp, nth, std::move(payload), true}, confirm, synced_at, Target::link(*parent_));
  } else {
    ++counters_.states_not_newer;
    hear(o, stamp.epoch, stamp.version);
    if (o.stamp() != stamp) o.report = true;
  }
  on_parent_fresh(descriptor, stamp, synced_at);
}

void Tree::on_parent_fresh(const ObjectPtr& descriptor, const Stamp& stamp,
                           std::optional<Instant> synced_at) {
  ObjectRecord* found = find(descriptor);
  if (!found || !need(*found, std::nullopt)) return;
  ObjectRecord& o = *found;
  touch(o);
  o.up.told_sync = !synced_at;
  o.up.heard = std::max(o.up.heard, stamp.epoch);
  o.up.floor = std::max(o.up.floor, stamp.version);
  supersede_below(o, stamp.epoch);
  if (o.stamp() != stamp) return;
  const bool ours_to_follow =
      o.source == Target{} || o.source.is(*parent_) || (!synced_at && !o.assigned && !o.source.is_local());
  if (!ours_to_follow) return;
  o.source = Target::link(*parent_);
  confirm_again(o);
  if (o.sync == !synced_at) return;
  set_sync(o, synced_at);
  deliver(o);
  mark(o);
}

void Tree::on_parent_need(const ObjectPtr& descriptor) {
  ObjectRecord* o = find(descriptor);
  if (!o) return;
  o->up.peer.reset();
  o->up.told_sync.reset();
  outbox_.mark(*parent_, o->handle);
}

/// It has no name for the object any more: the terms it gave are over, and so is what it had to say of it. A state may come
/// after the interest it was an answer to, and must not be taken for an answer to the next.
void Tree::on_parent_release(const ObjectPtr& descriptor) {
  ObjectRecord* o = find(descriptor);
  if (!o) return;
  unsync(*o, Target::link(*parent_));
  touch(*o);
  const std::vector<Epoch> terms = o->up.terms;
  for (const Epoch& epoch : terms) on_withdraw(descriptor, codec::Withdraw{.epoch = epoch});
}

}  // namespace mla::core
