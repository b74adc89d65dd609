#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#include <new>
#include <utility>

namespace mla::ffi {

/// The kind of a handle is part of its number: one of another kind is not taken for one of this.
enum class HandleKind : std::uint8_t { runtime = 1, exchange, connector, listener, contract, stream, sink, state, object };

/// What handles of one kind stand for. A handle is kind | generation | slot; the generation rises when the slot is used again,
/// and a slot whose generations are used up is left alone, so that no handle ever names something newer. A value is pinned
/// while a call uses it: freed meanwhile it is out of reach at once, and destroyed by whoever leaves last. Nothing locks but the
/// growing of the table; slots are never given back, so it keeps the size of its fullest moment. *thread-safe*
template <class T, HandleKind kKind>
class HandleTable {
  struct Slot;

 public:
  static constexpr std::uint32_t kSegments = 1 << 14, kSegmentSlots = 1 << 8, kMaxHandles = kSegments * kSegmentSlots;

  /// A value that stays until this goes. *value*, move-only
  class Pin {
   public:
    Pin() = default;
    Pin(Pin&& other) noexcept : table_(other.table_), slot_(std::exchange(other.slot_, nullptr)) {}
    Pin& operator=(Pin&&) = delete;
    ~Pin() {
      if (slot_) table_->unpin(*slot_);
    }
    explicit operator bool() const { return slot_ != nullptr; }
    T& operator*() const { return slot_->value; }
    T* operator->() const { return &slot_->value; }

   private:
    friend class HandleTable;
    Pin(HandleTable* table, Slot* slot) : table_(table), slot_(slot) {}
    HandleTable* table_ = nullptr;
    Slot* slot_ = nullptr;
  };

  constexpr HandleTable() = default;
  // No destructor: the process may end while threads still use handles.

  /// 0: the table is full. Throws what the value's constructor throws, and std::bad_alloc.
  template <class... Args>
  std::uint64_t add(Args&&... args) {
    const std::uint32_t index = take_slot();
    if (index == kNone) return 0;
    Slot& slot = *slot_of(index);
    try {
      new (&slot.value) T(std::forward<Args>(args)...);
    } catch (...) {
      give_back(index, slot);
      throw;
    }
    const std::uint64_t generation = slot.word.load(std::memory_order_relaxed) >> 32;
    slot.word.store(generation << 32 | kAlive, std::memory_order_release);
    return std::uint64_t{static_cast<std::uint8_t>(kKind)} << 60 | generation << 28 | index;
  }

  Pin pin(std::uint64_t id) { return seize(id, 0); }

  /// The handle is freed; its value goes with the last pin, at the earliest this one. Null: it was none.
  Pin take(std::uint64_t id) { return seize(id, kAlive); }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::uint64_t kAlive = std::uint64_t{1} << 31, kPins = kAlive - 1;

  struct Slot {
    Slot() {}
    ~Slot() {}
    std::atomic<std::uint64_t> word{0};  // generation, alive, pins
    std::atomic<std::uint32_t> next{kNone};
    std::uint32_t index = 0;  // its own
    union {
      T value;
    };
  };

  static std::uint64_t word_of(std::uint64_t id) { return (id >> 28 & 0xffff'ffff) << 32 | kAlive; }

  Slot* find(std::uint64_t id) {
    const auto index = static_cast<std::uint32_t>(id & 0x0fff'ffff);
    if (id >> 60 != static_cast<std::uint8_t>(kKind) || index >= kMaxHandles) return nullptr;
    return slot_of(index);
  }
  Slot* slot_of(std::uint32_t index) {
    Slot* const segment = segments_[index / kSegmentSlots].load(std::memory_order_acquire);
    return segment ? segment + index % kSegmentSlots : nullptr;
  }

  /// One pin more on what is alive, and `cleared` gone from its word in the same moment.
  Pin seize(std::uint64_t id, std::uint64_t cleared) {
    Slot* slot = find(id);
    if (!slot) return {};
    const std::uint64_t wanted = word_of(id);
    std::uint64_t word = slot->word.load(std::memory_order_relaxed);
    do {
      if (((word ^ wanted) & ~kPins) != 0) return {};
    } while (!slot->word.compare_exchange_weak(word, (word & ~cleared) + 1, std::memory_order_acquire, std::memory_order_relaxed));
    return Pin(this, slot);
  }

  void unpin(Slot& slot) {
    const std::uint64_t before = slot.word.fetch_sub(1, std::memory_order_acq_rel);
    if ((before & (kAlive | kPins)) != 1) return;
    slot.value.~T();
    const std::uint64_t generation = (before >> 32) + 1;
    if (generation > 0xffff'ffff) return;  // used up
    slot.word.store(generation << 32, std::memory_order_relaxed);
    give_back(slot.index, slot);
  }

  // The free slots are a stack; the upper half of its head counts, so that an old head is not taken for the present one.
  std::uint32_t take_slot() {
    std::uint64_t head = free_.load(std::memory_order_acquire);
    while (true) {
      const auto index = static_cast<std::uint32_t>(head) - 1;
      if (index == kNone) return grow();
      const std::uint64_t next = slot_of(index)->next.load(std::memory_order_relaxed);
      const std::uint64_t after = ((head >> 32) + 1) << 32 | static_cast<std::uint32_t>(next + 1);
      if (free_.compare_exchange_weak(head, after, std::memory_order_acquire, std::memory_order_acquire)) return index;
    }
  }
  void give_back(std::uint32_t index, Slot& slot) {
    std::uint64_t head = free_.load(std::memory_order_relaxed);
    std::uint64_t after;
    do {
      slot.next.store(static_cast<std::uint32_t>(head) - 1, std::memory_order_relaxed);
      after = ((head >> 32) + 1) << 32 | (index + 1);
    } while (!free_.compare_exchange_weak(head, after, std::memory_order_release, std::memory_order_relaxed));
  }
  std::uint32_t grow() {
    std::lock_guard lock(growing_);
    if (used_segments_ == kSegments) return kNone;
    const std::uint32_t first = used_segments_ * kSegmentSlots;
    auto* const segment = new Slot[kSegmentSlots];
    for (std::uint32_t i = 0; i < kSegmentSlots; ++i) segment[i].index = first + i;
    segments_[used_segments_++].store(segment, std::memory_order_release);
    for (std::uint32_t i = kSegmentSlots - 1; i > 0; --i) give_back(first + i, *slot_of(first + i));
    return first;
  }

  std::atomic<std::uint64_t> free_{0};  // changes counted | index + 1 of the first
  std::mutex growing_;
  std::uint32_t used_segments_ = 0;  // guarded by growing_
  std::atomic<Slot*> segments_[kSegments]{};
};

}  // namespace mla::ffi
