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
  bool next(CborItem& item);

  // What states mostly consist of is read on the spot: the library's way, through a callback, costs ten times what this does.
  // False: the next item is not of that type, or is cut short, and has not been passed.
  bool uint(std::uint64_t& value) { return argument(kUint, value); }
  bool array(std::uint64_t& items) { return argument(kArray, items); }
  bool bytes(std::span<const std::byte>& data) {
    const std::span<const std::byte> before = rest_;
    std::uint64_t size = 0;
    if (!argument(kBytes, size)) return false;
    if (size > rest_.size()) return rest_ = before, false;
    data = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(static_cast<std::size_t>(size));
    return true;
  }
  bool null() {
    if (rest_.empty() || rest_.front() != kNull) return false;
    rest_ = rest_.subspan(1);
    return true;
  }

  /// Passes over one whole item, nested at most kMaxSkipDepth deep. False: malformed or deeper, final.
  bool skip();
  std::span<const std::byte> rest() const { return rest_; }

 private:
  enum Major : unsigned { kUint = 0, kBytes = 2, kArray = 4 };
  static constexpr std::byte kNull{0xf6};

  /// Of a head of this kind, in whatever width it came.
  bool argument(Major major, std::uint64_t& value) {
    constexpr unsigned kInHead = 24;
    if (rest_.empty()) return false;
    const unsigned info = std::to_integer<unsigned>(rest_.front()) - (major << 5);
    if (info >= kInHead) return wide(info, value);
    value = info;
    rest_ = rest_.subspan(1);
    return true;
  }
  bool wide(unsigned info, std::uint64_t& value);

  std::span<const std::byte> rest_;
};

}  // namespace mla::codec
