#pragma once
#include <compare>
#include <cstdint>
#include <string>

namespace mla {

/// Identity of an exchange for one process life: 64 random bits drawn at start, never stored, never re-used. *value*
struct NodeId {
  std::uint64_t value = 0;
  auto operator<=>(const NodeId&) const = default;
};

/// The term of one election of one object; it only grows. Compared by counter, then by the node that made it.
/// (0, 0) is below every epoch. Only a root makes epochs, from one counter for all its objects. *value*
struct Epoch {
  std::uint64_t counter = 0;
  NodeId minter;
  auto operator<=>(const Epoch&) const = default;
  explicit operator bool() const { return counter != 0 || minter.value != 0; }
};

/// Least epoch that tells a root what it must rise above after hearing both. Two minters at one counter count as
/// something above both, so that a root which hears of the tie elects anew instead of letting ids decide.
inline Epoch join(const Epoch& a, const Epoch& b) {
  if (a == b) return a;
  if (a.counter != b.counter) return a.counter > b.counter ? a : b;
  return Epoch{a.counter + 1, NodeId{0}};
}

std::string to_string(NodeId id);           ///< 16 hex digits
std::string to_string(const Epoch& epoch);  ///< "counter@minter"

}  // namespace mla
