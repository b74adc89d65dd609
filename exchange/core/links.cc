#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/core/tree.h"

// Links that become ready and links that are lost; time.
namespace mla::core {

Tree::Tree(NodeId node, const Limits& limits, names::Names& names, Outbox& outbox, Notices& notices)
    : outbox_(outbox), notices_(notices), node_(node), limits_(limits), names_(names), path_{node} {}
Tree::~Tree() {
  for (ObjectRecord* o : objects_) delete o;
}

void Tree::child_ready(LinkId link) {
  children_[link] = ChildLink{.id = link};
}

std::size_t Tree::tags_of(LinkId link) const {
  auto it = children_.find(link);
  return it == children_.end() ? 0 : it->second.tags;
}

bool Tree::has_tag(LinkId link, const std::string& canonical) const {
  auto it = tags_.find(canonical);
  return it != tags_.end() && std::any_of(it->second->children.begin(), it->second->children.end(),
                                          [&](const ChildTag& c) { return c.link == link; });
}

void Tree::child_down(LinkId link) {
  if (!children_.erase(link)) return;
  pace_.forget(link);
  std::vector<TagRecord*> tags;
  for (auto& [index, t] : tags_by_index_)
    if (std::any_of(t->children.begin(), t->children.end(),
                    [&](const ChildTag& c) { return c.link == link; }))
      tags.push_back(t);
  for (TagRecord* t : tags) {
    std::erase_if(t->children, [&](const ChildTag& c) { return c.link == link; });
    touch(*t);
  }
  for (ObjectRecord* o : objects_) {
    const bool knew = find_child(*o, link) != nullptr;
    erase_child(*o, link);
    erase_in(o->passing, &Passing::refusals, [&](const Refusal& r) { return r.target.is(link); });
    if (!knew && !o->source.is(link) && !o->writes(Target::link(link))) continue;
    unsync(*o, Target::link(link));
    touch(*o);
  }
}

void Tree::parent_ready(LinkId link, const std::vector<NodeId>& path) {
  parent_ = link;
  for (ObjectRecord* o : objects_) {
    o->assigned = false;
    o->report = true;
    if (o->passing->again) o->passing.edit().again.reset();
    o->clear_up();
    touch(*o);
  }
  for (auto& [index, t] : tags_by_index_) touch(*t);
  on_path(path);
}

void Tree::parent_down() {
  if (!parent_) return;
  const LinkId link = *parent_;
  parent_.reset();
  pace_.forget(link);
  for (ObjectRecord* o : objects_) {
    o->assigned = false;
    o->pulled = false;
    o->clear_up();
    if (mutant(Mutant::kTermsEndWithTheParent)) drop_roles(*o, EndReason::handed_over);
    if (o->has_state()) {
      // A regent that had its own state back from above: its writer below is there, but will not say so again by itself.
      if (o->cur && o->sent && o->source.is(link) && o->cur->epoch == o->held().stamp.epoch) o->remint = true;
      if (!mutant(Mutant::kStaleNotSet)) unsync(*o, Target::link(link));
      o->kept = true;
    }
    touch(*o);
  }
  for (auto& [index, t] : tags_by_index_) touch(*t);
  set_path({node_});
}

void Tree::set_node(NodeId node) {
  std::vector<NodeId> path = path_;
  path.back() = node;
  node_ = node;
  set_path(std::move(path));
}

void Tree::arm(std::optional<Instant> at, ObjectRecord& o) {
  if (!at || *at <= now_ || (o.passing->armed && *o.passing->armed <= *at)) return;
  disarm(o);
  o.passing.edit().armed = at;
  deadlines_.emplace(*at, o.handle());
}

void Tree::disarm(ObjectRecord& o) {
  if (!o.passing->armed) return;
  deadlines_.erase({*o.passing->armed, o.handle()});
  o.passing.edit().armed.reset();
}

namespace {

/// All times that an object waits for.
void each_time(const ObjectRecord& o, const auto& f) {
  if (o.passing->handover_by) f(*o.passing->handover_by);
  if (o.passing->linger_until) f(*o.passing->linger_until);
  if (o.here()->former) f(o.here()->former->until);
  for (const auto& e : o.passing->avoid) f(e.until);
  for (const auto& r : o.passing->refusals) f(r.until);
}

bool waits_for_a_time(const ObjectRecord& o) {
  bool waits = false;
  each_time(o, [&](Instant) { waits = true; });
  return waits;
}

}  // namespace

/// One deadline an object, the next of all it waits for: the others are set when that one has come.
void Tree::arm_next(ObjectRecord& o) {
  each_time(o, [&](Instant at) { arm(at, o); });
}

/// What nobody waits for any more need not wake us.
void Tree::disarm_idle(ObjectRecord& o) {
  if (!waits_for_a_time(o)) disarm(o);
}

std::optional<Instant> Tree::next_deadline() const {
  std::optional<Instant> next = balance_at_;
  if (!deadlines_.empty() && (!next || deadlines_.begin()->first < *next)) next = deadlines_.begin()->first;
  if (const auto pace = pace_.next(); pace && (!next || *pace < *next)) next = pace;
  return next;
}

/// A deadline may have lost its reason by the time it comes: another of the object's is later.
bool Tree::due(const ObjectRecord& o) const {
  bool over = false;
  each_time(o, [&](Instant at) { over |= at <= now_; });
  return over;
}

void Tree::on_deadline() {
  if (balance_at_ && *balance_at_ <= now_) {
    balance_at_.reset();
    balance();
  }
  for (const auto& [handle, link] : pace_.due(now_))
    if (ObjectRecord* o = find(handle); o && !mutant(Mutant::kHeldBackForGood)) outbox_.mark(link, o->name);
  while (!deadlines_.empty() && deadlines_.begin()->first <= now_) {
    ObjectRecord& o = *find(deadlines_.begin()->second);
    disarm(o);
    if (due(o)) {
      touch(o);
    } else {
      arm_next(o);
      tidy(o);
    }
  }
}

}  // namespace mla::core
