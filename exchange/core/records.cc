#include "exchange/core/records.h"

#include <mla/permission.h>

#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/core/tree.h"

namespace mla::core {

bool newer(const std::optional<Stamp>& held, const Stamp& offered) {
  if (!held) return true;
  if (offered.epoch < held->epoch && !mutant(Mutant::kEpochNotCompared)) return false;
  if (offered.version > held->version) return true;
  return offered.version == held->version && offered.epoch > held->epoch;
}

std::optional<Interval> sooner(const std::optional<Interval>& least, Interval interval) {
  if (!least) return interval;
  return mutant(Mutant::kLargestInterval) ? std::max(*least, interval) : std::min(*least, interval);
}

ObjectRecord* Tree::find(const ObjectPtr& descriptor) {
  auto it = objects_.find(std::string_view(descriptor->canonical()));
  return it == objects_.end() ? nullptr : it->second.get();
}

const ObjectRecord* Tree::find(std::string_view canonical) const {
  auto it = objects_.find(canonical);
  return it == objects_.end() ? nullptr : it->second.get();
}

ObjectRecord& Tree::object(const ObjectPtr& descriptor) {
  if (ObjectRecord* known = find(descriptor)) return *known;
  auto made = std::make_unique<ObjectRecord>();
  ObjectRecord& o = *made;
  o.descriptor = descriptor;
  o.reserved = is_reserved(descriptor->json());
  o.handle = outbox_.acquire(descriptor);
  objects_.emplace(std::string_view(descriptor->canonical()), std::move(made));
  for (const auto& t : descriptor->tags()) {
    TagRecord& record = tag(t.json.text());
    record.objects[o.handle.value] = &o;
    o.reserved |= record.reserved;
    o.tags.push_back(&record);
  }
  reserved_objects_ += o.reserved;
  by_handle_[o.handle.value] = &o;
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
  touched_.push_back(o.handle.value);
}

void Tree::touch(TagRecord& t) {
  if (!t.touched) {
    t.touched = true;
    touched_tags_.push_back(t.index);
  }
  for (auto& [handle, o] : t.objects) touch(*o);
}

void Tree::erase(ObjectRecord& o) {
  const std::vector<TagRecord*> of = o.tags;
  for (TagRecord* t : of) t->objects.erase(o.handle.value);
  disarm(o);
  pace_.forget(o.handle);
  wait_no_more(o);
  by_handle_.erase(o.handle.value);
  reserved_objects_ -= o.reserved;
  outbox_.release(o.handle);
  auto it = objects_.find(std::string_view(o.descriptor->canonical()));
  const std::unique_ptr<ObjectRecord> last = std::move(it->second);  // the key lies inside it
  objects_.erase(it);
  for (TagRecord* t : of) erase_if_idle(*t);
}

void Tree::erase_if_idle(TagRecord& t) {
  if (!t.objects.empty() || !t.observers.empty() || !t.exposers.empty() || !t.children.empty()) return;
  if (t.touched || t.told_observes || t.told_exposes) return;  // tell_tag() comes back here
  tags_by_index_.erase(t.index.value);
  reserved_tags_ -= t.reserved;
  tags_.erase(tags_.find(t.canonical));
}

const ChildRecord* Tree::find_child(const ObjectRecord& o, LinkId link) {
  for (const auto& c : o.children)
    if (c.link == link) return &c;
  return nullptr;
}

ChildRecord* Tree::find_child(ObjectRecord& o, LinkId link) {
  return const_cast<ChildRecord*>(find_child(static_cast<const ObjectRecord&>(o), link));
}

ChildRecord& Tree::child(ObjectRecord& o, LinkId link) {
  if (auto* found = find_child(o, link)) return *found;
  auto at = std::lower_bound(o.children.begin(), o.children.end(), link,
                             [](const ChildRecord& c, LinkId l) { return c.link < l; });
  return *o.children.insert(at, ChildRecord{.link = link});
}

void Tree::erase_child(ObjectRecord& o, LinkId link) {
  std::erase_if(o.children, [&](const ChildRecord& c) { return c.link == link; });
}

}  // namespace mla::core
