#include <cstddef>
#include <cstdint>
#include <span>

#include "exchange/codec/cbor_heads_libcbor.h"
#include "exchange/codec/cbor_heads_plain.h"
#include "tests/fuzz/require.h"

// Any bytes, read head by head by libcbor and by what stands in for it in WebAssembly: the same items of the same
// lengths. After a byte that both refuse they go on with the next one, so every part of the input is looked at.
using mla::codec::CborItem;
using mla::test::require;
using Type = CborItem::Type;

namespace {

bool is_string(const CborItem& item) {
  return item.type == Type::bytes || item.type == Type::text;
}
bool has_value(const CborItem& item) {
  return item.type != Type::bad && item.type != Type::null && item.type != Type::other;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::span<const std::byte> rest(reinterpret_cast<const std::byte*>(data), size);
  while (true) {
    CborItem one, other;
    const std::size_t length = mla::codec::libcbor::read(rest, one);
    require(mla::codec::plain::read(rest, other) == length, "the lengths differ");
    require(one.type == other.type, "the types differ");
    require(!has_value(one) || one.value == other.value, "the values differ");
    require(!is_string(one) || one.data == other.data, "the strings differ");
    if (rest.empty()) return 0;
    rest = rest.subspan(length > 0 ? length : 1);
  }
}
