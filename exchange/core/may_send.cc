#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/core/tree.h"

// The one place that decides whether a state may leave on a link. Nothing is sent that the far side may not
// have any more.
namespace mla::core {

namespace {

codec::Outgoing outgoing(const ObjectRecord& o, codec::Outgoing::Kind kind) {
  codec::Outgoing out{.kind = kind, .handle = o.handle(), .stamp = o.held().stamp, .nth = o.held().nth};
  if (kind != codec::Outgoing::Kind::fresh) out.payload = o.held().payload;
  out.confirm = o.passing->confirming != nullptr;
  if (!o.sync) out.synced_at = o.passing->synced_at;
  return out;
}

/// What the far side has to learn; none: nothing. `held_back`: is it too early for a state? Of a state sent the
/// caller takes note.
template <class HeldBack>
std::optional<codec::Outgoing> take_newer(const ObjectRecord& o, const ObjectRecord::Known& known,
                                          std::optional<bool>& told_sync, HeldBack held_back) {
  if (!known.held && !known.older) return std::nullopt;
  // A term's first state always goes at once: hand-overs wait for it.
  if (known.held || (known.stamp && known.stamp->epoch == o.held().stamp.epoch && held_back())) {
    if (told_sync == o.sync || (known.held && mutant(Mutant::kFreshOnlyWithStates))) return std::nullopt;
    told_sync = o.sync;
    auto out = outgoing(o, codec::Outgoing::Kind::fresh);
    out.stamp = *known.stamp;
    return out;
  }
  told_sync = o.sync;
  return outgoing(o, codec::Outgoing::Kind::state);
}

}  // namespace

/// Is a writer behind the link to go on, while what is held here is nobody's any more? Its observers would be out of touch
/// until it has published above that. As soon as it is over they may have it: the link is marked then.
bool Tree::goes_on_below(const ObjectRecord& o, const ChildRecord& c) const {
  if (o.sync || o.known_by(c).held || mutant(Mutant::kOrphansPassRegents)) return false;
  return c.details->active || (o.cur && !o.sent && o.cur->target.is(c.link));
}

std::optional<codec::Outgoing> Tree::take_state(LinkId link, const names::Name& name) {
  if (!name.record || !name.record->has_state()) return std::nullopt;
  ObjectRecord& o = *name.record;
  if (o.source.is(link)) return std::nullopt;
  if (parent_ == link) {
    if (!o.up->want || !has_term(o, o.held().stamp.epoch)) return std::nullopt;
    const Interval interval = o.up->want_interval;
    ParentRecord& up = o.up.edit();
    const ObjectRecord::Known known{up.peer == o.held().stamp, newer(up.peer, o.held().stamp), up.peer};
    auto out = take_newer(o, known, up.told_sync, [&] { return held_back(o, link, interval); });
    if (!out || out->kind != codec::Outgoing::Kind::state) return out;
    up.peer = o.held().stamp;
    up.started = o.held().stamp.epoch;
    if (interval.count() > 0) pace_.sent({o.handle(), link}, now_);
    return out;
  }
  auto interval = interval_behind(link, o);
  if (!interval && mutant(Mutant::kStatesEverywhere)) interval = Interval(0);
  if (!interval) return std::nullopt;
  ChildRecord& c = child(o, link);
  if (goes_on_below(o, c)) return std::nullopt;
  auto out = take_newer(o, o.known_by(c), c.told_sync, [&] { return held_back(o, link, *interval); });
  if (!out || out->kind != codec::Outgoing::Kind::state) return out;
  const bool paced = interval->count() > 0;
  o.set_known_held(c, paced);
  if (paced) pace_.sent({o.handle(), link}, now_);
  return out;
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
  if (!o.has_state() || !(parent_ == link ? newer(o.up->peer, o.held().stamp) : !c || o.known_by(*c).older)) return;
  if (pace_.forget({o.handle(), link})) outbox_.mark(link, o.name);
}

Interval Tree::interval_on(LinkId link, const ObjectRecord& o) const {
  const Interval interval =
      parent_ == link ? o.up->want_interval : interval_behind(link, o).value_or(Interval(0));
  return interval_of_feed(o) < interval ? interval : Interval(0);
}

bool Tree::has_term(const ObjectRecord& o, const Epoch& epoch) const {
  return std::find(o.up->terms.begin(), o.up->terms.end(), epoch) != o.up->terms.end();
}

}  // namespace mla::core
