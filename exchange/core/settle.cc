#include <algorithm>
#include <cassert>

#include "contracts/mutant.h"
#include "exchange/core/tree.h"

// After every event: for each object that was touched, decide anew until nothing changes.
namespace mla::core {

namespace {

/// What a decision may change. When two rounds leave it equal, the object is at rest.
struct Signature {
  std::optional<Stamp> stamp;
  bool sync, assigned, sent, report, pulled;
  std::optional<Epoch> cur, drain;
  std::size_t late;
  Epoch heard;
  Version floor;
  bool operator==(const Signature&) const = default;
};

Signature signature(const ObjectRecord& o) {
  const auto epoch = [](const MaybeTerm& t) { return t ? std::optional(t->epoch) : std::nullopt; };
  return {o.stamp(), o.sync,       o.assigned,     o.sent,  o.report,
          o.pulled,  epoch(o.cur), epoch(o.passing->drain), o.passing->late.size(), o.heard(), o.floor()};
}

const Candidate* among(const std::vector<Candidate>& c, const Target& target) {
  auto it = std::find_if(c.begin(), c.end(), [&](const Candidate& x) { return x.target == target; });
  return it == c.end() ? nullptr : &*it;
}

}  // namespace

void Tree::settle_all() {
  // A decision may touch further records; both lists grow while they are worked off.
  for (std::size_t t = 0, i = 0; t < touched_tags_.size() || i < touched_.size() || serve_waiting();) {
    if (t < touched_tags_.size()) {
      auto it = tags_by_index_.find(touched_tags_[t++].value);
      if (it == tags_by_index_.end()) continue;
      it->second->touched = false;
      tell_tag(*it->second);
      continue;
    }
    ObjectRecord* const o = find(touched_[i++]);
    if (!o) continue;
    o->touched = false;
    settle(*o);
  }
  touched_.clear();
  give_back_room(touched_);
  touched_tags_.clear();
  unsettled_ = false;
}

void Tree::settle(ObjectRecord& o) {
  forget_refusals(o, std::nullopt);
  // The bound catches a rule that never comes to rest; no input reaches it.
  for (int round = 0; round < 64; ++round) {
    const Signature before = signature(o);
    if (!settle_once(o)) return;
    if (signature(o) == before) {
      tell_standing(o);
      tell_slot(o);
      arm_next(o);
      if (o.passing->confirming && o.has_state()) {
        find_confirming(o, o.stamp());
        tell_confirmed(o);
      }
      tidy(o);
      return;
    }
  }
  assert(false && "decisions about one object do not come to rest");
}

/// One round of decisions; false: the record is gone.
bool Tree::settle_once(ObjectRecord& o) {
  const std::vector<Candidate> c = candidates(o);
  const Liveness live = liveness(o);
  lose_targets(o, c);
  check_former(o);
  note_waiting(o);
  if (among(c, Target::local()) && local_term(o)) pick_local(o);
  erase_in(o.passing, &Passing::avoid, [&](const Exclusion& e) { return !among(c, e.target); });
  check_handover(o, c);
  if (is_root())
    decide_as_root(o, c, live);
  else
    decide_as_child(o, c, live);
  tell_targets(o);
  republish_above_floor(o);
  end_regents(o);
  pull_orphans(o);
  if (is_root())
    o.report = false;  // nobody to tell; a parent that comes is told all
  else
    tell_interest(o, live);
  return !clean_up(o);
}

void Tree::lose_targets(ObjectRecord& o, const std::vector<Candidate>& c) {
  const auto lose = [&](const auto& slot, const auto& drop, bool current) {
    if (!slot || among(c, slot->target)) return;
    const Term term = *slot;
    drop();
    const bool goes_on = o.writes(term.target);
    if (term.target.is_local() && !goes_on) end_sinks(o, EndReason::contract_dropped);
    if (term.target.is_link()) withdraw(o, term, EndReason::none);
    if (!goes_on) unsync(o, term.target);
    if (!goes_on && term.target.is_link()) room_made(term.target.link_id());
    if (current && o.assigned && mutant(Mutant::kReElectInTheSameEpoch))
      if (const Candidate* other_target = choose(o, c)) return start(o, term.epoch, *other_target);
    if (!current) return lost_former(o, term.epoch);
    if (o.assigned) lost_current(o, term.epoch);
  };
  for (std::size_t i = o.passing->late.size(); i-- > 0;)
    lose(&o.passing->late[i], [&] { o.passing.edit().late.erase(o.passing->late.begin() + static_cast<std::ptrdiff_t>(i)); }, false);
  lose(o.passing->drain, [&] { drain_over(o); }, false);
  lose(o.cur, [&] { set_cur(o, std::nullopt); }, true);
}

void Tree::check_handover(ObjectRecord& o, const std::vector<Candidate>& c) {
  if (!o.cur || o.sent || o.passing->linger_until || !o.passing->handover_by || now_ < *o.passing->handover_by) return;
  const Target target = o.cur->target;
  const bool draining_elsewhere = o.passing->drain && o.passing->drain->target != target;
  if (is_root()) {
    const bool alternative = draining_elsewhere || std::any_of(c.begin(), c.end(), [&](const Candidate& x) {
                               return x.target != target && !avoided(o, x.target) && x.exposure.capacity > 0;
                             });
    if (!alternative) return;
    o.remint = true;
  } else {
    if (!o.assigned || !draining_elsewhere) return;
    o.passing.edit().again = o.cur->epoch;
  }
  avoid(o, target);
  o.passing.edit().handover_by.reset();
  ++counters_.handover_timeouts;
}

/// Nobody observes any more. Is who was elected to be kept for a while, since it asked for that?
bool Tree::lingers(ObjectRecord& o, bool wanted) {
  if (wanted || !o.cur) {
    if (o.passing->linger_until) o.passing.edit().linger_until.reset();
    return false;
  }
  if (!o.passing->linger_until) {
    const std::uint32_t linger = at_work(o, o.cur->target).linger_ms;
    if (linger == 0) return false;
    o.passing.edit().linger_until = now_ + std::chrono::milliseconds(linger);
    arm(o.passing->linger_until, o);
  }
  return now_ < *o.passing->linger_until || mutant(Mutant::kLingersForGood);
}

void Tree::decide_as_root(ObjectRecord& o, const std::vector<Candidate>& c, const Liveness& live) {
  o.assigned = false;
  const bool lingering = lingers(o, live.live());
  if (lingering) {
    // It lives on, but nobody is asked anew for what nobody observes.
  } else if (!live.live()) {
    if (!mutant(Mutant::kAssignmentKept)) drop_roles(o, EndReason::unobserved);
    if (!(o.kept && live.by_tag)) {
      tell_end(o);
      forget(o);
    }
  } else {
    o.kept = false;
    if (const Candidate* t = choose(o, c)) {
      if (!o.cur) {
        start(o, mint(o), *t);
      } else {
        const bool conflict = o.heard() != o.cur->epoch && o.heard().counter >= o.cur->epoch.counter;
        if (o.passing->again == o.cur->epoch || asked(o)) o.remint = true;
        if (conflict || o.remint || better(o, c, *t)) start(o, mint(o), *t);
      }
    }
  }
  for (std::size_t i = 0; i < o.children.size();) {
    ChildRecord& r = o.children[i];
    const bool due = r.end_due && !live.live() && !lingering && !o.kept;
    r.end_due = false;
    if (due) {
      hurry(o, r.link);
      if (!mutant(Mutant::kEndNotSent)) outbox_.control(r.link, o.name, codec::End{o.handle()});
      o.children.erase(o.children.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
}

void Tree::decide_as_child(ObjectRecord& o, const std::vector<Candidate>& c, const Liveness& live) {
  if (o.assigned && o.cur && o.passing->again != o.cur->epoch && !mutant(Mutant::kBetterNeverAsked))
    if (const Candidate* t = choose(o, c); t && better(o, c, *t)) o.passing.edit().again = o.cur->epoch;
  // A regent whom nobody in the subtree needs ends early.
  const auto asked_for = [&](const Term& t) { return has_term(o, t.epoch); };
  if (!o.assigned && !lingers(o, live.need()) && !live.need() && !o.any_former(asked_for))
    drop_roles(o, EndReason::unobserved);
  if (!live.need() && !o.cur && !o.passing->drain && !o.pulled) {
    if (o.has_state() && o.up()->avail && !mutant(Mutant::kDropNotSaid)) o.report = true;  // it cannot be had from here any more
    drop_state(o);
  }
  if (o.assigned && o.cur && o.sent && o.up()->started != o.cur->epoch && !o.up()->want && !mutant(Mutant::kNoStarted)) {
    o.edit_up().started = o.cur->epoch;
    outbox_.control(*parent_, o.name,
                    codec::Started{o.handle(), o.cur->epoch, o.has_state() ? o.held().stamp.version : Version{}});
  }
  for (auto& r : o.children) r.end_due = false;  // the root answers
}

void Tree::set_want_interval(ChildRecord& r, Interval interval) {
  if (r.details->want_interval != interval) r.details.edit().want_interval = interval;
}

/// Whether its data is wanted, and what it must exceed, is told to whoever writes below.
void Tree::tell_targets(ObjectRecord& o) {
  const auto tell = [&](const Term& term, bool current) {
    if (!term.target.is_link() || !children_.count(term.target.link_id())) return;
    ChildRecord& r = child(o, term.target.link_id());
    const auto wanted = wanted_from(o, term.target.link_id());
    const Interval interval = wanted.value_or(Interval(0));
    if (r.want() != wanted.has_value() || r.details->want_interval != interval) {
      r.set_want(wanted.has_value());
      set_want_interval(r, interval);
      outbox_.control(term.target.link_id(), o.name, codec::Want{o.handle(), wanted.has_value(), interval});
    }
    const auto has = o.known_by(r).stamp;
    const bool knows = r.details->floor >= o.floor() || (has && has->version >= o.floor());
    if (current && !knows && o.floor() > r.details->floor_told) {
      r.details.edit().floor_told = o.floor();
      outbox_.control(term.target.link_id(), o.name, codec::Floor{o.handle(), o.floor()});
    }
  };
  if (o.cur) tell(*o.cur, true);
  if (o.passing->drain) tell(*o.passing->drain, false);
  for (const Term& t : o.passing->late) tell(t, false);
}

/// A floor learnt later: a default version is raised above it, a producer with its own is told.
void Tree::republish_above_floor(ObjectRecord& o) {
  if (mutant(Mutant::kNoFloor)) return;
  if (!o.cur || !o.cur->target.is_local() || !o.here()->sink) return;
  LocalSink& s = producer(o);
  if (!s.last || o.floor() <= s.last_version) return;
  if (s.own_version)
    note_stale(s, o.floor());
  else
    publish_local(o, s, s.last, std::nullopt, false, 0, true);
}

/// A child that still goes on under its own term is ended once a synchronized state of a higher counter is
/// held here; that state was marked for it before.
void Tree::end_regents(ObjectRecord& o) {
  if (!o.has_state() || !o.sync || mutant(Mutant::kRegentStays)) return;
  for (auto& r : o.children) {
    if (!r.details->active || o.held().stamp.epoch.counter <= r.details->active->counter || o.source.is(r.link) ||
        o.writes(Target::link(r.link)))
      continue;
    outbox_.control(r.link, o.name, codec::Withdraw{o.handle(), *r.details->active, EndReason::handed_over});
    r.details.edit().active.reset();
  }
}

/// Nobody writes, and somebody below holds something newer than we do: fetch it, so that observers do not
/// stay apart.
void Tree::pull_orphans(ObjectRecord& o) {
  if (mutant(Mutant::kNoCarry)) return;
  const auto wanted = [&](const ChildRecord& r) {
    if (!r.details->avail || o.sync || (o.cur && o.sent) || o.passing->drain) return false;
    if (!newer(o.stamp(), *r.details->avail) || r.details->pulled == r.details->avail) return false;
    if (o.cur && r.details->avail->epoch >= o.cur->epoch) return false;
    return need(o, r.link) || o.pulled;
  };
  for (auto& r : o.children) {
    if (!wanted(r)) continue;
    r.details.edit().pulled = r.details->avail;
    ++counters_.pulls;
    outbox_.control(r.link, o.name, codec::Pull{o.handle()});
  }
  if (!o.pulled || is_root()) return;
  bool any = false, better_below = false;
  for (const auto& r : o.children) {
    if (!r.details->avail) continue;
    any = true;
    better_below |= newer(o.stamp(), *r.details->avail);
  }
  if (o.has_state() && !better_below) {
    o.pulled = false;
    codec::Outgoing out{.kind = codec::Outgoing::Kind::carry,
                        .handle = o.handle(),
                        .stamp = o.held().stamp,
                        .nth = o.held().nth,
                        .payload = o.held().payload,
                        .synced_at = o.sync ? now_ : o.passing->synced_at,
                        .confirm = o.passing->confirming != nullptr};
    outbox_.carry(*parent_, o.name, std::move(out));
  } else if (!any) {
    o.pulled = false;
  }
}

/// Not live any more: those who have it by tag are told.
void Tree::tell_end(ObjectRecord& o) {
  const auto observes_by_tag = [&](LinkId link) {
    for (const TagRecord* t : o.tags)
      for (const auto& c : t->children)
        if (c.link == link && c.observes) return true;
    return false;
  };
  erase_if(o.children, [&](const ChildRecord& r) {
    if (!observes_by_tag(r.link)) return false;
    hurry(o, r.link);
    if (!mutant(Mutant::kEndNotSent)) outbox_.control(r.link, o.name, codec::End{o.handle()});
    return true;
  });
}

void Tree::forget(ObjectRecord& o) {
  drop_state(o);
  o.kept = false;
  unhear(o);
  o.report = false;
  if (o.here()) drop_if(o.edit_here().delivered, [&](const Delivered& d) {
    if (contracts_.at(d.contract).kind != ContractKind::tag_observe) return false;
    if (d.stamp) notices_.push_back(ObjectEnded{d.contract, o.descriptor(), EndReason::gone});
    return true;
  });
}

/// Room that most objects do not need is kept by those at rest only if they do.
void Tree::tidy(ObjectRecord& o) {
  if (o.passing) {
    if (o.sync) o.passing.edit().synced_at = {};
    disarm_idle(o);
    o.passing.tidy();
  }
  // While a term is held here the numbers of its states go on, whoever writes them.
  if (!o.cur || !o.cur->target.is_local()) o.tidy_here();
  for (auto& c : o.children) c.details.tidy();
}

/// True: nobody needs the record, and it is gone.
bool Tree::clean_up(ObjectRecord& o) {
  if (o.cur || o.passing->drain || o.pulled || !o.here()->observers.empty() || !o.here()->exposers.empty()) return false;
  // Need by tag keeps what is had, here or below; a tag outlives the objects that come and go under it.
  const bool had = o.has_state() || std::any_of(o.children.begin(), o.children.end(), [](const auto& r) { return r.told; });
  if (had && need(o, std::nullopt)) return false;
  for (const auto& r : o.children)
    if (r.observes || r.exposes() || r.holds) return false;
  if (!is_root() && o.up()->told) return false;
  erase(o);
  return true;
}

}  // namespace mla::core
