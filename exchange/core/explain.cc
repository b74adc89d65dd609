#include "exchange/core/explain.h"

#include <algorithm>

#include "exchange/core/offers.h"
#include "exchange/core/tree.h"

// Read only: what was decided, and from what.
namespace mla::core {

std::string_view to_string(Explanation::Reason reason) {
  switch (reason) {
    case Explanation::Reason::declined:
      return "declined";
    case Explanation::Reason::no_capacity:
      return "no_capacity";
    case Explanation::Reason::at_limit:
      return "at_limit";
  }
  return "unknown";
}

namespace {
std::chrono::milliseconds between(Instant from, Instant to) {
  return std::max(std::chrono::milliseconds(0),
                  std::chrono::duration_cast<std::chrono::milliseconds>(to - from));
}
}  // namespace

std::optional<Explanation::Term> Tree::current_term(const ObjectRecord& o) const {
  if (!o.cur) return std::nullopt;
  return Explanation::Term{o.cur->epoch, o.cur->target, between(o.cur->since, now_), o.sent, o.assigned};
}

void Tree::explain_left_out(const ObjectRecord& o, Explanation& e) const {
  const auto refusal = [&](const Target& target, ContractId contract) -> const Refusal* {
    for (const auto& r : o.passing->refusals)
      if (r.until > now_ && r.target == target && (!target.is_local() || r.contract == contract) && stands(r))
        return &r;
    return nullptr;
  };
  const auto add = [&](const Target& target, ContractId contract, Explanation::Reason reason) {
    e.left_out.push_back({target, contract, reason, {}, {}});
  };
  const auto look = [&](const Target& target, ContractId contract, std::uint32_t capacity, bool full,
                        bool has_it) {
    const Refusal* r = refusal(target, contract);
    if (r && r->room)
      add(target, contract, Explanation::Reason::at_limit);
    else if (r)
      e.left_out.push_back(
          {target, contract, Explanation::Reason::declined, r->reason, between(now_, r->until)});
    else if (!has_it && capacity == 0)
      add(target, contract, Explanation::Reason::no_capacity);
    else if (!has_it && full)
      add(target, contract, Explanation::Reason::at_limit);
  };
  const auto own = [&](ContractId id) {
    const Contract& c = contracts_.at(id);
    look(Target::local(), id, c.options.capacity, c.full(),
         o.here()->sink && o.here()->sink->contract == id);
  };
  for (ContractId id : o.here()->exposers) own(id);
  for (const TagRecord* t : o.tags)
    for (ContractId id : t->exposers) own(id);

  std::map<LinkId, std::uint64_t> links;  // that expose it, with the capacity of all their offers
  for (const auto& c : o.children)
    if (const auto exposes = c.exposes()) links[c.link] += exposes->capacity;
  for (const TagRecord* t : o.tags)
    for (const auto& c : t->children)
      if (c.exposes) links[c.link] += c.exposes->capacity;
  for (const auto& [link, capacity] : links) {
    const bool is_candidate = std::any_of(e.candidates.begin(), e.candidates.end(),
                                          [id = link](const auto& c) { return c.target.is(id); });
    look(Target::link(link), {}, capacity > 0 ? 1 : 0, false, is_candidate);
  }
}

Explanation Tree::explain(const ObjectDescriptor& object) const {
  Explanation e;
  e.root = is_root();
  e.rebalance_percent = limits_.rebalance_percent;
  const ObjectRecord* found = find(object.canonical());
  if (!found) return e;
  const ObjectRecord& o = *found;
  e.known = true;
  const Liveness live = liveness(o);
  e.observed = live.observed;
  e.exposed = live.exposed;
  e.needed_by_tag = live.by_tag;
  e.live = live.live();
  e.standing = standing(o);
  e.current = current_term(o);
  if (o.passing->drain)
    e.draining = Explanation::Term{o.passing->drain->epoch, o.passing->drain->target, between(o.passing->drain->since, now_), true, false};
  if (o.cur && !o.sent && o.passing->handover_by) e.must_start_in = between(now_, *o.passing->handover_by);

  std::vector<Candidate> all = candidates(o);
  while (!all.empty()) {
    const auto best = all.begin() + (choose(o, all) - all.data());
    Explanation::Candidate c{best->target, best->exposure, {}, 0, load(*best), {}};
    if (best->charge.tag.value) c.tag = tags_by_index_.at(best->charge.tag.value)->canonical;
    const auto& charged =
        best->target.is_local() ? charged_locally_ : children_.at(best->target.link_id()).charged;
    if (auto it = charged.find(best->charge); it != charged.end()) c.assigned = it->second;
    for (const auto& x : o.passing->avoid)
      if (x.target == best->target && x.until > now_) c.avoided = between(now_, x.until);
    e.candidates.push_back(std::move(c));
    all.erase(best);
  }
  explain_left_out(o, e);

  e.local_observers = o.here()->observers.size();
  for (const TagRecord* t : o.tags) e.local_observers += t->observers.size();
  needing_children(o, e.observing_links);
  e.state = o.stamp();
  e.source = o.source;
  e.floor = o.floor();
  return e;
}

bool Tree::visit_objects(std::optional<Handle> after,
                         const std::function<bool(const ObjectLine&)>& f) const {
  for (auto it = after ? objects_.upper_bound(*after) : objects_.begin(); it != objects_.end(); ++it) {
    const ObjectRecord& o = **it;
    const Liveness live = liveness(o);
    if (!f({o.handle(), o.name.descriptor(), live.live(), live.observed, live.exposed, standing(o), current_term(o),
            o.stamp()}))
      return false;
  }
  return true;
}

bool Tree::visit_tags(std::optional<TagIndex> after,
                      const std::function<bool(const TagLine&)>& f) const {
  for (auto it = after ? tags_by_index_.upper_bound(after->value) : tags_by_index_.begin();
       it != tags_by_index_.end(); ++it) {
    const TagRecord& t = *it->second;
    TagLine line{t.index, t.canonical, t.reserved, t.objects.size(), t.observers.size(), t.exposers.size(), {}};
    Offers sum;
    for (ContractId id : t.exposers) sum.add(offer_of(contracts_.at(id).options));
    for (const auto& c : t.children) {
      line.observing += c.observes;
      line.exposing += c.exposes.has_value();
      if (c.exposes) sum.add(*c.exposes);
    }
    line.exposure = sum.best;
    if (!f(line)) return false;
  }
  return true;
}

}  // namespace mla::core
