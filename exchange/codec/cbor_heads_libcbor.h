#pragma once
#include <cbor/encoding.h>
#include <cbor/streaming.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "exchange/codec/cbor_reader.h"

// Heads of CBOR items by libcbor. See cbor_heads.h.
namespace mla::codec::libcbor {
namespace detail {

using Type = CborItem::Type;

inline CborItem& item(void* context) {
  return *static_cast<CborItem*>(context);
}

template <Type kType, class T>
void on_number(void* context, T value) {
  item(context).type = kType;
  item(context).value = value;
}

template <Type kType>
void on_string(void* context, cbor_data data, std::size_t size) {
  item(context).type = kType;
  item(context).value = size;
  item(context).data = reinterpret_cast<const std::byte*>(data);
}

template <Type kType>
void on_simple(void* context) {
  item(context).type = kType;
}

template <class T>
void on_float(void* context, T) {
  item(context).type = Type::other;
}

// Every callback is set: libcbor calls them unasked. Indefinite lengths and a stray break leave the item bad.
inline constexpr cbor_callbacks kCallbacks = {
    .uint8 = on_number<Type::uint, std::uint8_t>,
    .uint16 = on_number<Type::uint, std::uint16_t>,
    .uint32 = on_number<Type::uint, std::uint32_t>,
    .uint64 = on_number<Type::uint, std::uint64_t>,
    .negint64 = on_number<Type::negative, std::uint64_t>,
    .negint32 = on_number<Type::negative, std::uint32_t>,
    .negint16 = on_number<Type::negative, std::uint16_t>,
    .negint8 = on_number<Type::negative, std::uint8_t>,
    .byte_string_start = on_simple<Type::bad>,
    .byte_string = on_string<Type::bytes>,
    .string = on_string<Type::text>,
    .string_start = on_simple<Type::bad>,
    .indef_array_start = on_simple<Type::bad>,
    .array_start = on_number<Type::array, std::size_t>,
    .indef_map_start = on_simple<Type::bad>,
    .map_start = on_number<Type::map, std::size_t>,
    .tag = on_number<Type::tag, std::uint64_t>,
    .float2 = on_float<float>,
    .float4 = on_float<float>,
    .float8 = on_float<double>,
    .undefined = on_simple<Type::other>,
    .null = on_simple<Type::null>,
    .boolean = on_number<Type::boolean, bool>,
    .indef_break = on_simple<Type::bad>,
};

}  // namespace detail

/// Reads the head that `input` begins with into `item`, and answers how many bytes it takes (a string's own
/// included). 0, with Type::bad: malformed, cut short, or an indefinite length.
inline std::size_t read(std::span<const std::byte> input, CborItem& item) {
  item.type = CborItem::Type::bad;
  const auto* data = reinterpret_cast<cbor_data>(input.data());
  const cbor_decoder_result decoded = cbor_stream_decode(data, input.size(), &detail::kCallbacks, &item);
  if (decoded.status == CBOR_DECODER_FINISHED && item.type != CborItem::Type::bad) return decoded.read;
  item.type = CborItem::Type::bad;
  return 0;
}

/// Each writes one head to `out`, which has room for kMaxHead bytes, and answers its length.
inline constexpr std::size_t kMaxHead = 9;
inline std::size_t write_array(std::size_t items, unsigned char* out) {
  return cbor_encode_array_start(items, out, kMaxHead);
}
inline std::size_t write_uint(std::uint64_t value, unsigned char* out) {
  return cbor_encode_uint(value, out, kMaxHead);
}
/// The number -1 - value.
inline std::size_t write_negative(std::uint64_t value, unsigned char* out) {
  return cbor_encode_negint(value, out, kMaxHead);
}
inline std::size_t write_boolean(bool value, unsigned char* out) {
  return cbor_encode_bool(value, out, kMaxHead);
}
inline std::size_t write_null(unsigned char* out) {
  return cbor_encode_null(out, kMaxHead);
}
inline std::size_t write_text(std::size_t size, unsigned char* out) {
  return cbor_encode_string_start(size, out, kMaxHead);
}
inline std::size_t write_bytes(std::size_t size, unsigned char* out) {
  return cbor_encode_bytestring_start(size, out, kMaxHead);
}

}  // namespace mla::codec::libcbor
