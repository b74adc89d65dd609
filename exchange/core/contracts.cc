#include <algorithm>

#include "exchange/core/tree.h"

// Contracts of this exchange: they come, change and go.
namespace mla::core {

void Tree::open(ContractId id, ContractKind kind, names::Name* name,
                const TagDescriptor& tag_descriptor, const ContractOptions& options) {
  Contract c{.id = id, .kind = kind, .options = options};
  if (!observes(kind)) exposers_changed();
  if (by_tag(kind)) {
    TagRecord& t = tag(tag_descriptor.json.text());
    c.tag = &t;
    (observes(kind) ? t.observers : t.exposers).push_back(id);
    contracts_[id] = c;
    for (ObjectRecord* o : t.objects) {
      if (observes(kind))
        deliver_to(*o, id);
      else
        erase_in(o->passing, &Passing::avoid, [](const Exclusion& e) { return e.target.is_local(); });
    }
    touch(t);
  } else {
    ObjectRecord& o = object(*name);
    c.object = &o;
    (observes(kind) ? o.edit_here().observers : o.edit_here().exposers).push_back(id);
    contracts_[id] = c;
    if (observes(kind))
      deliver_to(o, id);
    else
      erase_in(o.passing, &Passing::avoid, [](const Exclusion& e) { return e.target.is_local(); });
    touch(o);
  }
}

void Tree::drop(ContractId id, EndReason reason) {
  auto it = contracts_.find(id);
  if (it == contracts_.end()) return;
  const Contract c = it->second;
  const auto leave = [&](ObjectRecord& o) {
    if (o.here()->sink && o.here()->sink->contract == id) end_sink(o, reason);
    if (o.here()->former && o.here()->former->sink.contract == id) end_former(o, reason);
    if (o.here()) drop_if(o.edit_here().delivered, [&](const Delivered& d) { return d.contract == id; });
    erase_in(o.passing, &Passing::refusals, [&](const Refusal& r) { return r.target.is_local() && r.contract == id; });
    touch(o);
  };
  if (c.tag) {
    std::erase(observes(c.kind) ? c.tag->observers : c.tag->exposers, id);
    for (ObjectRecord* o : c.tag->objects) leave(*o);
    contracts_.erase(it);
    touch(*c.tag);
  } else {
    Here& here = c.object->edit_here();
    drop_if(observes(c.kind) ? here.observers : here.exposers, [&](ContractId one) { return one == id; });
    leave(*c.object);
    contracts_.erase(it);
  }
}

void Tree::set_capacity(ContractId id, std::uint32_t capacity) {
  auto it = contracts_.find(id);
  if (it == contracts_.end()) return;
  it->second.options.capacity = capacity;
  exposers_changed();
  if (it->second.tag)
    touch(*it->second.tag);
  else
    touch(*it->second.object);
}

void Tree::set_min_interval(ContractId id, Interval interval) {
  auto it = contracts_.find(id);
  if (it == contracts_.end()) return;
  it->second.options.min_interval = interval;
  if (it->second.tag)
    touch(*it->second.tag);
  else
    touch(*it->second.object);
}

}  // namespace mla::core
