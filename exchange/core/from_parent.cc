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

void Tree::on_assign(names::Name& name, const codec::Assign& m) {
  ObjectRecord& o = object(name);
  touch(o);
  hear(o, m.epoch, m.floor);
  const std::vector<Candidate> c = candidates(o);
  const Epoch own = std::max(o.cur ? o.cur->epoch : Epoch{}, o.has_state() ? o.held().stamp.epoch : Epoch{});
  // What is not above is not taken up; the interest record tells the root what it must rise above. It is given back too, or
  // the parent would take it to be served, and to drain once it has elected anew, for ever.
  if (m.epoch < own || o.any_former([&](const Term& t) { return m.epoch <= t.epoch; })) {
    o.report = true;
    if (has_term(o, m.epoch)) return;
    tell_interest(o, liveness(o));
    give_up(o, m.epoch);
    return;
  }
  if (o.cur && m.epoch == o.cur->epoch) {  // said twice: it goes on
    ParentRecord& up = o.edit_up();
    if (!has_term(o, m.epoch)) up.terms.push_back(m.epoch);
    up.want = m.want;
    up.want_interval = m.interval;
    o.assigned = true;
    outbox_.mark(*parent_, o.name);
    return;
  }
  const Candidate* chosen = choose(o, c);
  if (!chosen) {
    give_up(o, m.epoch);
    return;
  }
  if (!o.cur && !o.passing->drain) from_above();
  ParentRecord& up = o.edit_up();
  if (!has_term(o, m.epoch)) up.terms.push_back(m.epoch);
  // Up to ten are served at a time and a few more may be on their way out; a parent that ends none is not kept book of.
  if (up.terms.size() > kMostTerms) up.terms.erase(up.terms.begin());
  up.want = m.want;
  up.want_interval = m.interval;
  o.assigned = true;
  start(o, m.epoch, *chosen);
  outbox_.mark(*parent_, o.name);
}

void Tree::on_want(names::Name& name, const codec::Want& m) {
  ObjectRecord* o = name.record;
  if (!o) return;
  o->edit_up().want = m.want;
  o->edit_up().want_interval = m.interval;
  outbox_.mark(*parent_, o->name);
  touch(*o);
}

void Tree::on_floor(names::Name& name, const codec::Floor& m) {
  ObjectRecord* o = name.record;
  if (!o) return;
  hear(*o, o->heard(), m.floor);
  o->edit_up().floor = std::max(o->up()->floor, m.floor);
  // What was sent was refused: the next is as good as the first.
  if (!o->up()->peer || o->up()->peer->version < m.floor) pace_.forget({o->handle(), *parent_});
  touch(*o);
}

void Tree::on_withdraw(names::Name& name, const codec::Withdraw& m) {
  ObjectRecord* found = name.record;
  if (!found) return;
  ObjectRecord& o = *found;
  touch(o);
  std::erase(o.edit_up().terms, m.epoch);
  const EndReason reason = m.reason == EndReason::none ? EndReason::handed_over : m.reason;
  const auto& late = o.passing->late;
  if (const auto it = std::find_if(late.begin(), late.end(), [&](const Term& t) { return t.epoch == m.epoch; }); it != late.end()) {
    const Term t = *it;
    o.passing.edit().late.erase(it);
    end_term(o, t, reason);
  }
  if (o.passing->drain && o.passing->drain->epoch == m.epoch) end_drain(o, reason);
  if (o.cur && o.cur->epoch == m.epoch) {
    if (reason == EndReason::handed_over) from_above();  // moved elsewhere: more may follow
    const Term t = *o.cur;
    end_term(o, t, reason);
    set_cur(o, std::nullopt);
    o.assigned = false;
  }
}

