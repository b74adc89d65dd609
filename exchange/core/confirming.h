#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "contracts/ids.h"
#include "exchange/codec/messages.h"

namespace mla::core {

/// Who holds the states of an object whose exposer wants to know. Kept beside a state that asks for it, so objects that
/// nobody confirms pay a pointer. Bounded by the links that observe: per link the newest level it told, never a list of
/// states. *value*
struct Confirming {
  /// A link whose far side observes the object and is fed from here.
  struct Link {
    LinkId link;
    /// The newest state that all behind it hold. Who came later starts with what was held here then: it is not waited
    /// for with anything that left before.
    std::optional<codec::Stamp> reached;
    std::uint64_t observers = 0;  // exchanges that hold it; 0 until the link has said anything
  };
  std::vector<Link> links;  // sorted

  /// What is waited for next, and how many links have not reached it. It stays when newer states come, or a fast
  /// producer would never be told of any.
  std::optional<codec::Stamp> goal;
  std::size_t missing = 0;

  /// What was told last, and to whom: the link the states come from, or the local sink.
  struct Told {
    LinkId link;
    SinkId sink;
    codec::Stamp stamp;
    std::uint64_t observers = 0;
    bool operator==(const Told&) const = default;
  };
  std::optional<Told> told;
};

}  // namespace mla::core
