#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/core/tree.h"

// The exposer of this exchange that holds a term: which contract, what it publishes, when it is told to stop.
namespace mla::core {

/// Contracts of this exchange that may have the object, or have it.
std::vector<ContractId> Tree::local_choices(const ObjectRecord& o) const {
  std::vector<ContractId> all;
  const auto consider = [&](ContractId id) {
    if (may_have(o, id)) all.push_back(id);
  };
  for (ContractId id : o.here()->exposers) consider(id);
  for (const TagRecord* t : o.tags)
    for (ContractId id : t->exposers) consider(id);
  return all;
}

/// `preferred`: where balancing wants it, among those of one priority.
bool Tree::pick_local(ObjectRecord& o, std::optional<ContractId> preferred) {
  if (!o.here()->sink && o.here()->former) resume_former(o);
  const std::vector<ContractId> all = local_choices(o);
  if (all.empty()) {
    end_sinks(o, EndReason::handed_over);
    return false;
  }
  const auto has_it = [&](ContractId id) { return o.here()->sink && o.here()->sink->contract == id; };
  const bool healthy = std::any_of(all.begin(), all.end(), has_it);
  // Who has it and can go on is left alone by those who do not take over.
  const bool settled =
      healthy && contracts_.at(o.here()->sink->contract).options.capacity > 0 && !mutant(Mutant::kWaitingTakesOver);
  const auto key = [&](ContractId id) {
    const Contract& c = contracts_.at(id);
    const std::int64_t rank = settled && !has_it(id) && !c.options.takes_over && preferred != id
                                  ? INT64_MIN + 1
                                  : c.options.priority;
    const int stay = preferred == id ? 2 : has_it(id) && !mutant(Mutant::kNotSticky) ? 1 : 0;
    const double load = static_cast<double>(c.assigned) / std::max<double>(c.options.capacity, 1);
    return std::tuple(c.options.capacity == 0, -rank, -stay, load, id);
  };
  const ContractId best =
      *std::min_element(all.begin(), all.end(), [&](ContractId a, ContractId b) { return key(a) < key(b); });
  if (has_it(best)) return true;
  if (o.here()->former && o.here()->former->sink.contract == best) {  // its successor had not sent yet
    end_sink(o, EndReason::handed_over);
    resume_former(o);
    return true;
  }

  if (healthy && o.here()->sink->last && !mutant(Mutant::kFormerEndedEarly))
    retire_sink(o);
  else
    end_sink(o, EndReason::handed_over);
  ++contracts_.at(best).assigned;
  o.edit_here().sink = LocalSink{.contract = best, .sink = SinkId{next_sink_++}};
  sinks_[o.here()->sink->sink] = &o;
  const Term& term = *local_term(o);
  notices_.push_back(Elected{best, o.here()->sink->sink, o.descriptor(), term.epoch, o.floor(),
                             o.has_state() ? std::optional(state_of(o)) : std::nullopt});
  return false;
}

/// The term is over here.
void Tree::end_sinks(ObjectRecord& o, EndReason reason) {
  end_former(o, reason);
  end_sink(o, reason);
}

void Tree::end_sink(ObjectRecord& o, EndReason reason) {
  if (!o.here()->sink) return;
  const LocalSink s = *o.here()->sink;
  o.edit_here().sink.reset();
  sinks_.erase(s.sink);
  if (auto it = contracts_.find(s.contract); it != contracts_.end()) {
    if (it->second.full()) has_room(s.contract);
    --it->second.assigned;
  }
  notices_.push_back(Withdrawn{s.contract, s.sink, o.descriptor(), reason});
  request_balance();
}

/// Another contract of this exchange is chosen; this one goes on until that one has sent.
void Tree::retire_sink(ObjectRecord& o) {
  end_former(o, EndReason::handed_over);
  Here& here = o.edit_here();
  close_slot(*here.sink, here.nth);
  Contract& c = contracts_.at(here.sink->contract);
  --c.assigned;
  ++c.leaving;
  here.former = std::make_unique<Former>(Former{*std::move(here.sink), now_ + limits_.handover});
  here.sink.reset();
  arm(here.former->until, o);
  request_balance();
}

void Tree::resume_former(ObjectRecord& o) {
  Here& here = o.edit_here();
  here.sink = std::move(here.former->sink);
  here.former.reset();
  Contract& c = contracts_.at(here.sink->contract);
  ++c.assigned;
  --c.leaving;
}

void Tree::end_former(ObjectRecord& o, EndReason reason) {
  if (!o.here()->former) return;
  request_balance();  // it was passed over till now
  const LocalSink s = std::move(o.here()->former->sink);
  o.edit_here().former.reset();
  sinks_.erase(s.sink);
  if (auto it = contracts_.find(s.contract); it != contracts_.end()) {
    if (it->second.full()) has_room(s.contract);
    --it->second.leaving;
  }
  notices_.push_back(Withdrawn{s.contract, s.sink, o.descriptor(), reason});
}

/// A successor that does not send in time is left out for a while.
void Tree::check_former(ObjectRecord& o) {
  if (!o.here()->former || !o.here()->sink || now_ < o.here()->former->until) return;
  o.passing.edit().refusals.push_back(
      Refusal{Target::local(), o.here()->sink->contract, now_ + limits_.avoid, "did not send in time"});
  arm(now_ + limits_.avoid, o);
  end_sink(o, EndReason::handed_over);
  ++counters_.handover_timeouts;
}

/// Whose states are the object's until the one chosen last has sent.
LocalSink& Tree::producer(ObjectRecord& o) {
  return o.here()->former ? o.here()->former->sink : *o.edit_here().sink;
}

void Tree::expect_publish(SinkId sink, std::size_t ahead) const {
  const auto it = sinks_.find(sink);
  if (it == sinks_.end()) return;
  const ObjectRecord& o = *it->second;
  if (ahead == kFarthestExpected) return o.fetch_early();
  if (ahead > 1) return o.fetch_what_hangs_on();
  o.fetch_beside();
}

void Tree::publish(SinkId sink, PayloadPtr payload, std::optional<Version> version, bool own_version,
                   std::uint64_t sends) {
  auto it = sinks_.find(sink);
  if (it == sinks_.end()) {
    notices_.push_back(Published{sink, PublishOutcome::ended, {}});
    return;
  }
  ObjectRecord& o = *it->second;
  own_version = own_version && version.has_value();
  LocalSink& s = o.here()->former && o.here()->former->sink.sink == sink ? o.here()->former->sink : *o.edit_here().sink;
  const bool undisturbed = runs_undisturbed(o, s);
  const PublishOutcome outcome =
      publish_local(o, s, std::move(payload), std::move(version), own_version, sends, false);
  const Version answer = outcome == PublishOutcome::accepted ? o.held().stamp.version
                         : o.has_state()                            ? std::max(o.floor(), o.held().stamp.version)
                                                             : o.floor();
  notices_.push_back(Published{sink, outcome, answer});
  if (!undisturbed || outcome != PublishOutcome::accepted) touch(o);
}

/// Is the next state of this sink but the next of a term that goes on? As only_newer(), for what is published here: taking it is
/// all there is to do then.
bool Tree::runs_undisturbed(const ObjectRecord& o, const LocalSink& s) const {
  if (!o.has_state() || !o.sync || !o.cur || !o.sent || !o.cur->target.is_local() || !o.source.is_local()) return false;
  const Epoch& epoch = o.held().stamp.epoch;
  if (epoch != o.cur->epoch || o.here()->nth_epoch != epoch || o.heard() != epoch || o.floor() != o.held().stamp.version) return false;
  if (!s.last || s.last_version != o.floor() || s.stale || o.here()->former || o.passing->drain || o.passing->again || o.passing->confirming) return false;
  if (o.pulled || o.report || o.touched || o.remint || o.kept) return false;
  for (const auto& c : o.children)
    if (c.details->active || c.details->avail) return false;
  return true;
}

/// The newest term that is served here; null: none is.
const Term* Tree::local_term(const ObjectRecord& o) {
  const auto is = [](const auto& t) { return t && t->target.is_local(); };
  if (is(o.cur)) return &*o.cur;
  const auto& late = o.passing->late;
  const auto newest = std::find_if(late.rbegin(), late.rend(), [](const Term& t) { return t.target.is_local(); });
  if (newest != late.rend()) return &*newest;
  return is(o.passing->drain) ? &*o.passing->drain : nullptr;
}

/// `again`: not a new state but the last one under a new term or above a new floor.
PublishOutcome Tree::publish_local(ObjectRecord& o, LocalSink& s, PayloadPtr payload,
                                   std::optional<Version> version, bool own_version, std::uint64_t sends,
                                   bool again) {
  const Term* term = local_term(o);
  if (!term) return PublishOutcome::ended;
  const Epoch epoch = term->epoch;
  Version floor = o.has_state() ? std::max(o.floor(), o.held().stamp.version) : o.floor();
  if (mutant(Mutant::kNoFloor)) floor = o.has_state() ? o.held().stamp.version : Version{};
  const bool first = !(o.has_state() && o.held().stamp.epoch == epoch);

  if (!own_version) {
    // One that was proposed before the floor rose to it names somebody else's state by now, and one of an earlier term may: who
    // began a term of that number too goes on until this one has sent.
    const Version least{static_cast<std::int64_t>(epoch.counter), 0};
    const bool of_before = version && *version < least && !mutant(Mutant::kProposalKept);
    if (!version || *version <= floor || of_before) version = floor.empty() ? least : std::max(least, floor.next());
  }
  if (*version < floor || (*version == floor && !first)) {
    note_stale(s, floor);
    return PublishOutcome::stale;
  }
  if (!newer(o.stamp(), Stamp{epoch, *version})) {  // a newer term has written already; ours is about to end
    note_stale(s, floor);
    return PublishOutcome::stale;
  }
  Here& here = o.edit_here();
  if (here.nth_epoch != epoch || mutant(Mutant::kNthNotCounted)) {
    here.nth_epoch = epoch;
    here.nth = 0;
  }
  here.nth += again || mutant(Mutant::kSendsNotCounted) ? 1 : std::max<std::uint64_t>(sends, 1);
  if (!s.last) s.first_version = *version;
  s.last = payload;
  s.last_version = *version;
  s.own_version = own_version;
  s.stale.reset();
  if (again) s.slot_epoch.reset();  // its numbers go on elsewhere
  const SinkId sink = s.sink;
  const bool confirm = contracts_.at(s.contract).options.confirmation;
  take(o, Held{{epoch, std::move(*version)}, here.nth, std::move(payload)}, confirm, std::nullopt, Target::local());
  // The state is on its way to all observers: only now the contract that had the object before is told to
  // stop.
  if (o.here()->former && o.here()->former->sink.sink != sink) end_former(o, EndReason::handed_over);
  if (again && o.here()->sink) notices_.push_back(TermChanged{sink, epoch, o.floor(), true});
  return PublishOutcome::accepted;
}

void Tree::note_stale(LocalSink& s, const Version& floor) {
  if (s.stale && *s.stale >= floor) return;
  s.stale = floor;
  notices_.push_back(SinkStale{s.sink, floor});
}

/// The sink goes on, beside another: what both send must meet in the engine.
void Tree::close_slot(LocalSink& s, std::uint64_t nth) {
  if (!s.slot.empty()) notices_.push_back(SlotChanged{s.sink, s.slot_epoch.value_or(Epoch{}), nth, {}, false});
  s.slot.clear();
  s.slot_epoch.reset();
}

/// A local sink and local observers may meet without the engine while all that a state of it could do here is to
/// be the next one: its term has sent, nothing drains, nothing newer was heard of.
void Tree::tell_slot(ObjectRecord& o) {
  if (!o.here()->sink) return;
  std::vector<ContractId> observers;
  bool alone = false;
  const bool undisturbed = o.cur && o.cur->target.is_local() && o.sent && !o.passing->drain && !o.here()->former && o.sync && o.has_state() &&
                           o.source.is_local() && o.held().stamp.epoch == o.cur->epoch &&
                           o.heard() == o.cur->epoch && o.floor() == o.held().stamp.version &&
                           o.here()->sink->last_version == o.floor() && o.here()->nth_epoch == o.cur->epoch;
  if (undisturbed) {
    observers.assign(o.here()->observers.begin(), o.here()->observers.end());
    for (const TagRecord* t : o.tags) observers.insert(observers.end(), t->observers.begin(), t->observers.end());
    std::sort(observers.begin(), observers.end());
    observers.erase(std::unique(observers.begin(), observers.end()), observers.end());
    // Who asks for confirmation waits for the engine.
    const auto observing = [](const auto& c) { return c.observes; };
    const bool upward = !is_root() && o.up()->want;
    alone = !upward && !contracts_.at(o.here()->sink->contract).options.confirmation &&
            std::none_of(o.children.begin(), o.children.end(), observing) &&
            std::all_of(o.tags.begin(), o.tags.end(), [&](const TagRecord* t) {
              return std::none_of(t->children.begin(), t->children.end(), observing);
            });
  }
  const Epoch epoch = o.cur ? o.cur->epoch : Epoch{};
  const LocalSink& told = *o.here()->sink;
  if (observers == told.slot && (observers.empty() || (told.slot_epoch == epoch && told.slot_alone == alone))) return;
  LocalSink& sink = *o.edit_here().sink;
  sink.slot = observers;
  sink.slot_alone = alone;
  sink.slot_epoch = epoch;
  notices_.push_back(SlotChanged{sink.sink, epoch, o.here()->nth, std::move(observers), alone});
}

void Tree::decline(SinkId sink, std::string reason, std::chrono::milliseconds retry_after) {
  auto it = sinks_.find(sink);
  if (it == sinks_.end()) return;
  ObjectRecord& o = *it->second;
  const bool former = o.here()->former && o.here()->former->sink.sink == sink;
  const ContractId contract = former ? o.here()->former->sink.contract : o.here()->sink->contract;
  auto& refusals = o.passing.edit().refusals;
  std::erase_if(refusals, [&](const Refusal& r) { return r.target.is_local() && r.contract == contract; });
  refusals.push_back(Refusal{Target::local(), contract, now_ + retry_after, std::move(reason)});
  arm(now_ + retry_after, o);
  if (former)
    end_former(o, EndReason::declined);
  else
    end_sink(o, EndReason::declined);
  touch(o);
}

}  // namespace mla::core
