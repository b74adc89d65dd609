#pragma once
#include <mla/limits.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "contracts/containers.h"
#include "contracts/fifo.h"
#include "contracts/ids.h"
#include "contracts/ring.h"
#include "exchange/codec/codec.h"
#include "exchange/codec/outgoing.h"
#include "exchange/codec/traffic.h"
#include "exchange/names/names.h"
#include "exchange/session/encodings.h"
#include "exchange/session/handle_table.h"
#include "exchange/session/lane.h"
#include "exchange/session/pools.h"

namespace mla::session {

using codec::Handle;
using names::Name;
using names::Names;

/// Where the newest state of an object comes from when it can leave.
class StateSource {
 public:
  virtual ~StateSource() = default;
  /// `last`: one that was taken for another link, if any. What is taken counts as sent.
  virtual codec::Taken take_state(LinkId link, const Name& name, const codec::Outgoing* last) = 0;
};

/// Objects that have nothing to say but their newest state, in order, each once. *value*
class MarkedFew {
 public:
  static constexpr std::size_t kMost = 5;
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  Name& operator[](std::size_t i) const { return *names_[i]; }
  bool has(const Name& name) const { return std::find(names_, names_ + size_, &name) != names_ + size_; }
  void push_back(Name& name) { names_[size_++] = &name; }
  void erase_first(std::size_t n) {
    std::copy(names_ + n, names_ + size_, names_);
    size_ -= static_cast<std::uint32_t>(n);
  }

 private:
  std::uint32_t size_ = 0;
  Name* names_[kMost]{};
};

/// What the links of an exchange have in common. Lives longer than they. *loop-confined*
struct Common {
  const Limits& limits;
  Names& names;
  BufferPool& buffers;
  Encodings& encodings;
  StateSource& source;
};

/// The sending half of one link. Link control is queued; what concerns objects waits in lanes, one per object
/// that has anything to say. Lanes that begin with control are served before those that begin with a state,
/// each in turn, large states piece by piece, so that no object's data delays another's control.
/// *loop-confined*
class Outbound {
 public:
  Outbound(LinkId link, const Common& common);
  ~Outbound();
  Outbound(const Outbound&) = delete;
  Outbound& operator=(const Outbound&) = delete;

  void far_side_reads(codec::Codecs can) { far_side_reads_ = can; }
  /// It does not have what we sent it last: the next state goes in full.
  void lose_base(Handle handle);

  /// Before everything else, in order. Of PONG and PATH only the newest waits, in its elder's place.
  void queue(const codec::Frame& link_control);
  void tag(codec::Tag tag, std::vector<Handle> behind);
  void control(Name& name, codec::Frame frame);  ///< takes a marked state first
  void mark(Name& name);
  void flush(Handle handle);
  void discard(Handle handle);  ///< states that have not begun to leave
  void carry(Name& name, codec::Outgoing state);
  void forget(Handle handle);  ///< the name is retired; the far side is told

  /// Makes messages while `budget` bytes are not used up.
  void produce(Instant now, std::size_t& budget, std::vector<Bytes>& messages);
  bool pending() const { return !few_.empty() || (may_have_more_ && has_more()); }
  bool overflow() const { return overflow_; }  ///< a bound was hit: the link must be given up
  bool has_queued_ping() const { return pings_queued_ > 0; }
  std::size_t queued_bytes() const { return queued_bytes_ + extra_bytes_; }  ///< beside one state per object
  std::size_t pending_objects() const { return lanes_.size() + few_.size(); }
  std::uint64_t states_sent() const { return states_.frames; }
  std::uint64_t differences_sent() const { return differences_sent_; }
  codec::TrafficByKind said() const;

 private:
  struct TagItem {
    codec::Tag tag;
    std::vector<Handle> behind;  // what has to leave first, if it waits; looked at once, when the record is the first
  };
  /// A message is closed when it has grown so far: small enough to conflate late, large enough to be worth a system call.
  static constexpr std::size_t kMessageGoal = 32 << 10;
  bool has_more() const { return !queue_.empty() || !tags_.empty() || !lanes_.empty(); }
  Lane& lane(Name& name, Handle handle);
  void into_lanes();
  std::optional<codec::Outgoing> take(const Name& name) { return common_.source.take_state(link_, name, nullptr).state; }
  bool serve_few(Instant now, std::size_t& budget, std::vector<Bytes>& messages);
  bool serve_only(Instant now, std::size_t& budget, std::vector<Bytes>& messages);
  void serve_taken(Instant now, Name& name, codec::Outgoing& state, std::size_t& budget, std::vector<Bytes>& messages);
  void account(Lane& lane);
  void schedule(Handle handle, Lane& lane);
  void capture(Lane& lane);
  void rest(Handle handle, Lane& lane);
  bool serve_queue();
  bool serve_tag();
  bool serve_control();
  bool waits_for_tag(const Lane& l) const;
  void left(Lane& l);
  bool serve_state(Instant now);
  void emit(Handle handle, Name& name, const codec::Frame& frame);
  void emit_state(Instant now, Name& name, const codec::Outgoing& out, std::size_t offset);
  void emit_part(Handle handle, std::span<const std::byte> data, std::size_t& offset);
  bool may_start(const codec::Outgoing& state) const;
  bool fits(const codec::Outgoing& state) const;
  bool goes_whole(const codec::Outgoing& state) const { return !state.payload || state.payload->data.size() <= common_.limits.chunk_bytes; }
  bool goes_as_it_is(const codec::Outgoing& state) const;
  void begin_transfer(Lane& l, codec::Outgoing state);
  void encode(codec::Outgoing& state);
  void define(Handle handle, Name& name);
  void finish(std::size_t& budget, std::vector<Bytes>& messages);

  // First what a state that is passed on has to do with, together: of a thousand links none is in the processor's near caches,
  // and each line of 64 bytes is waited for.
  const LinkId link_;
  bool overflow_ = false;
  bool may_have_more_ = false;  // than few_; false: it has not
  codec::Codecs far_side_reads_;
  const Common& common_;
  Handle defined_last_;  // one of defined_, or none
  MarkedFew few_;  // marked, pinned, without lanes: nothing else of objects waits on the link, as mostly when states are passed on
  codec::Traffic states_;  // of said_
  std::size_t transfers_ = 0;
  FlatMap<std::uint64_t, Base> bases_;  // what it was sent last, of large states

  struct Queued {
    std::vector<std::byte> bytes;
    std::size_t kind;  // as the variant counts
  };
  Fifo<Queued> queue_;
  std::size_t pings_queued_ = 0;
  std::size_t queued_bytes_ = 0;
  std::size_t extra_bytes_ = 0;  // in lanes, beyond what every lane may hold
  Fifo<TagItem> tags_;
  std::size_t before_tag_ = 0;  // lanes whose states the first of these waits for
  FlatMap<std::uint64_t, std::unique_ptr<Lane>> lanes_;
  std::vector<std::unique_ptr<Lane>> spare_lanes_;
  Ring<Handle> control_ring_, state_ring_;
  HandleSet defined_;
  template <class Put>
  void write(std::size_t kind, Put put);
  codec::Traffic& said(std::size_t kind);
  std::size_t message_bytes() const { return message_ ? message_->size() : 0; }
  Buffer message_;  // being filled; none: nothing yet
  codec::TrafficByKind said_{};
  std::uint64_t differences_sent_ = 0;
};

}  // namespace mla::session
