#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "contracts/apart.h"
#include "exchange/codec/messages.h"
#include "exchange/codec/outgoing.h"
#include "exchange/names/name.h"

namespace mla::session {

/// A state that leaves in pieces. A started one is finished; the newest waits meanwhile.
struct Transfer {
  codec::Outgoing state;
  std::size_t offset = 0;
};

/// All that waits to leave about one object on one link, in order. Control is level: a newer value takes the
/// place of one that has not left, so the lane stays short however long the link is stalled. `marked`: behind
/// all this, the newest state, chosen when it can leave. *value*
class Lane {
 public:
  using Item = std::variant<codec::Frame, codec::Outgoing>;
  using Items = std::vector<Item, ApartAllocator<Item>>;
  static constexpr std::size_t kMaxItems = 32;

  // Of another size than states that are as small as it.
  static void* operator new(std::size_t size) { return ApartAllocator<std::byte>().allocate(size); }
  static void operator delete(void* lane, std::size_t size) { ApartAllocator<std::byte>().deallocate(static_cast<std::byte*>(lane), size); }

  void push(codec::Frame control);
  void push(codec::Outgoing state);
  void discard_states();  ///< all that have not begun to leave
  /// More than kMaxItems could not be folded: the link must be given up.
  bool overfull() const { return items_.size() > kMaxItems; }

  /// Bytes that wait beyond what every lane may hold: a few control frames and one state.
  std::size_t extra() const;
  void shed();  ///< lets all states go but the newest

  bool empty() const { return items_.empty() && !marked && !transfer; }
  bool control_first() const {
    return !transfer && !items_.empty() && std::holds_alternative<codec::Frame>(items_.front());
  }
  bool has_state() const;  ///< a state, or part of one, has yet to leave
  bool only_states() const;
  Item pop();
  void reset();  ///< as new, with its room
  const Items& items() const { return items_; }

  names::Name* name = nullptr;  // whose it is; pinned meanwhile
  bool marked = false;
  std::unique_ptr<Transfer> transfer;  // few have one: a lane is small
  std::size_t counted = 0;                              // extra() as Outbound has it in its sum
  bool in_control_ring = false, in_state_ring = false;  // kept by Outbound
  bool before_tag = false;                              // a tag's record waits for a state here; kept by Outbound

 private:
  /// What is worth its place of all states: the newest, and how fresh it is if that was said after it.
  struct Newest {
    std::optional<std::size_t> state, freshness;
    bool has(std::size_t item) const { return item == state || item == freshness; }
  };
  Newest newest() const;
  void erase(std::size_t item);
  void fold();
  void join();
  Items items_;
};

}  // namespace mla::session
