#include "exchange/codec/cbor_reader.h"

#include <cbor/streaming.h>

#include <array>

#include "exchange/codec/layout.h"

namespace mla::codec {
namespace {

using Type = CborItem::Type;

CborItem& item(void* context) {
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
constexpr cbor_callbacks kCallbacks = {
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

}  // namespace

bool CborReader::next(CborItem& item) {
  item.type = Type::bad;
  const auto* data = reinterpret_cast<cbor_data>(rest_.data());
  const cbor_decoder_result decoded = cbor_stream_decode(data, rest_.size(), &kCallbacks, &item);
  if (decoded.status != CBOR_DECODER_FINISHED || item.type == Type::bad) {
    item.type = Type::bad;
    rest_ = {};
    return false;
  }
  rest_ = rest_.subspan(decoded.read);
  return true;
}

bool CborReader::skip() {
  std::array<std::uint64_t, kMaxSkipDepth + 1> left;  // items still to pass, per level
  std::size_t depth = 0;
  left[0] = 1;
  CborItem head;
  while (true) {
    while (left[depth] == 0) {
      if (depth == 0) return true;
      --depth;
    }
    --left[depth];
    next(head);
    std::uint64_t inside = 0;
    switch (head.type) {
      case Type::bad:
        return false;
      case Type::array:
        inside = head.value;
        break;
      case Type::map:
        inside = head.value > rest_.size() ? head.value : 2 * head.value;  // the doubling cannot overflow
        break;
      case Type::tag:
        inside = 1;
        break;
      default:
        continue;
    }
    // Every item takes a byte at least: a count beyond the rest cannot be met, however long one looked.
    if (inside > rest_.size() || depth == kMaxSkipDepth) {
      rest_ = {};
      return false;
    }
    left[++depth] = inside;
  }
}

}  // namespace mla::codec
