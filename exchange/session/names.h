#pragma once
#include <mla/descriptor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "contracts/containers.h"
#include "contracts/ids.h"
#include "exchange/codec/messages.h"

namespace mla::session {

using codec::Handle;

/// The handles this exchange gives to objects: one number per object on all links, never given twice. A name
/// outlives the object's record while something about it waits on a link; an object that comes back meanwhile
/// gets the same number, so that what is said about it stays in order. *loop-confined*
class Names {
 public:
  Handle acquire(const ObjectPtr& object);
  void release(Handle handle);  ///< the record is gone

  void pin(Handle handle);  ///< a link has something about it
  void unpin(Handle handle);
  void defined(Handle handle, LinkId link);
  void undefined(Handle handle, LinkId link);  ///< the link is gone
  bool outlived_a_link(Handle handle) const;   ///< for a planted slip only: else always false
  const std::string& canonical(Handle handle) const { return entries_.at(handle.value).object->canonical(); }

  /// Names that nobody needs any more, with the links that know them. To be called after each event.
  struct Retired {
    Handle handle;
    std::vector<LinkId> known_on;
  };
  std::vector<Retired> retire();
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    ObjectPtr object;
    bool held = true;
    std::uint32_t pins = 0;
    std::vector<LinkId> known_on;
  };
  void maybe_idle(std::uint64_t handle, const Entry& entry);

  std::uint64_t next_ = 1;
  FlatMap<std::uint64_t, Entry> entries_;
  // Keyed by the text inside the entry's descriptor.
  FlatMap<std::string_view, std::uint64_t, KeyHash<std::string>, std::equal_to<>> by_canonical_;
  std::vector<std::uint64_t> idle_;
};

}  // namespace mla::session