void Tree::on_end(names::Name& name) {
  ObjectRecord* o = name.record;
  if (!o) return;
  if (o->up()->told && (o->up()->observes || o->up()->exposes))
    return;  // crossing: our own interest makes it live again
  drop_roles(*o, EndReason::unobserved);
  tell_end(*o);
  forget(*o);
  o->clear_up();
  o->assigned = false;
  touch(*o);
}

void Tree::on_pull(names::Name& name) {
  ObjectRecord* o = name.record;
  if (!o) return;
  o->pulled = true;
  touch(*o);
}

void Tree::on_standing(names::Name& name, const codec::StandingTold& m) {
  ObjectRecord* o = name.record;
  if (!o) return;
  o->edit_up().standing = m.kind;
  o->edit_up().standing_reason = m.reason;
  // Nobody produces it, so what came from there is not fresh, whichever interest it was an answer to.
  if (m.kind != StandingKind::waiting) unsync(*o, Target::link(*parent_));
  touch(*o);
}

bool Tree::takes_from_parent(names::Name& name, const Stamp& stamp) {
  ObjectRecord& o = object(name);
  touch(o);  // settle() lets go of a record made for nothing
  return need(o, std::nullopt) && newer(o.stamp(), stamp);
}

void Tree::on_parent_state(names::Name& name, const Stamp& stamp, std::uint64_t nth,
                           PayloadPtr payload, std::optional<Instant> synced_at, bool confirm) {
  ObjectRecord& o = object(name);
  if (!o.cur && o.source.is(*parent_) && only_newer(o, stamp, !synced_at) && need(o, std::nullopt)) {
    ParentRecord& up = o.edit_up();
    up.peer = stamp;
    up.set_told_sync(true);
    if (up.floor < stamp.version) up.floor = stamp.version;
    take(o, Held{stamp, nth, std::move(payload)}, confirm, synced_at, o.source);
    return;
  }
  touch(o);
  if (!need(o, std::nullopt)) return;  // settle() lets go of a record made for nothing
  ParentRecord& up = o.edit_up();
  if (!crossed(stamp, up.peer)) up.peer = stamp;
  up.heard = std::max(up.heard, stamp.epoch);
  up.floor = std::max(up.floor, stamp.version);
  if (newer(o.stamp(), stamp)) {
    take(o, Held{stamp, nth, std::move(payload)}, confirm, synced_at, Target::link(*parent_));
  } else {
    ++counters_.states_not_newer;
    hear(o, stamp.epoch, stamp.version);
    if (o.stamp() != stamp) o.report = true;
  }
  on_parent_fresh(name, stamp, synced_at);
}

void Tree::on_parent_fresh(names::Name& name, const Stamp& stamp,
                           std::optional<Instant> synced_at) {
  ObjectRecord* found = name.record;
  if (!found || !need(*found, std::nullopt)) return;
  ObjectRecord& o = *found;
  touch(o);
  ParentRecord& up = o.edit_up();
  if (!crossed(stamp, up.peer)) up.set_told_sync(!synced_at);
  up.heard = std::max(up.heard, stamp.epoch);
  up.floor = std::max(up.floor, stamp.version);
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

void Tree::on_parent_need(names::Name& name) {
  ObjectRecord* o = name.record;
  if (!o) return;
  o->edit_up().peer.reset();
  o->edit_up().set_told_sync({});
  outbox_.mark(*parent_, o->name);
}

/// It has no name for the object any more: the terms it gave are over, and so is what it had to say of it. A state may come
/// after the interest it was an answer to, and must not be taken for an answer to the next.
void Tree::on_parent_release(names::Name& name) {
  ObjectRecord* o = name.record;
  if (!o) return;
  unsync(*o, Target::link(*parent_));
  touch(*o);
  const std::vector<Epoch> terms = o->up()->terms;
  for (const Epoch& epoch : terms) on_withdraw(name, codec::Withdraw{.epoch = epoch});
  // Our record there is gone, too: what stands is told anew, and answered with End if nobody needs the object.
  o->clear_up();
}

}  // namespace mla::core
