#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/core/tree.h"

// The exposer of this exchange that holds a term: which contract, what it publishes, when it is told to stop.
namespace mla::core {

bool Tree::pick_local(ObjectRecord& o) {
  struct Choice {
    ContractId id;
    const Contract* contract;
  };
  std::vector<Choice> all;
  const auto consider = [&](ContractId id) {
    const Contract& c = contracts_.at(id);
    const bool has_it = o.sink && o.sink->contract == id;
    if (refused(o, Target::local(), id)) return;
    if (!has_it && (c.options.capacity == 0 || (c.options.limit && c.assigned >= *c.options.limit))) return;
    all.push_back({id, &c});
  };
  for (ContractId id : o.exposers) consider(id);
  for (const TagRecord* t : o.tags)
    for (ContractId id : t->exposers) consider(id);
  if (all.empty()) {
    end_sink(o, EndReason::handed_over);
    return false;
  }
  const auto key = [&](const Choice& c) {
    const auto& options = c.contract->options;
    const bool has_it = o.sink && o.sink->contract == c.id;
    const double load = static_cast<double>(c.contract->assigned) / std::max<double>(options.capacity, 1);
    return std::tuple(options.capacity == 0, -static_cast<std::int64_t>(options.priority), !has_it && !mutant(Mutant::kNotSticky), load,
                      c.id);
  };
  const Choice& best =
      *std::min_element(all.begin(), all.end(), [&](auto& a, auto& b) { return key(a) < key(b); });
  if (o.sink && o.sink->contract == best.id) return true;

  end_sink(o, EndReason::handed_over);
  Contract& contract = contracts_.at(best.id);
  ++contract.assigned;
  o.sink = LocalSink{.contract = best.id, .sink = SinkId{next_sink_++}};
  sinks_[o.sink->sink] = &o;
  const Term& term = o.cur && o.cur->target.is_local() ? *o.cur : *o.drain;
  notices_.push_back(Elected{best.id, o.sink->sink, o.descriptor, term.epoch, o.floor,
                             o.held ? std::optional(state_of(o)) : std::nullopt});
  return false;
}

void Tree::end_sink(ObjectRecord& o, EndReason reason) {
  if (!o.sink) return;
  const LocalSink s = *o.sink;
  o.sink.reset();
  sinks_.erase(s.sink);
  if (auto it = contracts_.find(s.contract); it != contracts_.end()) --it->second.assigned;
  notices_.push_back(Withdrawn{s.contract, s.sink, o.descriptor, reason});
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
  const PublishOutcome outcome =
      publish_local(o, std::move(payload), std::move(version), own_version, sends, false);
  const Version answer = outcome == PublishOutcome::accepted ? o.held->stamp.version
                         : o.held                            ? std::max(o.floor, o.held->stamp.version)
                                                             : o.floor;
  notices_.push_back(Published{sink, outcome, answer});
  touch(o);
}

/// `again`: not a new state but the last one under a new term or above a new floor.
PublishOutcome Tree::publish_local(ObjectRecord& o, PayloadPtr payload, std::optional<Version> version,
                                   bool own_version, std::uint64_t sends, bool again) {
  const Term* term = o.cur && o.cur->target.is_local()       ? &*o.cur
                     : o.drain && o.drain->target.is_local() ? &*o.drain
                                                             : nullptr;
  if (!term || !o.sink) return PublishOutcome::ended;
  const Epoch epoch = term->epoch;
  Version floor = o.held ? std::max(o.floor, o.held->stamp.version) : o.floor;
  if (mutant(Mutant::kNoFloor)) floor = o.held ? o.held->stamp.version : Version{};
  const bool first = !(o.held && o.held->stamp.epoch == epoch);

  if (!own_version) {
    const bool usable = version && (*version > floor || (first && *version == floor && !floor.empty()));
    if (!usable) {
      const Version least{static_cast<std::int64_t>(epoch.counter), 0};
      version = floor.empty() ? least : std::max(least, floor.next());
    }
  }
  if (*version < floor || (*version == floor && !first)) {
    note_stale(o, floor);
    return PublishOutcome::stale;
  }
  if (!newer(o.stamp(), Stamp{epoch, *version})) {  // a newer term has written already; ours is about to end
    note_stale(o, floor);
    return PublishOutcome::stale;
  }
  if (o.nth_epoch != epoch || mutant(Mutant::kNthNotCounted)) {
    o.nth_epoch = epoch;
    o.nth = 0;
  }
  o.nth += again || mutant(Mutant::kSendsNotCounted) ? 1 : std::max<std::uint64_t>(sends, 1);
  o.sink->last = payload;
  o.sink->last_version = *version;
  o.sink->own_version = own_version;
  o.sink->stale.reset();
  const SinkId sink = o.sink->sink;
  const bool confirm = contracts_.at(o.sink->contract).options.confirmation;
  take(o, Held{{epoch, std::move(*version)}, o.nth, std::move(payload)}, confirm, std::nullopt, Target::local());
  if (again && o.sink) notices_.push_back(TermChanged{sink, epoch, o.floor, true});
  return PublishOutcome::accepted;
}

void Tree::note_stale(ObjectRecord& o, const Version& floor) {
  if (o.sink->stale && *o.sink->stale >= floor) return;
  o.sink->stale = floor;
  notices_.push_back(SinkStale{o.sink->sink, floor});
}

void Tree::decline(SinkId sink, std::string reason, std::chrono::milliseconds retry_after) {
  auto it = sinks_.find(sink);
  if (it == sinks_.end()) return;
  ObjectRecord& o = *it->second;
  const ContractId contract = o.sink->contract;
  std::erase_if(o.refusals, [&](const Refusal& r) { return r.target.is_local() && r.contract == contract; });
  o.refusals.push_back(Refusal{Target::local(), contract, now_ + retry_after, std::move(reason)});
  arm(now_ + retry_after, o);
  end_sink(o, EndReason::declined);
  touch(o);
}

}  // namespace mla::core
