#include "exchange/names/names.h"

#include <cstring>
#include <new>

#include "contracts/mutant.h"

namespace mla::names {

Name::Name(std::string_view canonical) : size_(static_cast<std::uint16_t>(canonical.size())) {
  std::memcpy(const_cast<char*>(text_()), canonical.data(), canonical.size());
}

ObjectPtr Name::descriptor() const {
  return std::make_shared<const ObjectDescriptor>(*ObjectDescriptor::from_canonical(canonical()));
}

Names::~Names() {
  for (Name* name : names_) destroy(name);
}

void Names::destroy(Name* name) {
  name->~Name();
  ::operator delete(name);
}

Name* Names::find(std::string_view canonical) const {
  const auto it = names_.find(canonical);
  return it == names_.end() ? nullptr : *it;
}

Name& Names::of(std::string_view canonical) {
  if (Name* known = find(canonical)) return *known;
  // The text stands behind the rest, in the same room.
  Name* name = new (::operator new(sizeof(Name) + canonical.size())) Name(canonical);
  names_.insert(name);
  maybe_idle(*name);
  return *name;
}

void Names::acquire(Name& name) {
  const bool anew = mutant(Mutant::kNewHandleWhilePending) && !name.held_;
  name.held_ = true;
  if (name.handle_ == 0 || anew) name.handle_ = next_++ & Name::kGreatestHandle;
}

void Names::release(Name& name) {
  name.held_ = false;
  maybe_idle(name);
}

void Names::pin(Name& name) {
  ++name.pins_;
}

void Names::unpin(Name& name) {
  --name.pins_;
  maybe_idle(name);
}

void Names::unrefer(Name& name) {
  --name.references_;
  maybe_idle(name);
}

void Names::maybe_idle(Name& name) {
  if (name.held_ || name.pins_ != 0 || name.listed_) return;
  name.listed_ = true;
  idle_.push_back(&name);
}

void Names::defined(Name& name, LinkId link) {
  for (LinkId& known : name.known_on_) {
    if (known != LinkId{}) continue;
    known = link;
    return;
  }
  name.known_on_more_ = true;
}

void Names::outlives(Handle handle) {
  if (mutant(Mutant::kHandleReused)) outlived_.insert(handle.value);
}

bool Names::outlived_a_link(Handle handle) const {
  return outlived_.count(handle.value) != 0;
}

std::vector<Names::Retired> Names::retire() {
  std::vector<Retired> result;
  for (Name* name : idle_) {
    name->listed_ = false;
    if (name->held_ || name->pins_ != 0) continue;  // came back meanwhile
    if (name->handle_ != 0) {
      Retired& retired = result.emplace_back();
      retired.handle = name->handle();
      for (const LinkId link : name->known_on_)
        if (link != LinkId{}) retired.known_on.push_back(link);
      retired.known_on_others = name->known_on_more_;
      name->handle_ = 0;
      name->known_on_more_ = false;
      for (LinkId& link : name->known_on_) link = {};
    }
    if (name->references_ == 0) {
      names_.erase(name);
      destroy(name);
    }
  }
  idle_.clear();
  give_back_room(idle_);
  return result;
}

}  // namespace mla::names
