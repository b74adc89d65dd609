#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace mla::codec {

/// Appends CBOR items to a byte vector, definite lengths and shortest heads only. While it lives the vector
/// is longer than what was written; its end cuts it. Knows no frames. *value, on the stack of one call*
class CborWriter {
 public:
  /// `strings`: bytes of strings to expect, so that room is made once.
  explicit CborWriter(std::vector<std::byte>& out, std::size_t strings = 0);
  ~CborWriter() { cut(); }
  CborWriter(const CborWriter&) = delete;
  CborWriter& operator=(const CborWriter&) = delete;

  void array(std::size_t items) { head(kArray, items); }
  void uint(std::uint64_t value) { head(kUint, value); }
  void integer(std::int64_t value);
  void boolean(bool value);
  void null() { head(kSimple, 22); }
  void text(std::string_view utf8);
  void bytes(std::span<const std::byte> bytes);

 private:
  enum Major : unsigned { kUint = 0, kBytes = 2, kArray = 4, kSimple = 7 };
  void head(Major major, std::uint64_t argument) {
    unsigned char* const out = room();
    if (argument >= 24) return wide(major, argument, out);
    *out = static_cast<unsigned char>(major << 5 | argument);
    wrote(1);
  }
  void wide(Major major, std::uint64_t argument, unsigned char* out);
  unsigned char* room() {
    if (room_ < kMaxHead) grow();
    return at_;
  }
  void wrote(std::size_t bytes) {
    at_ += bytes;
    room_ -= bytes;
  }
  void grow(std::size_t strings = 0);
  void cut() { out_.resize(out_.size() - room_); }
  void append(const std::byte* data, std::size_t size);

  static constexpr std::size_t kMaxHead = 9;  // an item's initial byte and its 64-bit argument

  std::vector<std::byte>& out_;
  unsigned char* at_;  // in out_, room_ bytes before its end
  std::size_t room_ = 0;
};

}  // namespace mla::codec
