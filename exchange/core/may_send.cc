#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/core/tree.h"

// The one place that decides whether a state may leave on a link. Nothing is sent that the far side may not
// have any more.
namespace mla::core {

namespace {

using codec::Outgoing;
using codec::Taken;

/// Is it the synchronized state held, as it would leave now?
bool is_held(const Outgoing& last, const ObjectRecord& o) {
  const Held& held = o.held();
  return last.payload == held.payload && last.kind == Outgoing::Kind::state && last.handle == o.handle() && last.nth == held.nth &&
         last.stamp == held.stamp && o.sync && !last.synced_at && last.confirm == (o.passing->confirming != nullptr);
}

void put(Taken& out, const ObjectRecord& o, Outgoing::Kind kind) {
  Outgoing& made = out.state.emplace();
  made.kind = kind;
  made.handle = o.handle();
  made.stamp = o.held().stamp;
  made.nth = o.held().nth;
  if (kind != Outgoing::Kind::fresh) made.payload = o.held().payload;
  made.confirm = o.passing->confirming != nullptr;
  if (!o.sync) made.synced_at = o.passing->synced_at;
}

/// What the far side has to learn, into `out`; nothing, if it has nothing to. `far`: what is kept of it, its freshness among that;
/// `held_back`: is it too early for a state? True: it is a state, and the caller takes note that it is sent.
template <class Far, class HeldBack>
bool take_newer(Taken& out, const ObjectRecord& o, const ObjectRecord::Known& known, Far& far, const Outgoing* last, HeldBack held_back) {
  if (!known.held && !known.older) return false;
  // A term's first state always goes at once: hand-overs wait for it.
  if (known.held || (known.stamp && known.stamp->epoch == o.held().stamp.epoch && held_back())) {
    if (far.told_sync() == o.sync || (known.held && mutant(Mutant::kFreshOnlyWithStates))) return false;
    far.set_told_sync(bool{o.sync});
    put(out, o, Outgoing::Kind::fresh);
    out.state->stamp = *known.stamp;
    return false;
  }
  far.set_told_sync(bool{o.sync});
  out.is_last = last && is_held(*last, o);
  if (!out.is_last) put(out, o, Outgoing::Kind::state);
  return true;
}

}  // namespace

/// Is a writer behind the link to go on, while what is held here is nobody's any more? Its observers would be out of touch
/// until it has published above that. As soon as it is over they may have it: the link is marked then.
bool Tree::goes_on_below(const ObjectRecord& o, const ChildRecord& c) const {
  if (o.sync || o.known_by(c).held || mutant(Mutant::kOrphansPassRegents)) return false;
  return c.details->active || (o.cur && !o.sent && o.cur->target.is(c.link));
}

// One variable that every return names: what is sent is made where the caller has it.
Taken Tree::take_state(LinkId link, const names::Name& name, const Outgoing* last) {
  Taken out;
  if (!name.record || !name.record->has_state()) return out;
  ObjectRecord& o = *name.record;
  if (o.source.is(link)) return out;
  if (parent_ == link)
    take_up(out, o);
  else
    take_down(out, o, link, last);
  return out;
}

void Tree::take_up(Taken& out, ObjectRecord& o) {
  if (!o.up()->want || !has_term(o, o.held().stamp.epoch)) return;
  const LinkId link = *parent_;
  const Interval interval = o.up()->want_interval;
  ParentRecord& up = o.edit_up();
  const ObjectRecord::Known known{up.peer == o.held().stamp, newer(up.peer, o.held().stamp), up.peer};
  if (!take_newer(out, o, known, up, nullptr, [&] { return held_back(o, link, interval); })) return;
  up.peer = o.held().stamp;
  up.started = o.held().stamp.epoch;
  if (interval.count() > 0) pace_.sent({o.handle(), link}, now_);
}

void Tree::take_down(Taken& out, ObjectRecord& o, LinkId link, const Outgoing* last) {
  ChildRecord* found = find_child(o, link);
  auto interval = interval_behind(link, o, found);
  if (!interval && mutant(Mutant::kStatesEverywhere)) interval = Interval(0);
  if (!interval) return;
  ChildRecord& c = found ? *found : child(o, link);
  if (goes_on_below(o, c)) return;
  if (!take_newer(out, o, o.known_by(c), c, last, [&] { return held_back(o, link, *interval); })) return;
  const bool paced = interval->count() > 0;
  o.set_known_held(c, paced);
  if (paced) pace_.sent({o.handle(), link}, now_);
}

/// Where the states come no more often than the link may carry them, each goes on as it comes: delays would
/// add up.
bool Tree::held_back(const ObjectRecord& o, LinkId link, Interval interval) {
  if (interval.count() == 0 || mutant(Mutant::kIntervalIgnored)) return pace_.forget({o.handle(), link}), false;
  return interval_of_feed(o) < interval && pace_.holds({o.handle(), link}, interval, now_);
}

/// What follows on this link may make the newest state worthless there: it leaves before, however early.
void Tree::hurry(const ObjectRecord& o, LinkId link) {
  const auto* c = find_child(o, link);
  if (!o.has_state() || !(parent_ == link ? newer(o.up()->peer, o.held().stamp) : !c || o.known_by(*c).older)) return;
  if (pace_.forget({o.handle(), link})) outbox_.mark(link, o.name);
}

Interval Tree::interval_on(LinkId link, const ObjectRecord& o) const {
  const Interval interval =
      parent_ == link ? o.up()->want_interval : interval_behind(link, o).value_or(Interval(0));
  return interval_of_feed(o) < interval ? interval : Interval(0);
}

bool Tree::has_term(const ObjectRecord& o, const Epoch& epoch) const {
  return std::find(o.up()->terms.begin(), o.up()->terms.end(), epoch) != o.up()->terms.end();
}

}  // namespace mla::core
