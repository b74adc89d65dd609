#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "exchange/codec/messages.h"

namespace mla::codec {

/// Appends one frame, encoded, to `out`. Never fails: what a frame may hold is bounded by its maker, save for
/// what people write (names, details, reasons): those are cut to 256 bytes and to valid UTF-8 here. Ages
/// above 35 years go as that.
void encode(const Frame& frame, std::vector<std::byte>& out);

/// Like encode() of a StateFrame, but the body is given apart, so that the sender copies it once.
void encode_state(const StateFrame& head, std::span<const std::byte> body, std::vector<std::byte>& out);

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

 private:
  std::span<const std::byte> rest_;
  std::uint64_t skipped_ = 0;
  bool failed_ = false;
};

}  // namespace mla::codec
