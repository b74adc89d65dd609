#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "contracts/containers.h"
#include "exchange/names/name.h"

namespace mla::names {

/// All objects that an exchange knows. Our numbers are the same on all links and never given twice. A number outlives the
/// object's record while something about it waits on a link; an object that comes back meanwhile keeps it, so that
/// what is said about it stays in order. *loop-confined*
class Names {
 public:
  Names() = default;
  ~Names();
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  /// Made when it is new. Goes with the next retire() if nobody has referred to it by then.
  Name& of(std::string_view canonical);
  Name* find(std::string_view canonical) const;  ///< none: unknown

  void acquire(Name& name);  ///< the core has a record: it has a number from now on
  void release(Name& name);  ///< the record is gone

  void pin(Name& name);  ///< a link has something about it
  void unpin(Name& name);
  void refer(Name& name) { ++name.references_; }  ///< a peer has a number for it
  void unrefer(Name& name);

  void defined(Name& name, LinkId link);  ///< the link was told our number
  /// For a planted slip only: else nothing, and always false.
  void outlives(Handle handle);
  bool outlived_a_link(Handle handle) const;

  /// Numbers that nobody needs any more, with the links that were told. To be called after each event.
  struct Retired {
    Handle handle;
    std::vector<LinkId> known_on;  // some may be gone
    bool known_on_others = false;  // any link may have been told
  };
  std::vector<Retired> retire();
  bool any_to_retire() const { return !idle_.empty(); }
  std::size_t size() const { return names_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return KeyHash<std::string>()(text); }
    std::size_t operator()(const Name* name) const { return (*this)(name->canonical()); }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Name* a, const Name* b) const { return a == b; }
    bool operator()(const Name* a, std::string_view b) const { return a->canonical() == b; }
    bool operator()(std::string_view a, const Name* b) const { return a == b->canonical(); }
  };
  void maybe_idle(Name& name);
  static void destroy(Name* name);

  std::uint64_t next_ = 1;
  FlatSet<Name*, Hash, Equal> names_;  // keyed by the text inside
  FlatSet<std::uint64_t> outlived_;
  std::vector<Name*> idle_;  // may be needed by nobody; looked at in each step
};

}  // namespace mla::names
