#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

namespace mla {

/// The four promises a process can hold.
enum class ContractKind : std::uint8_t { object_observe, object_expose, tag_observe, tag_expose };
constexpr bool observes(ContractKind k) { return k == ContractKind::object_observe || k == ContractKind::tag_observe; }
constexpr bool by_tag(ContractKind k) { return k == ContractKind::tag_observe || k == ContractKind::tag_expose; }

/// A least time between two states of one object. Zero: none is asked for. *value*
using Interval = std::chrono::duration<std::uint32_t, std::micro>;

/// What an expose contract offers, and what an observe contract asks for. *value*
struct ContractOptions {
  std::uint32_t capacity = 1;          ///< weight, 0…1 000 000. 0: nothing new, hand over what I have
  std::optional<std::uint32_t> limit;  ///< at most so many objects at a time; beyond it an object waits
  std::int32_t priority = 0;           ///< higher first; takes over at once, unless
  bool takes_over = true;              ///< false: waits while one of lower priority is at work
  bool confirmation = false;           ///< to be told who holds what was sent
  std::chrono::milliseconds linger{0};  ///< an election goes on so long after the last observer left
  Interval min_interval{0};             ///< of an observe contract: what links need not carry more often
};

}  // namespace mla
