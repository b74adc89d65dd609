#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "exchange/codec/messages.h"
#include "exchange/codec/outgoing.h"

namespace mla::codec {

/// Appends one frame, encoded, to `out`. Never fails: what a frame may hold is bounded by its maker, save for
/// what people write (names, details, reasons): those are cut to 256 bytes and to valid UTF-8 here. Ages
/// above 35 years go as that.
void encode(const Frame& frame, std::vector<std::byte>& out);

/// Appends the frame that brings a state, a Carry or a Fresh: the data from `offset` on, what lies before having left in
/// Part frames. `age_us` as it is now; none: synchronized.
void encode(const Outgoing& state, std::optional<std::uint64_t> age_us, std::size_t offset, std::vector<std::byte>& out);

/// Reads the frames of one WebSocket message one by one. Unknown kinds and trailing items of known kinds are
/// skipped. Memory: at most the message's own size is allocated per frame, whatever the input claims. *value*
class Decoder {
 public:
  explicit Decoder(std::span<const std::byte> message) : rest_(message) {}
  enum class Outcome : std::uint8_t { frame, done, malformed };
  /// `frame`: `out` holds the next one, written over what it held (a StateFrame's room is used again).
  /// `malformed` is final and means ErrorCode::bad_frame; `out` is then valid, but its fields say nothing.
  Outcome next(Frame& out);
  std::uint64_t skipped() const { return skipped_; }  ///< frames of unknown kind so far
  std::size_t skipped_bytes() const { return skipped_bytes_; }
  /// What the frame after that is about, if it is a state: for fetching it early.
  std::optional<Handle> peek() const;
  std::size_t left() const { return rest_.size(); }  ///< bytes, of what was not given yet
  /// Of the frame that next() gave last.
  std::size_t frame_bytes() const { return frame_bytes_; }

 private:
  std::span<const std::byte> rest_;
  std::uint64_t skipped_ = 0;
  std::size_t skipped_bytes_ = 0, frame_bytes_ = 0;
  bool failed_ = false;
};

}  // namespace mla::codec
