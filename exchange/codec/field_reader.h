#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/codec/cbor_reader.h"
#include "exchange/codec/layout.h"
#include "exchange/codec/messages.h"

namespace mla::codec {

/// Reads the fields of one frame in order, each within its bounds. The first one that is missing, of another
/// type or out of bounds makes the frame malformed for good: the reads after it return empty values at no
/// cost, so a frame's reader is a plain list of fields and asks once at the end. Views point into the
/// message. *value, on the stack of one call*
class FieldReader {
 public:
  static constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();

  FieldReader(CborReader& in, std::uint64_t items) : in_(in), left_(items) {}

  std::uint64_t uint(std::uint64_t max = kAny) {
    std::uint64_t value = 0;
    if (left_ > 0 && in_.uint(value) && value <= max) return --left_, value;
    fail();
    return 0;
  }
  std::uint8_t uint8() { return static_cast<std::uint8_t>(uint(0xff)); }
  std::uint16_t uint16() { return static_cast<std::uint16_t>(uint(0xffff)); }
  std::uint32_t uint32() { return static_cast<std::uint32_t>(uint(0xffffffff)); }
  std::int64_t integer(std::int64_t min = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t max = std::numeric_limits<std::int64_t>::max());
  std::int32_t int32() {
    return static_cast<std::int32_t>(
        integer(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
  }
  bool boolean();
  std::optional<std::uint64_t> optional_uint(std::uint64_t max = kAny) {
    if (left_ == 0 || !in_.null()) {
      const std::uint64_t value = uint(max);
      return ok_ ? std::optional(value) : std::nullopt;
    }
    --left_;
    return std::nullopt;
  }
  std::string_view text(std::size_t max);  ///< UTF-8, checked
  std::span<const std::byte> bytes(std::size_t max = std::numeric_limits<std::size_t>::max());

  // Parts that several frames have.
  Handle handle() { return Handle{uint()}; }
  Epoch epoch() {  ///< two fields
    const std::uint64_t counter = uint(kMaxEpochCounter);
    return {.counter = counter, .minter = NodeId{uint()}};
  }
  void version(Version& out);
  void path(std::vector<NodeId>& out);
  void labels(std::vector<std::string>& out);  ///< texts of printable ASCII, as HELLO lists codecs
  void format(Format& out);
  std::optional<Exposure> exposure();
  std::optional<Epoch> optional_epoch();
  std::optional<Stamp> optional_stamp();

  /// Is there another item? For fields that may be left out, at the end of a frame.
  bool more() const { return left_ > 0; }
  // Fields that came later, at a frame's end: what a frame that ends before them means.
  Interval trailing_interval() { return Interval(more() ? uint32() : 0); }
  std::optional<AtWork> trailing_at_work();

  /// Passes over trailing items; true when every field was there and in bounds.
  bool finish();

 private:
  using Type = CborItem::Type;

  /// Reads the next field's head into head_; on failure its type is bad.
  void take() {
    if (left_ == 0 || !in_.next(head_)) return fail();
    --left_;
  }
  void fail() {
    ok_ = false;
    left_ = 0;
    head_.type = Type::bad;
  }
  /// head_ opens an array of exactly `body`'s fields, and maybe trailing items.
  template <class Body>
  void inside(Body body);
  /// The next field is a list of at most `max` items, `body` reads one.
  template <class Body>
  std::size_t list(std::size_t max, Body body);

  CborReader& in_;
  std::uint64_t left_;
  bool ok_ = true;
  CborItem head_;
};

}  // namespace mla::codec
