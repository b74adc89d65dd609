#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <variant>

#include "exchange/codec/messages.h"

// How far ahead a peer's epochs may be. A counter rises by one with every election in the tree, so that an honest
// one is far below these numbers; one that is not would leave no room above it for anybody.
namespace mla::engine {

/// A counter that is so far above everything heard of is not believed and ends the link. What is believed of it,
/// so far and no further, stays: two healthy parts of a tree that were driven apart meet again after some links.
inline constexpr std::uint64_t kFarthestLeap = std::uint64_t{1} << 40;
/// Less is no leap: a few million elections somewhere else.
inline constexpr std::uint64_t kLeast = std::uint64_t{1} << 20;
/// A session that joins two parts of a tree leaps once; one that does it again and again walks to the end.
inline constexpr std::uint64_t kLeapsPerSession = 4;
/// Nobody is believed beyond this.
inline constexpr std::uint64_t kEndOfEpochs = std::uint64_t{1} << 62;

/// The greatest epoch counter a frame speaks of.
inline std::uint64_t greatest_counter(const codec::Frame& frame) {
  std::uint64_t most = 0;
  const auto add = [&](std::uint64_t counter) { most = std::max(most, counter); };
  std::visit(
      [&](const auto& m) {
        if constexpr (requires { m.epoch; }) add(m.epoch.counter);
        if constexpr (requires { m.heard; }) {
          add(m.heard.counter);
          if (m.have) add(m.have->epoch.counter);
          if (m.avail) add(m.avail->epoch.counter);
          if (m.active) add(m.active->counter);
          if (m.again) add(m.again->counter);
        }
      },
      frame);
  return most;
}

}  // namespace mla::engine
