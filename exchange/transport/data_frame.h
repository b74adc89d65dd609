#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace mla::transport {

/// What stands at the beginning of the bytes of a WebSocket (RFC 6455 §5.2). *value*
struct DataFrame {
  enum class Kind : std::uint8_t {
    whole,  ///< one binary message in one frame, all of it here
    part,   ///< the beginning of such a frame, or of one that cannot be told yet
    other,  ///< text, a fragment, a control frame, a message above the limit, or against the protocol
  };
  Kind kind = Kind::part;
  std::size_t head = 0;     // bytes before the message, key included; 0 while unknown
  std::size_t message = 0;  // bytes of it; with `head` known
};

/// `masked`: frames must be (a client's), else must not. `most`: the largest message. Reads the head only.
DataFrame look_at_frame(std::span<const std::byte> bytes, bool masked, std::size_t most);

/// The message of a frame that is here whole, unmasked where it lies.
std::span<const std::byte> unmask(std::span<std::byte> bytes, const DataFrame& frame, bool masked);

/// Writes the head of a frame of one binary message, all but the key; answers where it ends, at most ten bytes on.
std::byte* put_head(std::byte* at, std::uint64_t size, bool masks);

/// XOR with the key of a frame, repeated; `to` may be where `from` is.
void apply_mask(std::span<const std::byte, 4> key, std::span<const std::byte> from, std::byte* to);

}  // namespace mla::transport
