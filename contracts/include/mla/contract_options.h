#pragma once
#include <cstdint>
#include <optional>

namespace mla {

/// The four promises a process can hold.
enum class ContractKind : std::uint8_t { object_observe, object_expose, tag_observe, tag_expose };
constexpr bool observes(ContractKind k) { return k == ContractKind::object_observe || k == ContractKind::tag_observe; }
constexpr bool by_tag(ContractKind k) { return k == ContractKind::tag_observe || k == ContractKind::tag_expose; }

/// What an expose contract offers. *value*
struct ContractOptions {
  std::uint32_t capacity = 1;          ///< weight, 0…1 000 000. 0: nothing new, hand over what I have
  std::optional<std::uint32_t> limit;  ///< at most so many objects at a time; beyond it an object waits
  std::int32_t priority = 0;           ///< higher first; takes over at once
  bool confirmation = false;           ///< to be told who holds what was sent
};

}  // namespace mla
