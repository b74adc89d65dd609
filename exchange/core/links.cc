#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/core/tree.h"

// Links that become ready and links that are lost; time.
namespace mla::core {

Tree::Tree(NodeId node, const Limits& limits, Outbox& outbox, Notices& notices)
    : node_(node), limits_(limits), outbox_(outbox), notices_(notices), path_{node} {}
Tree::~Tree() = default;

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
  for (auto& [handle, o] : by_handle_) {
    const bool knew = find_child(*o, link) != nullptr;
    erase_child(*o, link);
    std::erase_if(o->refusals, [&](const Refusal& r) { return r.target.is(link); });
    const auto holds = [&](const std::optional<Term>& t) { return t && t->target.is(link); };
    if (!knew && !o->source.is(link) && !holds(o->cur) && !holds(o->drain)) continue;
    unsync(*o, Target::link(link));
    touch(*o);
  }
}

void Tree::parent_ready(LinkId link, const std::vector<NodeId>& path) {
  parent_ = link;
  for (auto& [handle, o] : by_handle_) {
    o->assigned = false;
    o->report = true;
    o->again.reset();
    o->up = ParentRecord{};
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
  for (auto& [handle, o] : by_handle_) {
    o->assigned = false;
    o->pulled = false;
    o->up = ParentRecord{};
    if (mutant(Mutant::kTermsEndWithTheParent)) drop_roles(*o, EndReason::handed_over);
    if (o->held) {
      // A regent that had its own state back from above: its writer below is there, but will not say so again by itself.
      if (o->cur && o->sent && o->source.is(link) && o->cur->epoch == o->held->stamp.epoch) o->remint = true;
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
  if (!at || *at <= now_ || (o.armed && *o.armed <= *at)) return;
  disarm(o);
  o.armed = at;
  deadlines_.emplace(*at, o.handle.value);
}

void Tree::disarm(ObjectRecord& o) {
  if (o.armed) deadlines_.erase({*o.armed, o.handle.value});
  o.armed.reset();
}

/// One deadline an object, the next of all it waits for: the others are set when that one has come.
void Tree::arm_next(ObjectRecord& o) {
  arm(o.handover_by, o);
  arm(o.linger_until, o);
  if (o.former) arm(o.former->until, o);
  for (const auto& e : o.avoid) arm(e.until, o);
  for (const auto& r : o.refusals) arm(r.until, o);
}

std::optional<Instant> Tree::next_deadline() const {
  std::optional<Instant> next = balance_at_;
  if (!deadlines_.empty() && (!next || deadlines_.begin()->first < *next)) next = deadlines_.begin()->first;
  if (const auto pace = pace_.next(); pace && (!next || *pace < *next)) next = pace;
  return next;
}

/// Most deadlines have lost their reason by the time they come: the hand-over was quick.
bool Tree::due(const ObjectRecord& o) const {
  const auto over = [&](const auto& x) { return x.until <= now_; };
  return (o.handover_by && *o.handover_by <= now_) || (o.linger_until && *o.linger_until <= now_) ||
         (o.former && o.former->until <= now_) || std::any_of(o.avoid.begin(), o.avoid.end(), over) ||
         std::any_of(o.refusals.begin(), o.refusals.end(), over);
}

void Tree::on_deadline() {
  if (balance_at_ && *balance_at_ <= now_) {
    balance_at_.reset();
    balance();
  }
  for (const auto& [handle, link] : pace_.due(now_))
    if (!mutant(Mutant::kHeldBackForGood)) outbox_.mark(link, handle);
  while (!deadlines_.empty() && deadlines_.begin()->first <= now_) {
    ObjectRecord& o = *by_handle_.at(deadlines_.begin()->second);
    disarm(o);
    if (due(o))
      touch(o);
    else
      arm_next(o);
  }
}

}  // namespace mla::core
