#include "exchange/core/records.h"

#include <mla/permission.h>

#include <algorithm>

#include "contracts/mutant.h"
#include "contracts/link_table.h"
#include "exchange/core/tree.h"

namespace mla::core {

bool newer(const std::optional<Stamp>& held, const Stamp& offered) {
  if (!held) return true;
  if (offered.epoch < held->epoch && !mutant(Mutant::kEpochNotCompared)) return false;
  if (offered.version > held->version) return true;
  return offered.version == held->version && offered.epoch > held->epoch;
}

bool crossed(const Stamp& came, const std::optional<Stamp>& sent) {
  return sent && newer(came, *sent) && !mutant(Mutant::kCrossingCounts);
}

std::optional<Interval> sooner(const std::optional<Interval>& least, Interval interval) {
  if (!least) return interval;
  return mutant(Mutant::kLargestInterval) ? std::max(*least, interval) : std::min(*least, interval);
}

void ObjectRecord::set_heard(Epoch heard, Version floor) {
  if (heard == held_.stamp.epoch && floor == held_.stamp.version)
    clear(&Beside::above);
  else
    beside_.edit().above.edit() = {heard, std::move(floor)};
}

void ObjectRecord::tidy_here() {
  if (here() && here()->idle()) clear(&Beside::here);
}

void ObjectRecord::clear_up() {
  clear(&Beside::up);
}

PayloadPtr ObjectRecord::hold(Held&& newer, const Epoch& heard) {
  // The next of a term that runs undisturbed: nothing above it was heard of, and it is above the last.
  const bool next = !has_above() && heard == newer.stamp.epoch && newer.stamp.version > held_.stamp.version;
  Version floor = next ? Version() : std::max(this->floor(), newer.stamp.version);
  PayloadPtr before = std::move(held_.payload);
  held_ = std::move(newer);
  if (++number_ == 0) number_ = 1;
  if (!next) set_heard(heard, std::move(floor));
  return before;
}

void ObjectRecord::let_go() {
  if (!has_state()) return;
  // Whoever had an earlier one than this has no newer one.
  for (auto& c : children)
    if (c.has_held != 0) set_known(c, held_.stamp);
  const Epoch heard = this->heard();
  Version floor = this->floor();
  held_ = Held::nothing();
  set_heard(heard, std::move(floor));
}

ObjectRecord::Known ObjectRecord::known_by(const ChildRecord& c) const {
  if (c.has_held == number_ && c.has_held != 0) return {true, false, held_.stamp};
  if (c.has_held != 0) return {false, true, std::nullopt};
  const auto& peer = c.details->peer;
  return {has_state() && peer == held_.stamp, has_state() && newer(peer, held_.stamp), peer};
}

void ObjectRecord::set_known(ChildRecord& c, const std::optional<Stamp>& stamp) const {
  c.has_held = 0;
  if (!stamp && !c.details->peer) return;
  c.details.edit().peer = stamp;
  c.details.tidy();
}

void ObjectRecord::set_known_held(ChildRecord& c, bool exactly) const {
  if (exactly) return set_known(c, held_.stamp);
  if (c.details->peer) set_known(c, std::nullopt);
  c.has_held = number_;
}

void ObjectRecord::remember_known() {
  for (auto& c : children)
    if (c.has_held == number_ && has_state()) set_known(c, held_.stamp);
}

const ObjectPtr& ObjectRecord::descriptor() {
  Here& told = edit_here();
  if (!told.descriptor) told.descriptor = name.descriptor();
  return told.descriptor;
}

const ObjectRecord* Tree::find(std::string_view canonical) const {
  const names::Name* name = names_.find(canonical);
  return name ? name->record : nullptr;
}

ObjectRecord* Tree::find(Handle handle) const {
  const auto it = objects_.find(handle);
  return it == objects_.end() ? nullptr : *it;
}

ObjectRecord& Tree::object(names::Name& name) {
  if (name.record) return *name.record;
  names_.acquire(name);
  auto* const made = new ObjectRecord(name);
  name.record = made;
  ObjectRecord& o = *made;
  objects_.insert(made);
  const ObjectDescriptor descriptor = *ObjectDescriptor::from_canonical(name.canonical());
  o.reserved = is_reserved(descriptor.json());
  for (const auto& t : descriptor.tags()) {
    TagRecord& record = tag(t.json.text());
    record.objects.insert(&o);
    o.reserved |= record.reserved;
    o.tags.push_back(&record);
  }
  reserved_objects_ += o.reserved;
  touch(o);
  return o;
}

TagRecord& Tree::tag(const std::string& canonical) {
  auto& slot = tags_[canonical];
  if (slot) return *slot;
  slot = std::make_unique<TagRecord>();
  slot->canonical = canonical;
  slot->index = TagIndex{next_tag_++};
  slot->reserved = is_reserved(Json::from_canonical(canonical));
  reserved_tags_ += slot->reserved;
  tags_by_index_[slot->index.value] = slot.get();
  return *slot;
}

void Tree::touch(ObjectRecord& o) {
  if (o.touched) return;
  o.touched = true;
  touched_.push_back(o.handle());
  unsettled_ = true;
}

void Tree::touch(TagRecord& t) {
  if (!t.touched) {
    t.touched = true;
    touched_tags_.push_back(t.index);
    unsettled_ = true;
  }
  for (ObjectRecord* o : t.objects) touch(*o);
}

void Tree::erase(ObjectRecord& o) {
  const std::vector<TagRecord*> of(o.tags.begin(), o.tags.end());
  for (TagRecord* t : of) t->objects.erase(&o);
  disarm(o);
  pace_.forget(o.handle());
  wait_no_more(o);
  objects_.erase(&o);
  reserved_objects_ -= o.reserved;
  o.name.record = nullptr;
  names_.release(o.name);
  delete &o;
  for (TagRecord* t : of) erase_if_idle(*t);
}

void Tree::erase_if_idle(TagRecord& t) {
  if (!t.objects.empty() || !t.observers.empty() || !t.exposers.empty() || !t.children.empty()) return;
  if (t.touched || t.told_observes || t.told_exposes) return;  // tell_tag() comes back here
  tags_by_index_.erase(t.index.value);
  reserved_tags_ -= t.reserved;
  tags_.erase(tags_.find(t.canonical));
}

template <class Children>
auto Tree::place_among(Children& children, LinkId link) const {
  const auto i = place_of(children, link, near_, [](const auto& c) { return c.link; });
  return children.begin() + static_cast<std::ptrdiff_t>(i);
}

const ChildRecord* Tree::find_child(const ObjectRecord& o, LinkId link) const {
  const auto at = place_among(o.children, link);
  return at != o.children.end() && at->link == link ? &*at : nullptr;
}

const ChildTag* Tree::find_child(const TagRecord& t, LinkId link) const {
  const auto at = place_among(t.children, link);
  return at != t.children.end() && at->link == link ? &*at : nullptr;
}

ChildRecord* Tree::find_child(ObjectRecord& o, LinkId link) const {
  return const_cast<ChildRecord*>(find_child(static_cast<const ObjectRecord&>(o), link));
}

ChildRecord& Tree::child(ObjectRecord& o, LinkId link) {
  auto at = place_among(o.children, link);
  if (at == o.children.end() || at->link != link) {
    at = o.children.emplace(at);
    at->link = link;
  }
  return *at;
}

void Tree::erase_child(ObjectRecord& o, LinkId link) {
  const auto at = place_among(o.children, link);
  if (at == o.children.end() || at->link != link) return;
  if (at->details->avail && !is_root() && at->details->avail > o.stamp()) o.report = true;  // it cannot be had from here any more
  o.children.erase(at);
}

}  // namespace mla::core
