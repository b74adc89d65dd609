#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/core/tree.h"

// The newest state of an object: accepted, kept, delivered here, marked for the links that want it.
namespace mla::core {

void Tree::hear(ObjectRecord& o, const Epoch& epoch, const Version& version) {
  counter_ = std::max(counter_, epoch.counter);
  o.heard = mutant(Mutant::kTieByNodeId) ? std::max(o.heard, epoch) : join(o.heard, epoch);
  if (version > o.floor) o.floor = version;
}

/// Forgets what was heard, but for what children have told: they believe that it is known here and will not say it again.
void Tree::unhear(ObjectRecord& o) {
  o.heard = {};
  o.floor = {};
  if (mutant(Mutant::kUnhearForgetsChildren)) return;
  for (const auto& c : o.children) {
    o.heard = join(o.heard, c.heard);
    o.floor = std::max(o.floor, c.floor);
  }
}

/// Is this but the next state of a term that runs undisturbed? Then taking it is all there is to do; no decision can change.
bool Tree::only_newer(const ObjectRecord& o, const Stamp& stamp, bool synchronized) const {
  if (!o.held || !o.sync || !synchronized || o.held->stamp.epoch != stamp.epoch || stamp.version <= o.floor) return false;
  if (o.drain || o.pulled || o.report || o.touched || (o.cur && !o.sent)) return false;
  for (const auto& c : o.children)
    if (c.active || c.avail) return false;
  return true;
}

void Tree::set_sync(ObjectRecord& o, std::optional<Instant> synced_at) {
  o.sync = !synced_at;
  o.synced_at = synced_at.value_or(now_);
}

void Tree::take(ObjectRecord& o, Held held, bool confirm, std::optional<Instant> synced_at, const Target& source) {
  hear(o, held.stamp.epoch, held.stamp.version);
  const Epoch epoch = held.stamp.epoch;
  const std::optional<Stamp> before = o.confirming ? o.stamp() : std::nullopt;
  if (o.held && o.held->received) outbox_.spent(std::move(o.held->payload));
  o.held = std::move(held);
  o.source = source;
  if (confirm || o.confirming) confirm_taken(o, confirm, before);
  o.kept = false;
  set_sync(o, synced_at);
  ++counters_.states_accepted;
  const bool first = o.cur && o.cur->epoch == epoch && o.cur->target == source;
  if (first && mutant(Mutant::kWithdrawBeforeState)) first_state_came(o);
  deliver(o);
  mark(o);
  if (first) first_state_came(o);
  // What is published here is told after its answer, when the object is settled.
  if (o.confirming && !o.touched && !source.is_local()) tell_confirmed(o);
}

/// The current term produces. Whoever observes has the state in its slot already; only now the former one is
/// told to stop.
void Tree::first_state_came(ObjectRecord& o) {
  if (!o.sent && !mutant(Mutant::kBalanceLooksOnce)) request_balance();  // it was passed over while it had not sent
  o.sent = true;
  o.handover_by.reset();
  std::erase_if(o.avoid, [&](const Exclusion& e) { return e.target == o.cur->target; });
  if (!o.drain || mutant(Mutant::kDrainNeverEnded)) return;
  const Term former = *o.drain;
  end_term(o, former, EndReason::handed_over);
  o.drain.reset();
  ++counters_.handovers;
}

void Tree::unsync(ObjectRecord& o, const Target& source) {
  if (!o.held || o.source != source) return;
  o.source = {};
  if (!o.sync) return;
  o.sync = false;
  o.synced_at = now_;
  deliver(o);
  mark(o);
}

void Tree::drop_state(ObjectRecord& o) {
  o.held.reset();
  o.source = {};
  o.sync = false;
  o.confirming.reset();
}

void Tree::mark(ObjectRecord& o) {
  std::vector<LinkId> links = std::move(links_);
  needing_children(o, links);
  for (LinkId link : links) outbox_.mark(link, o.handle);
  links_ = std::move(links);
  if (parent_ && !o.up.terms.empty()) outbox_.mark(*parent_, o.handle);
}

State Tree::state_of(const ObjectRecord& o) const {
  State state = State::make(o.held->payload, o.held->stamp.epoch, o.held->stamp.version, o.held->nth);
  const auto age = std::chrono::duration_cast<std::chrono::microseconds>(now_ - o.synced_at);
  state.set_freshness(o.sync,
                      o.sync ? std::chrono::microseconds(0) : std::max(age, std::chrono::microseconds(1)));
  return state;
}

Delivered& Tree::delivered(ObjectRecord& o, ContractId contract) {
  for (auto& d : o.delivered)
    if (d.contract == contract) return d;
  return o.delivered.emplace_back(Delivered{.contract = contract});
}

void Tree::deliver(ObjectRecord& o) {
  for (ContractId id : o.observers) deliver_to(o, id);
  for (const TagRecord* t : o.tags)
    for (ContractId id : t->observers) deliver_to(o, id);
}

void Tree::deliver_to(ObjectRecord& o, ContractId contract) {
  if (!o.held) return;
  Delivered& d = delivered(o, contract);
  if (d.stamp == o.held->stamp && d.sync == o.sync) return;
  d.stamp = o.held->stamp;
  d.sync = o.sync;
  notices_.push_back(StateArrived{contract, o.descriptor, state_of(o)});
}

/// What is known of an object's production while no synchronized state is held.
std::pair<StandingKind, std::string> Tree::production(const ObjectRecord& o) const {
  if (!is_root()) return {o.up.standing, o.up.standing_reason};
  if (o.cur || waits_for_room(o)) return {StandingKind::waiting, {}};
  const Refusal* latest = nullptr;
  for (const auto& r : o.refusals)
    if (r.until > now_ && !r.room && (!latest || r.until > latest->until)) latest = &r;
  if (latest) return {StandingKind::declined, latest->reason};
  return {StandingKind::unexposed, {}};
}

Standing Tree::standing(const ObjectRecord& o) const {
  if (o.held && o.sync) return {StandingKind::synchronized, {}, {}};
  if (o.held)
    return {
        StandingKind::stale, {}, std::chrono::duration_cast<std::chrono::microseconds>(now_ - o.synced_at)};
  auto [kind, reason] = production(o);
  return {kind, std::move(reason), {}};
}

void Tree::tell_standing(ObjectRecord& o) {
  const Standing s = standing(o);
  const auto tell = [&](ContractId id) {
    Delivered& d = delivered(o, id);
    if (d.standing && d.standing->kind == s.kind && d.standing->reason == s.reason) return;
    d.standing = s;
    notices_.push_back(StandingChanged{id, o.descriptor, s});
  };
  for (ContractId id : o.observers) tell(id);
  if (o.held)  // by tag, an object is known from its first state on
    for (const TagRecord* t : o.tags)
      for (ContractId id : t->observers) tell(id);

  std::pair<StandingKind, std::string> below{StandingKind::waiting, {}};
  if (!o.held || !o.sync) below = production(o);
  for (auto& c : o.children) {
    if (!c.observes) continue;
    if (c.standing_told.value_or(StandingKind::waiting) == below.first &&
        c.standing_reason_told == below.second)
      continue;
    c.standing_told = below.first;
    c.standing_reason_told = below.second;
    outbox_.control(c.link, codec::StandingTold{o.handle, below.first, below.second});
  }
}

}  // namespace mla::core
