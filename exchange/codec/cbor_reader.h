#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace mla::codec {

/// One CBOR item's head, and for strings its bytes inside the message. *value*
struct CborItem {
  enum class Type : std::uint8_t {
    bad,       ///< input used up, indefinite length, reserved or unassigned encoding
    uint,      ///< value
    negative,  ///< -1 - value
    bytes,     ///< data, value bytes
    text,      ///< data, value bytes; not yet known to be UTF-8
    array,     ///< value items follow
    map,       ///< value pairs follow
    tag,       ///< one item follows
    boolean,   ///< value 0 or 1
    null,
    other,  ///< undefined and floats: nothing any frame uses
  };
  Type type = Type::bad;
  std::uint64_t value = 0;
  const std::byte* data = nullptr;
};

/// Reads CBOR items one after the other from untrusted bytes. Allocates nothing. Knows no frames. Any width
/// of an integer or length is taken, indefinite lengths are not. *value, on the stack of one call*
class CborReader {
 public:
  explicit CborReader(std::span<const std::byte> input) : rest_(input) {}

  /// The next head, into `item`: filled in place, since a copy of what a callback just wrote costs as much as
  /// the reading. False, with Type::bad: malformed or used up, final. Fields the type does not need may hold
  /// anything.
  bool next(CborItem& item) {
    // Nearly all items of a frame are one byte. The library's way, through a callback, costs ten times what this does.
    constexpr unsigned kUint = 0, kArray = 4, kArgumentInHead = 24, kNull = 0xf6;
    if (!rest_.empty()) {
      const auto head = std::to_integer<unsigned>(rest_.front());
      const unsigned major = head >> 5, argument = head & 0x1f;
      const bool number = argument < kArgumentInHead && (major == kUint || major == kArray);
      if (number || head == kNull) {
        item.type = head == kNull ? CborItem::Type::null : major == kUint ? CborItem::Type::uint : CborItem::Type::array;
        item.value = argument;
        rest_ = rest_.subspan(1);
        return true;
      }
    }
    return next_of_any_kind(item);
  }
  /// Passes over one whole item, nested at most kMaxSkipDepth deep. False: malformed or deeper, final.
  bool skip();
  std::span<const std::byte> rest() const { return rest_; }

 private:
  bool next_of_any_kind(CborItem& item);

  std::span<const std::byte> rest_;
};

}  // namespace mla::codec
