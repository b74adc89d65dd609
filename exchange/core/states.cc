#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/core/tree.h"

// The newest state of an object: accepted, kept, delivered here, marked for the links that want it.
namespace mla::core {

namespace {
Epoch joined(const Epoch& heard, const Epoch& epoch) {
  return mutant(Mutant::kTieByNodeId) ? std::max(heard, epoch) : join(heard, epoch);
}
}  // namespace

void Tree::hear(ObjectRecord& o, const Epoch& epoch, const Version& version) {
  counter_ = std::max(counter_, epoch.counter);
  o.set_heard(joined(o.heard(), epoch), std::max(o.floor(), version));
}

/// Forgets what was heard, but for what children have told: they believe that it is known here and will not say it again.
void Tree::unhear(ObjectRecord& o) {
  Epoch heard;
  Version floor;
  if (!mutant(Mutant::kUnhearForgetsChildren))
    for (const auto& c : o.children) {
      heard = join(heard, c.details->heard);
      floor = std::max(floor, c.details->floor);
    }
  o.set_heard(heard, std::move(floor));
}

/// Is this but the next state of a term that runs undisturbed? Then taking it is all there is to do; no decision can change.
bool Tree::only_newer(const ObjectRecord& o, const Stamp& stamp, bool synchronized) const {
  if (!o.has_state() || !o.sync || !synchronized || o.held().stamp.epoch != stamp.epoch || stamp.version <= o.floor()) return false;
  if (o.passing->drain || o.pulled || o.report || o.touched || (o.cur && !o.sent)) return false;
  for (const auto& c : o.children)
    if (c.details->active || c.details->avail) return false;
  return true;
}

void Tree::set_sync(ObjectRecord& o, std::optional<Instant> synced_at) {
  o.sync = !synced_at;
  if (synced_at) o.passing.edit().synced_at = *synced_at;
}

/// From where the one before came, and there is nothing else that it could change?
bool Tree::goes_on(const ObjectRecord& o, const Epoch& epoch, const Target& source) const {
  return !o.passing && o.sync && !o.kept && o.received && o.source == source && o.has_state() && o.held().stamp.epoch == epoch &&
         !(o.cur && !o.sent);
}

void Tree::take(ObjectRecord& o, Held&& held, bool confirm, std::optional<Instant> synced_at, const Target& source) {
  const Epoch epoch = held.stamp.epoch;
  if (!confirm && !synced_at && goes_on(o, epoch, source)) {
    outbox_.spent(o.hold(std::move(held), o.heard()));
    ++counters_.states_accepted;
    deliver(o);
    mark(o);
    return;
  }
  counter_ = std::max(counter_, epoch.counter);
  const std::optional<Stamp> before = o.passing->confirming ? o.stamp() : std::nullopt;
  // The one before wrote some of what children have, and numbers do not tell which.
  if (o.source != source) o.remember_known();
  PayloadPtr spent = o.hold(std::move(held), joined(o.heard(), epoch));
  if (spent && o.received) outbox_.spent(std::move(spent));
  o.received = !source.is_local();
  o.source = source;
  if (confirm || o.passing->confirming) confirm_taken(o, confirm, before);
  o.kept = false;
  set_sync(o, synced_at);
  ++counters_.states_accepted;
  const auto of = [&](const Term& t) { return t.epoch == epoch && t.target == source; };
  const bool first = o.cur && of(*o.cur);
  const bool late = std::any_of(o.passing->late.begin(), o.passing->late.end(), of);
  if (first && mutant(Mutant::kWithdrawBeforeState)) first_state_came(o);
  deliver(o);
  mark(o);
  if (first) first_state_came(o);
  if (late) late_came(o, epoch);
  // What is published here is told after its answer, when the object is settled.
  if (o.passing->confirming && !o.touched && !source.is_local()) tell_confirmed(o);
}

/// The same for a state that a child sent: that is what it has.
void Tree::take_from(ObjectRecord& o, LinkId child_link, Held&& held, bool confirm, std::optional<Instant> synced_at) {
  take(o, std::move(held), confirm, synced_at, Target::link(child_link));
  o.set_known_held(child(o, child_link));
}

/// The current term produces. Whoever observes has the state in its slot already; only now the former one is
/// told to stop.
void Tree::first_state_came(ObjectRecord& o) {
  if (!o.sent && !mutant(Mutant::kBalanceLooksOnce)) request_balance();  // it was passed over while it had not sent
  o.sent = true;
  if (!o.passing) return;
  o.passing.edit().handover_by.reset();
  answered(o, o.cur->target);
  if (!o.passing->drain || mutant(Mutant::kDrainNeverEnded)) return;
  end_drains(o);
  ++counters_.handovers;
}

/// A term that was superseded before it had sent has sent nevertheless. It takes over from those before it until a newer one does.
void Tree::late_came(ObjectRecord& o, const Epoch& epoch) {
  if (!o.passing->drain || !(o.passing->drain->epoch < epoch)) return;
  while (o.passing->drain && o.passing->drain->epoch < epoch) end_drain(o, EndReason::handed_over);
  if (o.passing->drain) answered(o, o.passing->drain->target);
}

void Tree::answered(ObjectRecord& o, const Target& target) {
  erase_in(o.passing, &Passing::avoid, [&](const Exclusion& e) { return e.target == target; });
}

void Tree::unsync(ObjectRecord& o, const Target& source) {
  if (!o.has_state() || o.source != source) return;
  o.source = {};
  if (!o.sync) return;
  set_sync(o, now_);
  deliver(o);
  mark(o);
}

void Tree::drop_state(ObjectRecord& o) {
  o.let_go();
  o.source = {};
  o.sync = false;
  if (o.passing->confirming) o.passing.edit().confirming.reset();
}

void Tree::mark(ObjectRecord& o) {
  needing_children(o, links_);
  for (LinkId link : links_) outbox_.mark(link, o.name);
  if (parent_ && !o.up()->terms.empty()) outbox_.mark(*parent_, o.name);
}

State Tree::state_of(const ObjectRecord& o) const {
  State state = State::make(o.held().payload, o.held().stamp.epoch, o.held().stamp.version, o.held().nth);
  if (o.sync) {
    state.set_freshness(true, {});
    return state;
  }
  const auto age = std::chrono::duration_cast<std::chrono::microseconds>(now_ - o.passing->synced_at);
  state.set_freshness(false, std::max(age, std::chrono::microseconds(1)));
  return state;
}

Delivered& Tree::delivered(ObjectRecord& o, ContractId contract) {
  auto& all = o.edit_here().delivered;
  for (auto& d : all)
    if (d.contract == contract) return d;
  return all.emplace_back(Delivered{.contract = contract});
}

void Tree::deliver(ObjectRecord& o) {
  for (ContractId id : o.here()->observers) deliver_to(o, id);
  for (const TagRecord* t : o.tags)
    for (ContractId id : t->observers) deliver_to(o, id);
}

void Tree::deliver_to(ObjectRecord& o, ContractId contract) {
  if (!o.has_state()) return;
  Delivered& d = delivered(o, contract);
  if (d.stamp == o.held().stamp && d.sync == o.sync) return;
  d.stamp = o.held().stamp;
  d.sync = o.sync;
  notices_.emplace_back(StateArrived{contract, o.descriptor(), state_of(o)});
}

/// What is known of an object's production while no synchronized state is held.
std::pair<StandingKind, std::string> Tree::production(const ObjectRecord& o) const {
  if (!is_root()) return {o.up()->standing, o.up()->standing_reason};
  if (o.cur || waits_for_room(o)) return {StandingKind::waiting, {}};
  const Refusal* latest = nullptr;
  for (const auto& r : o.passing->refusals)
    if (r.until > now_ && !r.room && (!latest || r.until > latest->until)) latest = &r;
  if (latest) return {StandingKind::declined, latest->reason};
  return {StandingKind::unexposed, {}};
}

Standing Tree::standing(const ObjectRecord& o) const {
  if (o.has_state() && o.sync) return {StandingKind::synchronized, {}, {}};
  if (o.has_state())
    return {
        StandingKind::stale, {}, std::chrono::duration_cast<std::chrono::microseconds>(now_ - o.passing->synced_at)};
  auto [kind, reason] = production(o);
  return {kind, std::move(reason), {}};
}

void Tree::tell_standing(ObjectRecord& o) {
  const Standing s = standing(o);
  const auto tell = [&](ContractId id) {
    Delivered& d = delivered(o, id);
    if (d.standing && d.standing->kind == s.kind && d.standing->reason == s.reason) return;
    d.standing = s;
    notices_.push_back(StandingChanged{id, o.descriptor(), s});
  };
  for (ContractId id : o.here()->observers) tell(id);
  if (o.has_state())  // by tag, an object is known from its first state on
    for (const TagRecord* t : o.tags)
      for (ContractId id : t->observers) tell(id);

  std::pair<StandingKind, std::string> below{StandingKind::waiting, {}};
  if (!o.has_state() || !o.sync) below = production(o);
  for (auto& c : o.children) {
    if (!c.observes) continue;
    if (c.standing_told == below.first && c.details->standing_reason_told == below.second) continue;
    c.standing_told = below.first;
    if (c.details || !below.second.empty()) c.details.edit().standing_reason_told = below.second;
    outbox_.control(c.link, o.name, codec::StandingTold{o.handle(), below.first, below.second});
  }
}

}  // namespace mla::core
