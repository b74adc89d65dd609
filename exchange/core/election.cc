#include <algorithm>
#include <tuple>

#include "contracts/mutant.h"
#include "exchange/core/offers.h"
#include "exchange/core/tree.h"

// Terms: whom to choose, how one begins, how one ends. When to elect is decided in settle.cc.
namespace mla::core {

namespace {
constexpr std::int64_t kLongestLinger = 3'600'000;  // ms
}  // namespace

double Tree::load(const Candidate& c) const {
  const auto& charged = c.target.is_local() ? charged_locally_ : children_.at(c.target.link_id()).charged;
  auto it = charged.find(c.charge);
  const double assigned = it == charged.end() ? 0 : static_cast<double>(it->second);
  return c.exposure.capacity ? assigned / static_cast<double>(c.exposure.capacity) : assigned;
}

bool Tree::avoided(const ObjectRecord& o, const Target& target) const {
  return std::any_of(o.passing->avoid.begin(), o.passing->avoid.end(),
                     [&](const Exclusion& e) { return e.target == target && e.until > now_; });
}

void Tree::avoid(ObjectRecord& o, const Target& target) {
  auto& avoid = o.passing.edit().avoid;
  auto it = std::find_if(avoid.begin(), avoid.end(), [&](const Exclusion& e) { return e.target == target; });
  if (it == avoid.end()) it = avoid.insert(avoid.end(), Exclusion{target, now_, 0});
  // Twice as long each time, so that a silent exposer of high priority does not take over again and again.
  it->until = now_ + limits_.avoid * (1u << std::min(it->times, 6u));
  ++it->times;
  arm(it->until, o);
}

/// Who has it there, seen from here.
codec::AtWork Tree::at_work(const ObjectRecord& o, const Target& target) const {
  if (target.is_local() && o.here()->sink) {
    const ContractOptions& options = contracts_.at(o.here()->sink->contract).options;
    return {options.priority,
            static_cast<std::uint32_t>(std::clamp<std::int64_t>(options.linger.count(), 0, kLongestLinger))};
  }
  Offers sum;
  if (target.is_local()) {
    for (ContractId id : o.here()->exposers) sum.add(offer_of(contracts_.at(id).options));
    for (const TagRecord* t : o.tags)
      for (ContractId id : t->exposers) sum.add(offer_of(contracts_.at(id).options));
  } else {
    if (const auto* r = find_child(o, target.link_id())) {
      if (r->details->at_work) return *r->details->at_work;
      if (const auto exposes = r->exposes()) sum.add(*exposes);
    }
    for (const TagRecord* t : o.tags)
      for (const auto& c : t->children)
        if (c.link == target.link_id() && c.exposes) sum.add(*c.exposes);
  }
  return {sum.best ? sum.best->priority : INT32_MIN, 0};
}

/// Whom those who do not take over have to leave alone: the present target, if it can go on.
const Candidate* Tree::settled(const ObjectRecord& o, const std::vector<Candidate>& c) const {
  if (mutant(Mutant::kWaitingTakesOver)) return nullptr;
  const MaybeTerm& term = o.cur && (o.sent || !o.passing->drain) ? o.cur : o.passing->drain;
  const auto is_at_work = [&](const Candidate& x) {
    if (term) return x.target == term->target;
    const auto* r = x.target.is_link() ? find_child(o, x.target.link_id()) : nullptr;
    return r && r->details->active;  // of another tree that has come here
  };
  const Candidate* best = nullptr;
  for (const auto& x : c)
    if (is_at_work(x) && x.exposure.capacity > 0 && !avoided(o, x.target))
      if (!best || priority_there(o, x) > priority_there(o, *best)) best = &x;
  return best;
}

/// Of what priority will it be who has it there, once it was asked? Who is at work there already goes on,
/// unless somebody there takes over.
std::int32_t Tree::priority_there(const ObjectRecord& o, const Candidate& c) const {
  return std::max(at_work(o, c.target).priority, c.exposure.takes_over);
}

std::int64_t Tree::rank(const ObjectRecord& o, const Candidate* settled, const Candidate& c) const {
  const bool free = !settled || settled->target == c.target || o.passing->move_to == c.target;
  return free ? priority_there(o, c) : c.exposure.takes_over;
}

/// Is there a reason to move from the present target to `to` at once?
bool Tree::better(const ObjectRecord& o, const std::vector<Candidate>& c, const Candidate& to) const {
  const Candidate& present =
      *std::find_if(c.begin(), c.end(), [&](const Candidate& x) { return x.target == o.cur->target; });
  if (to.target == present.target || to.exposure.capacity == 0) return false;
  return (avoided(o, present.target) && !avoided(o, to.target)) || present.exposure.capacity == 0 ||
         rank(o, settled(o, c), to) > priority_there(o, present);
}

const Candidate* Tree::choose(const ObjectRecord& o, const std::vector<Candidate>& c) const {
  const Candidate* const now = settled(o, c);
  const auto key = [&](const Candidate& t) {
    int stay = 0;
    if (o.passing->move_to == t.target)
      stay = 3;
    else if (mutant(Mutant::kNotSticky))
      stay = 0;
    else if (o.cur && o.cur->target == t.target && (o.sent || !o.passing->drain))
      stay = 2;
    else if (o.passing->drain && o.passing->drain->target == t.target)
      stay = 1;
    bool active = false;
    if (t.target.is_link())
      if (const auto* r = find_child(o, t.target.link_id())) active = r->details->active.has_value();
    return std::tuple(avoided(o, t.target), t.exposure.capacity == 0, -rank(o, now, t), -stay, !active,
                      load(t), t.target);
  };
  auto best =
      std::min_element(c.begin(), c.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  return best == c.end() ? nullptr : &*best;
}

Epoch Tree::mint(ObjectRecord& o) {
  counter_ = (mutant(Mutant::kCounterPerObject) ? o.heard().counter : std::max(counter_, o.heard().counter)) + 1;
  ++counters_.epochs_minted;
  const Epoch epoch{counter_, node_};
  o.set_heard(join(o.heard(), epoch), o.floor());
  return epoch;
}

/// Load is charged for the current term only; a draining one is about to go.
void Tree::set_cur(ObjectRecord& o, const MaybeTerm& term) {
  if (o.cur) charge(o, false);
  if (o.passing) o.passing.edit().charged.reset();
  o.cur = term;
  if (o.cur) {
    o.cur->since = now_;
    charge(o, true);
  }
  request_balance();
  if (!o.cur) o.sent = false;
  if (!o.passing) return;
  o.passing.edit().linger_until.reset();
  if (!o.cur) o.passing.edit().handover_by.reset();
}

void Tree::charge(const ObjectRecord& o, bool add) {
  const Target whose = o.passing->charged.value_or(o.cur->target);
  std::map<Charge, std::uint64_t>* charged = &charged_locally_;
  if (!whose.is_local()) {
    auto it = children_.find(whose.link_id());
    if (it == children_.end()) return;
    charged = &it->second.charged;
  }
  if (add) {
    ++(*charged)[o.cur->charge];
  } else if (auto it = charged->find(o.cur->charge); it != charged->end() && --it->second == 0) {
    charged->erase(it);
  }
}

void Tree::recharge(ObjectRecord& o, const Candidate& to) {
  charge(o, false);
  o.passing.edit().charged = to.target;
  o.cur->charge = to.charge;
  charge(o, true);
}

namespace {
/// Terms that wait for one of their successors to send.
constexpr std::size_t kMostLate = 8;
}  // namespace

void Tree::start(ObjectRecord& o, const Epoch& epoch, const Candidate& c) {
  std::optional<Term> superseded;
  if (o.cur) {
    Passing& passing = o.passing.edit();
    if (mutant(Mutant::kDrainEndedEarly)) {
      superseded = *o.cur;
    } else if (o.sent || !passing.drain) {
      end_drains(o);
      passing.drain = o.cur;
    } else if (mutant(Mutant::kSupersededEndsAtOnce)) {
      superseded = *o.cur;
    } else {
      passing.late.push_back(*o.cur);
      if (passing.late.size() > kMostLate) {  // nobody answers here in time
        superseded = passing.late.front();
        passing.late.erase(passing.late.begin());
      }
    }
  }
  set_cur(o, Term{.epoch = epoch, .target = c.target, .charge = c.charge});
  o.passing.edit().move_to.reset();
  o.sent = false;
  o.remint = false;
  o.passing.edit().handover_by = now_ + limits_.handover;
  arm(o.passing->handover_by, o);
  if (c.target.is_local()) {
    if (pick_local(o)) {
      LocalSink& s = producer(o);
      notices_.push_back(TermChanged{s.sink, epoch, o.floor(), false});
      if (s.sink != o.here()->sink->sink) notices_.push_back(TermChanged{o.here()->sink->sink, epoch, o.floor(), false});
      // The same producer goes on, perhaps quiet: its last state is published again, or nothing would be
      // fresh.
      if (s.last && !mutant(Mutant::kNoRepublish)) {
        publish_local(o, s, s.last, s.own_version ? std::optional(s.last_version) : std::nullopt,
                      s.own_version, 0, true);
      }
    }
  } else {
    ChildRecord& r = child(o, c.target.link_id());
    const auto wanted = wanted_from(o, c.target.link_id());
    r.set_want(wanted.has_value());
    const Interval interval = wanted.value_or(Interval(0));
    set_want_interval(r, interval);
    if (r.details->floor_told != o.floor()) r.details.edit().floor_told = o.floor();
    outbox_.control(c.target.link_id(), o.name, codec::Assign{o.handle(), epoch, o.floor(), wanted.has_value(), interval});
  }
  if (superseded) end_term(o, *superseded, EndReason::handed_over);
}

/// Tells the writer of `term` that it is over. The caller takes it out of the object's terms, before or after.
void Tree::end_term(ObjectRecord& o, const Term& term, EndReason reason) {
  const bool stays = o.any_term([&](const Term& t) { return t.epoch != term.epoch && t.target == term.target; });
  if (term.target.is_local()) {
    if (!stays) end_sinks(o, reason);
  } else {
    withdraw(o, term, reason);
  }
  if (stays) return;
  unsync(o, term.target);
  if (term.target.is_link())
    if (auto* r = find_child(o, term.target.link_id())) {
      r->set_want({});
      if (!r->details->floor_told.empty()) r->details.edit().floor_told = {};
    }
  if (!term.target.is_local()) room_made(term.target.link_id());
}

/// The term that drains is over; the next one that was superseded takes its place.
void Tree::drain_over(ObjectRecord& o) {
  Passing& passing = o.passing.edit();
  passing.drain.reset();
  if (passing.late.empty()) return;
  passing.drain = passing.late.front();
  passing.late.erase(passing.late.begin());
}

void Tree::end_drain(ObjectRecord& o, EndReason reason) {
  const Term former = *o.passing->drain;
  end_term(o, former, reason);
  drain_over(o);
}

void Tree::end_drains(ObjectRecord& o, EndReason reason) {
  while (o.passing->drain) end_drain(o, reason);
}

void Tree::withdraw(ObjectRecord& o, const Term& term, EndReason reason) {
  if (!children_.count(term.target.link_id())) return;
  outbox_.control(term.target.link_id(), o.name, codec::Withdraw{o.handle(), term.epoch, reason});
  freshness_unknown(o, term.target.link_id());
}

/// A child whose term ends may have lost its source with it, and has nobody left to tell: it is told afresh.
void Tree::freshness_unknown(ObjectRecord& o, LinkId link) {
  if (auto* r = find_child(o, link)) r->set_told_sync({});
  if (child_needs(link, o)) outbox_.mark(link, o.name);
}

void Tree::drop_roles(ObjectRecord& o, EndReason reason) {
  end_drains(o, reason);
  if (o.cur) {
    const Term t = *o.cur;
    end_term(o, t, reason);
    set_cur(o, std::nullopt);
  }
  o.sent = false;
}

/// A state with a higher counter came from above: whoever writes below an older epoch is over. Called after
/// that state went down, so that nobody sees a gap.
void Tree::supersede_below(ObjectRecord& o, const Epoch& epoch) {
  if (mutant(Mutant::kRegentStays)) return;
  while (o.passing->drain && o.passing->drain->epoch.counter < epoch.counter) end_drain(o, EndReason::handed_over);
  if (o.cur && o.cur->epoch.counter < epoch.counter) {
    const Term t = *o.cur;
    end_term(o, t, EndReason::handed_over);
    set_cur(o, std::nullopt);
    o.assigned = false;
  }
}

/// Does the target of the current term wish a new one?
bool Tree::asked(const ObjectRecord& o) const {
  if (!o.cur || !o.cur->target.is_link()) return false;
  const auto* r = find_child(o, o.cur->target.link_id());
  return r && r->details->again && *r->details->again == o.cur->epoch;
}

}  // namespace mla::core
