#include <algorithm>

#include "exchange/core/tree.h"

// Exposers with a limit: who finds one full waits, and is looked at again when room comes, one for each that leaves.
//
// A child says so by GIVEUP. That room has come there it does not say: its parent ends the terms, or is told that they
// ended. Should there be room that it cannot know of, it asks again after a while.
namespace mla::core {

/// Is somebody at a limit all that keeps it from being produced?
bool Tree::waits_for_room(const ObjectRecord& o) const {
  if (std::any_of(o.passing->refusals.begin(), o.passing->refusals.end(),
                  [&](const Refusal& r) { return r.room && r.until > now_ && stands(r); }))
    return true;
  const auto full = [&](ContractId id) {
    const Contract& c = contracts_.at(id);
    return c.options.capacity > 0 && c.full() && !refused(o, Target::local(), id);
  };
  if (std::any_of(o.here()->exposers.begin(), o.here()->exposers.end(), full)) return true;
  return std::any_of(o.tags.begin(), o.tags.end(), [&](const TagRecord* t) {
    return std::any_of(t->exposers.begin(), t->exposers.end(), full);
  });
}

/// Would more of this link's be given back?
bool Tree::at_limit(LinkId link, const Charge& charge) const {
  const auto child = children_.find(link);
  if (child == children_.end()) return false;
  const auto it = child->second.full.find(charge);
  return it != child->second.full.end() && it->second == child->second.room;
}

/// Before it is decided about: the contracts here that are at their limit, whoever has it now.
void Tree::note_waiting(ObjectRecord& o) {
  for (const TagRecord* t : o.tags)
    for (ContractId id : t->exposers) {
      Contract& c = contracts_.at(id);
      const bool has_it = o.here()->written_by(id);
      if (c.full() && !has_it)
        c.waiting.insert(o.handle());
      else
        c.waiting.erase(o.handle());
    }
}

void Tree::found_full(ObjectRecord& o, LinkId link, Instant until) {
  constexpr std::chrono::milliseconds kLeast{100};
  until = std::max(until, now_ + kLeast);
  ChildLink& c = children_.at(link);
  forget_refusals(o, link);
  o.passing.edit().refusals.push_back(Refusal{Target::link(link), {}, until, {}, c.room});
  arm(until, o);
  if (o.cur && o.cur->target.is(link)) c.full[o.cur->charge] = c.room;
  c.waiting.insert(o.handle());
}

/// Those of a link, or those that are over.
void Tree::forget_refusals(ObjectRecord& o, std::optional<LinkId> of) {
  erase_in(o.passing, &Passing::refusals, [&](const Refusal& r) {
    if (of ? !r.target.is(*of) : r.until > now_) return false;
    if (const auto it = children_.find(r.target.link_id()); r.room && it != children_.end())
      it->second.waiting.erase(o.handle());
    return true;
  });
}

/// A term has ended there, or who exposes there has changed.
void Tree::room_made(LinkId link) {
  const auto it = children_.find(link);
  if (it == children_.end()) return;
  ChildLink& c = it->second;
  ++c.room;
  c.full.clear();
  while (!c.waiting.empty()) {
    ObjectRecord* const o = find(*c.waiting.begin());
    c.waiting.erase(c.waiting.begin());
    if (!o) continue;
    touch(*o);
    return;
  }
}

/// It was at its limit, and lets go of an object.
void Tree::has_room(ContractId contract) {
  roomy_.push_back(contract);
  unsettled_ = true;
}

/// After all that happened was decided about: true when a local contract with room has another to look at.
bool Tree::serve_waiting() {
  while (!roomy_.empty()) {
    const auto it = contracts_.find(roomy_.back());
    if (it == contracts_.end() || it->second.full() || it->second.waiting.empty()) {
      roomy_.pop_back();
      continue;
    }
    std::set<Handle>& waiting = it->second.waiting;
    ObjectRecord* const o = find(*waiting.begin());
    waiting.erase(waiting.begin());
    if (!o) continue;
    touch(*o);
    return true;
  }
  return false;
}

/// The record goes.
void Tree::wait_no_more(ObjectRecord& o) {
  for (const TagRecord* t : o.tags)
    for (ContractId id : t->exposers) contracts_.at(id).waiting.erase(o.handle());
  for (const Refusal& r : o.passing->refusals)
    if (const auto it = children_.find(r.target.link_id()); r.room && it != children_.end())
      it->second.waiting.erase(o.handle());
}

std::size_t Tree::waiting_count() const {
  std::size_t sum = 0;
  for (const auto& [id, c] : contracts_) sum += c.waiting.size();
  for (const auto& [link, c] : children_) sum += c.waiting.size();
  return sum;
}

}  // namespace mla::core
