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
  const auto& charged = c.target.is_local() ? charged_locally_ : children_.at(c.target.id).charged;
  auto it = charged.find(c.charge);
  const double assigned = it == charged.end() ? 0 : static_cast<double>(it->second);
  return c.exposure.capacity ? assigned / static_cast<double>(c.exposure.capacity) : assigned;
}

bool Tree::avoided(const ObjectRecord& o, const Target& target) const {
  return std::any_of(o.avoid.begin(), o.avoid.end(),
                     [&](const Exclusion& e) { return e.target == target && e.until > now_; });
}

void Tree::avoid(ObjectRecord& o, const Target& target) {
  auto it =
      std::find_if(o.avoid.begin(), o.avoid.end(), [&](const Exclusion& e) { return e.target == target; });
  if (it == o.avoid.end()) it = o.avoid.insert(o.avoid.end(), Exclusion{target, now_, 0});
  // Twice as long each time, so that a silent exposer of high priority does not take over again and again.
  it->until = now_ + limits_.avoid * (1u << std::min(it->times, 6u));
  ++it->times;
  arm(it->until, o);
}

/// Who has it there, seen from here.
codec::AtWork Tree::at_work(const ObjectRecord& o, const Target& target) const {
  if (target.is_local() && o.sink) {
    const ContractOptions& options = contracts_.at(o.sink->contract).options;
    return {options.priority,
            static_cast<std::uint32_t>(std::clamp<std::int64_t>(options.linger.count(), 0, kLongestLinger))};
  }
  Offers sum;
  if (target.is_local()) {
    for (ContractId id : o.exposers) sum.add(offer_of(contracts_.at(id).options));
    for (const TagRecord* t : o.tags)
      for (ContractId id : t->exposers) sum.add(offer_of(contracts_.at(id).options));
  } else {
    if (const auto* r = find_child(o, target.id)) {
      if (r->at_work) return *r->at_work;
      if (r->exposes) sum.add(*r->exposes);
    }
    for (const TagRecord* t : o.tags)
      for (const auto& c : t->children)
        if (c.link == target.id && c.exposes) sum.add(*c.exposes);
  }
  return {sum.best ? sum.best->priority : INT32_MIN, 0};
}

