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

  void array(std::size_t items);
  void uint(std::uint64_t value);
  void integer(std::int64_t value);
  void boolean(bool value);
  void null();
  void text(std::string_view utf8);
  void bytes(std::span<const std::byte> bytes);

 private:
  unsigned char* room() {
    if (room_ < kMaxHead) grow();
    return at_;
  }
  void wrote(std::size_t bytes) {
    at_ += bytes;
    room_ -= bytes;
  }
  void grow();
  void cut() { out_.resize(out_.size() - room_); }
  void append(const std::byte* data, std::size_t size);

  static constexpr std::size_t kMaxHead = 9;  // an item's initial byte and its 64-bit argument

  std::vector<std::byte>& out_;
  unsigned char* at_;  // in out_, room_ bytes before its end
  std::size_t room_ = 0;
};

}  // namespace mla::codec
