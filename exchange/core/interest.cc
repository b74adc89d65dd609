#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/core/offers.h"
#include "exchange/core/tree.h"

// Who needs an object, who can expose it: sums over this exchange's contracts and its child links.
namespace mla::core {

bool Tree::child_needs(LinkId link, const ObjectRecord& o) const {
  return interval_behind(link, o).has_value();
}

/// How often a link must carry the object: as often as who asks for the most of those behind it. None: nobody
/// needs it.
std::optional<Interval> Tree::interval_behind(LinkId link, const ObjectRecord& o) const {
  return interval_behind(link, o, find_child(o, link));
}

/// `by_object`: what is known of that link and the object, if anything.
std::optional<Interval> Tree::interval_behind(LinkId link, const ObjectRecord& o, const ChildRecord* by_object) const {
  std::optional<Interval> least;
  if (by_object && by_object->observes) least = by_object->details->interval;
  for (const TagRecord* t : o.tags) {
    if (least && least->count() == 0) break;
    if (const auto* c = find_child(*t, link); c && c->observes) least = sooner(least, c->interval);
  }
  return least;
}

/// The same for all observers here and behind the links but `target`, those above included.
std::optional<Interval> Tree::wanted_from(const ObjectRecord& o, LinkId target) const {
  std::optional<Interval> least;
  if (!is_root() && o.up()->want) least = o.up()->want_interval;
  for (ContractId id : o.here()->observers) least = sooner(least, contracts_.at(id).options.min_interval);
  for (const auto& c : o.children)
    if (c.observes && c.link != target) least = sooner(least, c.details->interval);
  for (const TagRecord* t : o.tags) {
    for (ContractId id : t->observers) least = sooner(least, contracts_.at(id).options.min_interval);
    for (const auto& c : t->children)
      if (c.observes && c.link != target) least = sooner(least, c.interval);
  }
  if (!least && mutant(Mutant::kAlwaysWanted)) least = Interval(0);
  return least;
}

/// By object; who observes by tag is told of with the tag.
Interval Tree::interval_upward(const ObjectRecord& o) const {
  std::optional<Interval> least;
  for (ContractId id : o.here()->observers) least = sooner(least, contracts_.at(id).options.min_interval);
  for (const auto& c : o.children)
    if (c.observes) least = sooner(least, c.details->interval);
  return least.value_or(Interval(0));
}

/// What its source was asked for: not more often than that its states come.
Interval Tree::interval_of_feed(const ObjectRecord& o) const {
  if (!o.source.is_link()) return {};
  if (const auto* c = find_child(o, o.source.link_id()))
    return c->want().value_or(false) ? c->details->want_interval : Interval(0);
  if (parent_ != o.source.link_id()) return {};
  std::optional<Interval> told;
  if (o.up()->told && o.up()->observes) told = o.up()->interval;
  for (const TagRecord* t : o.tags)
    if (t->told_observes) told = sooner(told, t->told_interval);
  return told.value_or(Interval(0));
}

bool Tree::observed_locally(const ObjectRecord& o) const {
  if (!o.here()->observers.empty()) return true;
  for (const TagRecord* t : o.tags)
    if (!t->observers.empty()) return true;
  return false;
}

bool Tree::need(const ObjectRecord& o, std::optional<LinkId> except) const {
  if (observed_locally(o)) return true;
  for (const auto& c : o.children)
    if (c.observes && c.link != except) return true;
  for (const TagRecord* t : o.tags)
    for (const auto& c : t->children)
      if (c.observes && c.link != except) return true;
  return false;
}

/// In order, each once.
void Tree::needing_children(const ObjectRecord& o, std::vector<LinkId>& links) const {
  links.clear();
  for (const auto& c : o.children)
    if (c.observes) links.push_back(c.link);
  const std::size_t by_object = links.size();
  for (const TagRecord* t : o.tags)
    for (const auto& c : t->children)
      if (c.observes) links.push_back(c.link);
  if (mutant(Mutant::kStatesEverywhere))
    for (const auto& [link, c] : children_) links.push_back(link);
  if (links.size() == by_object) return;  // in order, as the records are
  std::sort(links.begin(), links.end());
  links.erase(std::unique(links.begin(), links.end()), links.end());
}

Tree::Liveness Tree::liveness(const ObjectRecord& o) const {
  Liveness live;
  live.observed = !o.here()->observers.empty() || (o.here()->sink && mutant(Mutant::kOwnSinkObserves));
  live.exposed = !o.here()->exposers.empty();
  for (const auto& c : o.children) {
    if (mutant(Mutant::kSumForgetsAChild) && o.children.size() > 1 && &c == &o.children.back()) continue;
    live.observed |= c.observes;
    live.exposed |= c.exposes().has_value();
  }
  for (const TagRecord* t : o.tags) {
    live.by_tag |= !t->observers.empty();
    for (const auto& c : t->children) live.by_tag |= c.observes;
  }
  return live;
}

/// Was it for a limit, and has room been made since?
bool Tree::stands(const Refusal& r) const {
  if (!r.room) return true;
  const auto it = children_.find(r.target.link_id());
  return it != children_.end() && it->second.room == *r.room;
}

bool Tree::refused(const ObjectRecord& o, const Target& target, ContractId contract) const {
  return std::any_of(o.passing->refusals.begin(), o.passing->refusals.end(), [&](const Refusal& r) {
    return r.until > now_ && r.target == target && (!target.is_local() || r.contract == contract) && stands(r);
  });
}

/// May this contract of this exchange have the object, or go on with it?
bool Tree::may_have(const ObjectRecord& o, ContractId id) const {
  if (refused(o, Target::local(), id)) return false;
  const Contract& c = contracts_.at(id);
  return o.here()->written_by(id) || (c.options.capacity > 0 && !c.full());
}

std::optional<Exposure> Tree::object_exposure(const ObjectRecord& o) const {
  Offers sum;
  for (ContractId id : o.here()->exposers) sum.add(offer_of(contracts_.at(id).options));
  for (const auto& c : o.children)
    if (const auto exposes = c.exposes()) sum.add(*exposes);
  return sum.best;
}

/// A writer here or below that takes nothing new but goes on: where trees merge, the root must know of it.
bool Tree::held_without_capacity(const ObjectRecord& o) const {
  if (o.here()->sink && contracts_.at(o.here()->sink->contract).options.capacity == 0) return true;
  return std::any_of(o.children.begin(), o.children.end(), [](const ChildRecord& c) { return c.holds; });
}

std::vector<Candidate> Tree::candidates(const ObjectRecord& o) const {
  std::vector<Candidate> result;
  const auto holds = [&](const Target& t) {
    if (o.writes(t)) return true;
    const auto* r = t.is_link() ? find_child(o, t.link_id()) : nullptr;
    return r && r->holds;
  };
  // Capacity 0 takes nothing new, but goes on with what it has until another can.
  const auto offer = [&](const Target& t, const Offers& sum) {
    if (sum.best && (sum.best->capacity > 0 || holds(t))) result.push_back({t, *sum.best, sum.charge});
  };

  Offers own;
  const auto add_own = [&](ContractId id, const Charge& charge) {
    if (may_have(o, id)) own.add(offer_of(contracts_.at(id).options), charge);
  };
  // What the system says of itself counts as nobody's load.
  const Charge by_object = o.reserved && !o.tags.empty() ? Charge{o.tags.front()->index} : Charge{};
  for (ContractId id : o.here()->exposers) add_own(id, by_object);
  for (const TagRecord* t : o.tags)
    for (ContractId id : t->exposers) add_own(id, {t->index});
  offer(Target::local(), own);

  std::map<LinkId, Offers> links;
  for (const auto& c : o.children)
    if (const auto exposes = c.exposes()) links[c.link].add(*exposes, by_object);
  for (const TagRecord* t : o.tags)
    for (const auto& c : t->children)
      if (c.exposes) links[c.link].add(*c.exposes, {t->index});
  for (const auto& [link, sum] : links)
    if (!refused(o, Target::link(link), {})) offer(Target::link(link), sum);
  return result;
}

}  // namespace mla::core
