#include "exchange/transport/data_frame.h"

#include <cstring>

namespace mla::transport {

namespace {
constexpr std::byte kFinalBinary{0x82};
constexpr std::byte kMasked{0x80};
constexpr std::size_t kKey = 4;
}  // namespace

DataFrame look_at_frame(std::span<const std::byte> bytes, bool masked, std::size_t most) {
  using Kind = DataFrame::Kind;
  if (bytes.empty()) return {};
  if (bytes[0] != kFinalBinary) return {Kind::other};
  if (bytes.size() < 2) return {};
  if (((bytes[1] & kMasked) != std::byte{0}) != masked) return {Kind::other};
  std::uint64_t size = static_cast<std::uint8_t>(bytes[1] & ~kMasked);
  std::size_t head = 2;
  if (size >= 126) {
    const std::size_t number = size == 126 ? 2 : 8;
    const std::uint64_t least = size == 126 ? 126 : 65536;
    head += number;
    if (bytes.size() < head) return {};
    size = 0;
    for (std::size_t i = 2; i < head; ++i) size = size << 8 | static_cast<std::uint8_t>(bytes[i]);
    if (size < least) return {Kind::other};  // must be as short as possible
  }
  if (size > most) return {Kind::other};
  if (masked) head += kKey;
  const DataFrame frame{Kind::part, head, static_cast<std::size_t>(size)};
  if (bytes.size() < head || bytes.size() - head < frame.message) return frame;
  return {Kind::whole, frame.head, frame.message};
}

std::span<const std::byte> unmask(std::span<std::byte> bytes, const DataFrame& frame, bool masked) {
  const auto message = bytes.subspan(frame.head, frame.message);
  if (masked) apply_mask(bytes.subspan(frame.head - kKey).first<kKey>(), message, message.data());
  return message;
}

std::byte* put_head(std::byte* at, std::uint64_t size, bool masks) {
  const std::byte masked = masks ? kMasked : std::byte{0};
  *at++ = kFinalBinary;
  const auto number = [&](int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) *at++ = static_cast<std::byte>(size >> shift);
  };
  if (size < 126) {
    *at++ = masked | static_cast<std::byte>(size);
  } else if (size < 65536) {
    *at++ = masked | std::byte{126};
    number(2);
  } else {
    *at++ = masked | std::byte{127};
    number(8);
  }
  return at;
}

void apply_mask(std::span<const std::byte, 4> key, std::span<const std::byte> from, std::byte* to) {
  std::uint64_t wide;
  std::memcpy(&wide, key.data(), 4);
  std::memcpy(reinterpret_cast<std::byte*>(&wide) + 4, key.data(), 4);
  std::size_t i = 0;
  for (; i + 8 <= from.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, from.data() + i, 8);
    word ^= wide;
    std::memcpy(to + i, &word, 8);
  }
  for (; i < from.size(); ++i) to[i] = from[i] ^ key[i % 4];
}

}  // namespace mla::transport