/// Whom those who do not take over have to leave alone: the present target, if it can go on.
const Candidate* Tree::settled(const ObjectRecord& o, const std::vector<Candidate>& c) const {
  if (mutant(Mutant::kWaitingTakesOver)) return nullptr;
  const std::optional<Term>& term = o.cur && (o.sent || !o.drain) ? o.cur : o.drain;
  const auto is_at_work = [&](const Candidate& x) {
    if (term) return x.target == term->target;
    const auto* r = x.target.kind == Target::Kind::link ? find_child(o, x.target.id) : nullptr;
    return r && r->active;  // of another tree that has come here
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
  const bool free = !settled || settled->target == c.target || o.move_to == c.target;
  return free ? priority_there(o, c) : c.exposure.takes_over;
}

/// Is there a reason to move from the present target to `to` at once?
bool Tree::better(const ObjectRecord& o, const std::vector<Candidate>& c, const Candidate& to) const {
  const Candidate& present =
      *std::find_if(c.begin(), c.end(), [&](const Candidate& x) { return x.target == o.cur->target; });
  if (to.target == present.target || to.exposure.capacity == 0) return false;
  return avoided(o, present.target) || present.exposure.capacity == 0 ||
         rank(o, settled(o, c), to) > priority_there(o, present);
}

const Candidate* Tree::choose(const ObjectRecord& o, const std::vector<Candidate>& c) const {
  const Candidate* const now = settled(o, c);
  const auto key = [&](const Candidate& t) {
    int stay = 0;
    if (o.move_to == t.target)
      stay = 3;
    else if (mutant(Mutant::kNotSticky))
      stay = 0;
    else if (o.cur && o.cur->target == t.target && (o.sent || !o.drain))
      stay = 2;
    else if (o.drain && o.drain->target == t.target)
      stay = 1;
    bool active = false;
    if (t.target.kind == Target::Kind::link)
      if (const auto* r = find_child(o, t.target.id)) active = r->active.has_value();
    return std::tuple(avoided(o, t.target), t.exposure.capacity == 0, -rank(o, now, t), -stay, !active,
                      load(t), t.target);
  };
  auto best =
      std::min_element(c.begin(), c.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  return best == c.end() ? nullptr : &*best;
}

Epoch Tree::mint(ObjectRecord& o) {
  counter_ = (mutant(Mutant::kCounterPerObject) ? o.heard.counter : std::max(counter_, o.heard.counter)) + 1;
  ++counters_.epochs_minted;
  const Epoch epoch{counter_, node_};
  o.heard = join(o.heard, epoch);
  return epoch;
}

/// Load is charged for the current term only; a draining one is about to go.
void Tree::set_cur(ObjectRecord& o, std::optional<Term> term) {
  if (o.cur) charge(*o.cur, false);
  o.cur = std::move(term);
  if (o.cur) {
    o.cur->since = now_;
    charge(*o.cur, true);
  }
  o.linger_until.reset();
  request_balance();
  if (!o.cur) {
    o.sent = false;
    o.handover_by.reset();
  }
}

void Tree::charge(const Term& term, bool add) {
  std::map<Charge, std::uint64_t>* charged = &charged_locally_;
  if (!term.charged.is_local()) {
    auto it = children_.find(term.charged.id);
    if (it == children_.end()) return;
    charged = &it->second.charged;
  }
  if (add) {
    ++(*charged)[term.charge];
  } else if (auto it = charged->find(term.charge); it != charged->end() && --it->second == 0) {
    charged->erase(it);
  }
}

void Tree::recharge(ObjectRecord& o, const Candidate& to) {
  charge(*o.cur, false);
  o.cur->charged = to.target;
  o.cur->charge = to.charge;
  charge(*o.cur, true);
}

void Tree::start(ObjectRecord& o, const Epoch& epoch, const Candidate& c) {
  std::optional<Term> superseded;
  if (o.cur) {
    if ((o.sent || !o.drain) && !mutant(Mutant::kDrainEndedEarly)) {
      if (o.drain) {
        const Term older = *o.drain;
        end_term(o, older, EndReason::handed_over);
      }
      o.drain = o.cur;
    } else {
      superseded = o.cur;
    }
  }
  set_cur(o, Term{epoch, c.target, c.charge, c.target});
  o.move_to.reset();
  o.sent = false;
  o.remint = false;
  o.handover_by = now_ + limits_.handover;
  arm(o.handover_by, o);
  if (c.target.is_local()) {
    if (pick_local(o)) {
      LocalSink& s = producer(o);
      notices_.push_back(TermChanged{s.sink, epoch, o.floor, false});
      if (s.sink != o.sink->sink) notices_.push_back(TermChanged{o.sink->sink, epoch, o.floor, false});
      // The same producer goes on, perhaps quiet: its last state is published again, or nothing would be
      // fresh.
      if (s.last && !mutant(Mutant::kNoRepublish)) {
        publish_local(o, s, s.last, s.own_version ? std::optional(s.last_version) : std::nullopt,
                      s.own_version, 0, true);
      }
    }
  } else {
    ChildRecord& r = child(o, c.target.id);
    const auto wanted = wanted_from(o, c.target.id);
    r.want = wanted.has_value();
    r.want_interval = wanted.value_or(Interval(0));
    r.floor_told = o.floor;
    outbox_.control(c.target.id, codec::Assign{o.handle, epoch, o.floor, *r.want, r.want_interval});
  }
  if (superseded) end_term(o, *superseded, EndReason::handed_over);
}

/// Tells the writer of `term` that it is over. The caller takes it out of cur or drain, before or after.
void Tree::end_term(ObjectRecord& o, const Term& term, EndReason reason) {
  const auto goes_on = [&](const std::optional<Term>& t) {
    return t && t->epoch != term.epoch && t->target == term.target;
  };
  const bool stays = goes_on(o.cur) || goes_on(o.drain);
  if (term.target.is_local()) {
    if (!stays) end_sinks(o, reason);
  } else {
    withdraw(o, term, reason);
  }
  if (stays) return;
  unsync(o, term.target);
  if (term.target.kind == Target::Kind::link)
    if (auto* r = find_child(o, term.target.id)) {
      r->want.reset();
      r->floor_told.reset();
    }
  if (!term.target.is_local()) room_made(term.target.id);
}

void Tree::withdraw(ObjectRecord& o, const Term& term, EndReason reason) {
  if (!children_.count(term.target.id)) return;
  outbox_.control(term.target.id, codec::Withdraw{o.handle, term.epoch, reason});
  freshness_unknown(o, term.target.id);
}

/// A child whose term ends may have lost its source with it, and has nobody left to tell: it is told afresh.
void Tree::freshness_unknown(ObjectRecord& o, LinkId link) {
  if (auto* r = find_child(o, link)) r->told_sync.reset();
  if (child_needs(link, o)) outbox_.mark(link, o.handle);
}

void Tree::drop_roles(ObjectRecord& o, EndReason reason) {
  if (o.drain) {
    const Term t = *o.drain;
    end_term(o, t, reason);
    o.drain.reset();
  }
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
  if (o.drain && o.drain->epoch.counter < epoch.counter) {
    const Term t = *o.drain;
    end_term(o, t, EndReason::handed_over);
    o.drain.reset();
  }
  if (o.cur && o.cur->epoch.counter < epoch.counter) {
    const Term t = *o.cur;
    end_term(o, t, EndReason::handed_over);
    set_cur(o, std::nullopt);
    o.assigned = false;
  }
}

/// Does the target of the current term wish a new one?
bool Tree::asked(const ObjectRecord& o) const {
  if (!o.cur || o.cur->target.kind != Target::Kind::link) return false;
  const auto* r = find_child(o, o.cur->target.id);
  return r && r->again && *r->again == o.cur->epoch;
}

}  // namespace mla::core
