#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/core/tree.h"

// Confirmation: who asked hears that all observers hold a state or a newer one. Against the way of the states each
// exchange tells one level per object: the newest state that it and all it feeds hold, and how many observe there.
// ARCHITECTURE.md, "Intervals and confirmation".
namespace mla::core {

namespace {

bool covers(const Stamp& held, const Stamp& wanted) { return held == wanted || newer(wanted, held); }

bool reached(const Confirming::Link& l, const Stamp& wanted) { return l.reached && covers(*l.reached, wanted); }

std::vector<Confirming::Link>::iterator place(Confirming& c, LinkId link) {
  return std::lower_bound(c.links.begin(), c.links.end(), link,
                          [](const Confirming::Link& l, LinkId id) { return l.link < id; });
}

std::size_t count_missing(const Confirming& c) {
  return static_cast<std::size_t>(
      std::count_if(c.links.begin(), c.links.end(), [&](const auto& l) { return !reached(l, *c.goal); }));
}

}  // namespace

/// A state was taken; `confirm`: its exposer asks who holds it. `before`: what was held until now.
void Tree::confirm_taken(ObjectRecord& o, bool confirm, const std::optional<Stamp>& before) {
  if (!confirm) {
    o.passing.edit().confirming.reset();
    return;
  }
  const bool first = !o.passing->confirming;
  if (first) o.passing.edit().confirming = std::make_unique<Confirming>();
  // Whoever observes by now is waited for, so links that are new here have what was held before at most.
  find_confirming(o, first ? std::nullopt : before);
}

/// Brings the list of links up to date with who observes. Those that are new are not waited for up to `as_of`.
void Tree::find_confirming(ObjectRecord& o, const std::optional<Stamp>& as_of) {
  Confirming& c = *o.passing->confirming;
  std::vector<LinkId> observing;
  needing_children(o, observing);
  std::erase_if(observing, [&](LinkId link) { return o.source.is(link); });
  if (parent_ && !o.source.is(*parent_) && o.up()->want && has_term(o, o.held().stamp.epoch)) {
    observing.insert(std::upper_bound(observing.begin(), observing.end(), *parent_), *parent_);
  }
  std::erase_if(c.links, [&](const Confirming::Link& l) {
    return !std::binary_search(observing.begin(), observing.end(), l.link);
  });
  for (LinkId link : observing) {
    auto at = place(c, link);
    if (at == c.links.end() || at->link != link) c.links.insert(at, {link, as_of, 0});
  }
}

/// The far side holds nothing of what it confirmed, or may not: it will say anew.
void Tree::unconfirm(ObjectRecord& o, LinkId link) {
  if (!o.passing->confirming) return;
  auto at = place(*o.passing->confirming, link);
  if (at == o.passing->confirming->links.end() || at->link != link) return;
  at->reached.reset();
  at->observers = 0;
}

/// The source said again what is held here; it may have forgotten what it was told.
void Tree::confirm_again(ObjectRecord& o) {
  if (o.passing->confirming) o.passing->confirming->told.reset();
}

void Tree::on_confirmed(LinkId link, names::Name& name, const codec::Confirmed& m) {
  ObjectRecord* found = name.record;
  if (!found || !found->passing->confirming || !found->has_state()) return;
  ObjectRecord& o = *found;
  Confirming& c = *o.passing->confirming;
  auto at = place(c, link);
  const Stamp stamp{m.epoch, m.version};
  // Nobody holds from here what is not held here.
  if (at == c.links.end() || at->link != link || !covers(o.held().stamp, stamp)) return;
  const bool had = c.goal && reached(*at, *c.goal);
  const bool counted = c.told && reached(*at, c.told->stamp);
  const bool other_number = at->observers != m.observers;
  at->reached = stamp;
  at->observers = m.observers;
  if (c.goal && !had && reached(*at, *c.goal) && c.missing > 0) --c.missing;
  // Looking at all links waits until the last one has come, or a number changes that was told.
  const bool number_changes = c.told && reached(*at, c.told->stamp) && (!counted || other_number);
  if (c.missing == 0 || number_changes) tell_confirmed(o);
}

/// Tells the newest state that all behind hold, when it or their number is another than was told. Called whenever a
/// state was taken, a link came or went, or the last one that was waited for has confirmed.
void Tree::tell_confirmed(ObjectRecord& o) {
  if (!o.passing->confirming || !o.has_state()) return;
  Confirming& c = *o.passing->confirming;
  // While it is open whether the parent wants what is written here, nothing is settled (a regent).
  const bool open = parent_ && !o.source.is(*parent_) && !has_term(o, o.held().stamp.epoch);
  std::optional<Stamp> level = o.held().stamp;
  for (const auto& l : c.links) {
    if (mutant(Mutant::kConfirmedAtOnce)) break;
    if (!l.reached) {
      level.reset();
      break;
    }
    if (covers(*l.reached, *level)) continue;
    if (!covers(*level, *l.reached)) {
      level.reset();
      break;
    }
    level = l.reached;
  }
  if (!c.goal || (level && covers(*level, *c.goal))) c.goal = o.held().stamp;
  c.missing = count_missing(c);
  if (!level || open) return;

  Confirming::Told told{.link = {}, .sink = {}, .stamp = *level, .observers = observed_locally(o) ? 1u : 0u};
  for (const auto& l : c.links)
    if (reached(l, *level)) told.observers += l.observers;
  const LocalSink* sink = o.here()->former ? &o.here()->former->sink : o.here()->sink ? &*o.here()->sink : nullptr;
  const bool local = o.source.is_local() && sink && sink->last;
  if (local && level->version < sink->first_version) return;  // the contract that had the object before sent that
  if (local && level->epoch != o.held().stamp.epoch) return;  // a version of another term is not what this sink sent
  if (local)
    told.sink = sink->sink;
  else if (o.source.is_link())
    told.link = o.source.link_id();
  else
    return;
  if (c.told == told) return;
  c.told = told;
  if (local)
    notices_.push_back(Confirmed{told.sink, told.stamp.version, told.observers});
  else if (!mutant(Mutant::kConfirmationNotPassed) || told.link == parent_)
    outbox_.control(told.link, o.name, codec::Confirmed{o.handle(), told.stamp.epoch, told.stamp.version, told.observers});
}

}  // namespace mla::core
