#pragma once
#include <cstdint>

#include "exchange/engine/event.h"

namespace mla::sim {

/// A number for all that went into the engines of a run and all that came out, in order: the content of every event
/// and of every action, messages to the byte. It depends on no pointer, no hash table and no width of size_t, so that
/// builds by different compilers can be compared by it. *value*
class TraceHash {
 public:
  void event(int node, engine::Instant now, const engine::Event& event);
  void action(const engine::Action& action);
  std::uint64_t value() const { return value_; }

  void word(std::uint64_t w);
  void bytes(std::span<const std::byte> data);

 private:
  std::uint64_t value_ = 14695981039346656037ull;
};

}  // namespace mla::sim
