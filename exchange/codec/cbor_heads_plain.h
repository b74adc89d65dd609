#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "exchange/codec/cbor_reader.h"

// Heads of CBOR items (RFC 8949, section 3) without a library. See cbor_heads.h.
//
//    7 6 5 4 3 2 1 0
//   +-----+---------+------------------------+-----------------------+
//   | maj | info    | 0, 1, 2, 4 or 8 bytes: | major 2 and 3: as many |
//   |     |         | the argument, big end  | bytes as it says       |
//   +-----+---------+------------------------+-----------------------+
//
// info 0…23 is the argument itself, 24…27 says that 1, 2, 4 or 8 bytes hold it.
namespace mla::codec::plain {
namespace detail {

enum Major : unsigned { kUint, kNegative, kBytes, kText, kArray, kMap, kTag, kSimple };

/// To or from the order of the wire.
inline std::uint64_t big_endian(std::uint64_t value) {
  return std::endian::native == std::endian::little ? __builtin_bswap64(value) : value;
}

inline std::size_t write(Major major, std::uint64_t argument, unsigned char* out) {
  const auto start = static_cast<unsigned char>(major << 5);
  if (argument < 24) {
    out[0] = static_cast<unsigned char>(start | argument);
    return 1;
  }
  const unsigned info = argument <= 0xff ? 24 : argument <= 0xffff ? 25 : argument <= 0xffffffff ? 26 : 27;
  const std::size_t width = std::size_t{1} << (info - 24);
  out[0] = static_cast<unsigned char>(start | info);
  // All eight at once, whatever the width.
  const std::uint64_t bytes = big_endian(argument << (64 - 8 * width));
  std::memcpy(out + 1, &bytes, sizeof bytes);
  return 1 + width;
}

/// In `width` bytes: 1, 2, 4 or 8.
inline std::uint64_t argument(const std::byte* bytes, std::size_t width) {
  std::uint64_t value = 0;
  if (width == 8) {
    std::memcpy(&value, bytes, sizeof value);
    return big_endian(value);
  }
  for (std::size_t i = 0; i < width; ++i) value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  return value;
}

/// What item a head of this major type and info begins; bad: none that libcbor takes either.
inline CborItem::Type type_of(unsigned major, unsigned info) {
  using Type = CborItem::Type;
  if (info > 27) return Type::bad;  // reserved, indefinite lengths, break
  switch (major) {
    case kUint:
      return Type::uint;
    case kNegative:
      return Type::negative;
    case kBytes:
      return Type::bytes;
    case kText:
      return Type::text;
    case kArray:
      return Type::array;
    case kMap:
      return Type::map;
    case kTag:  // libcbor refuses the small tags that had no meaning yet when it was written
      return info > 5 && info < 21 ? Type::bad : Type::tag;
    default:
      if (info == 20 || info == 21) return Type::boolean;
      if (info == 22) return Type::null;
      return info == 23 || info > 24 ? Type::other : Type::bad;  // undefined, floats
  }
}

}  // namespace detail

/// Reads the head that `input` begins with into `item`, and answers how many bytes it takes (a string's own
/// included). 0, with Type::bad: malformed, cut short, or an indefinite length.
inline std::size_t read(std::span<const std::byte> input, CborItem& item) {
  using Type = CborItem::Type;
  item.type = Type::bad;
  if (input.empty()) return 0;
  const auto initial = std::to_integer<unsigned>(input[0]);
  const unsigned info = initial & 0x1f;
  const Type type = detail::type_of(initial >> 5, info);
  if (type == Type::bad) return 0;
  const std::size_t width = info < 24 ? 0 : std::size_t{1} << (info - 24);
  if (input.size() - 1 < width) return 0;
  std::uint64_t argument = width == 0 ? info : detail::argument(input.data() + 1, width);
  std::size_t length = 1 + width;
  if (type == Type::bytes || type == Type::text) {
    // Compared as it came: it need not fit into a size_t.
    if (argument > input.size() - length) return 0;
    item.data = input.data() + length;
    length += static_cast<std::size_t>(argument);
  }
  if (type == Type::boolean) argument -= 20;
  item.type = type;
  item.value = argument;
  return length;
}

/// Each writes one head to `out`, which has room for kMaxHead bytes, and answers its length.
inline constexpr std::size_t kMaxHead = 9;
inline std::size_t write_array(std::size_t items, unsigned char* out) {
  return detail::write(detail::kArray, items, out);
}
inline std::size_t write_uint(std::uint64_t value, unsigned char* out) {
  return detail::write(detail::kUint, value, out);
}
/// The number -1 - value.
inline std::size_t write_negative(std::uint64_t value, unsigned char* out) {
  return detail::write(detail::kNegative, value, out);
}
inline std::size_t write_boolean(bool value, unsigned char* out) {
  return detail::write(detail::kSimple, value ? 21 : 20, out);
}
inline std::size_t write_null(unsigned char* out) {
  return detail::write(detail::kSimple, 22, out);
}
inline std::size_t write_text(std::size_t size, unsigned char* out) {
  return detail::write(detail::kText, size, out);
}
inline std::size_t write_bytes(std::size_t size, unsigned char* out) {
  return detail::write(detail::kBytes, size, out);
}

}  // namespace mla::codec::plain
