#include "exchange/codec/cbor_reader.h"

#include <array>

#include "exchange/codec/cbor_heads.h"
#include "exchange/codec/cbor_heads_plain.h"
#include "exchange/codec/layout.h"

namespace mla::codec {

/// `info`: 24…27 says that 1, 2, 4 or 8 bytes hold the argument; anything else is not the kind of head that was asked for.
bool CborReader::wide(unsigned info, std::uint64_t& value) {
  if (info < 24 || info > 27) return false;
  const std::size_t width = std::size_t{1} << (info - 24);
  if (rest_.size() <= width) return false;
  value = plain::detail::argument(rest_.data() + 1, width);
  rest_ = rest_.subspan(1 + width);
  return true;
}

bool CborReader::next(CborItem& item) {
  const std::size_t read = heads::read(rest_, item);
  rest_ = read > 0 ? rest_.subspan(read) : std::span<const std::byte>();
  return read > 0;
}

bool CborReader::skip() {
  using Type = CborItem::Type;
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
