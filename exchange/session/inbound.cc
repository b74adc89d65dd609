#include "exchange/session/inbound.h"

namespace mla::session {

ErrorCode Inbound::define(const codec::DefineObject& m) {
  if (objects_.size() >= limits_.objects_per_link) return ErrorCode::too_many_objects;
  if (m.canonical.size() > limits_.descriptor_bytes) return ErrorCode::descriptor_too_large;
  auto parsed = ObjectDescriptor::from_canonical(m.canonical);
  if (!parsed) return ErrorCode::bad_descriptor;
  if (parsed->tags().size() > limits_.tags_per_object) return ErrorCode::too_many_tags;
  names::Name& name = names_.of(m.canonical);
  if (!objects_.insert(m.handle, &name)) return ErrorCode::bad_handle;
  names_.refer(name);
  return ErrorCode::ok;
}

Inbound::~Inbound() {
  objects_.for_each([&](names::Name& name) { names_.unrefer(name); });
}

ErrorCode Inbound::release(codec::Handle handle) {
  if (assemblies_) assemblies_->erase(handle.value);
  came_whole(handle);
  names::Name* const name = objects_.erase(handle);
  if (!name) return ErrorCode::bad_handle;
  names_.unrefer(*name);
  return ErrorCode::ok;
}

ErrorCode Inbound::part(codec::Part part) {
  if (!assemblies_) assemblies_ = std::make_unique<FlatMap<std::uint64_t, Assembly>>();
  if (part.offset == 0) {
    if (!assemblies_->count(part.handle.value) && assemblies_->size() >= 2 * limits_.transfers_per_link)
      return ErrorCode::too_many_transfers;
    (*assemblies_)[part.handle.value] = {};
  }
  auto it = assemblies_->find(part.handle.value);
  if (it == assemblies_->end() || it->second.total != part.offset || part.bytes.empty())
    return ErrorCode::bad_transfer;
  Assembly& a = it->second;
  a.total += part.bytes.size();
  if (a.total > limits_.state_bytes)
    a.bytes = std::vector<std::byte>();  // not `= {}`, which keeps the room
  else
    a.bytes.insert(a.bytes.end(), part.bytes.begin(), part.bytes.end());
  return ErrorCode::ok;
}

Result<bool> Inbound::complete(codec::StateFrame& m, std::vector<std::byte>& data) {
  std::uint64_t total = m.body.size(), in_parts = 0;
  std::vector<std::byte> before;
  if (assemblies_) {
    if (const auto it = assemblies_->find(m.handle.value); it != assemblies_->end()) {
      in_parts = it->second.total;
      if (m.parts_bytes && in_parts == m.parts_bytes) before = std::move(it->second.bytes);
      if (!m.parts_bytes || in_parts == m.parts_bytes) assemblies_->erase(it);
    }
  }
  if (m.parts_bytes && in_parts != m.parts_bytes) return ErrorCode::bad_transfer;
  if (m.parts_bytes) total += in_parts;
  if (total > limits_.state_bytes) {
    ++oversized_;
    return false;
  }
  data.swap(m.body);
  if (!before.empty()) {
    before.insert(before.end(), data.begin(), data.end());
    data = std::move(before);
  }
  return true;
}

}  // namespace mla::session
