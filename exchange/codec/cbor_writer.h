#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace mla::codec {

/// Appends CBOR items to a byte vector, definite lengths and shortest heads only. Small items gather in a
/// buffer of its own, so that a frame costs few appends; finish() (or the destructor) hands over the rest.
/// Knows no frames. A build without libcbor replaces cbor_writer.cc. *value, on the stack of one call*
class CborWriter {
 public:
  explicit CborWriter(std::vector<std::byte>& out) : out_(out) {}
  ~CborWriter() { finish(); }
  CborWriter(const CborWriter&) = delete;
  CborWriter& operator=(const CborWriter&) = delete;

  void array(std::size_t items);
  void uint(std::uint64_t value);
  void integer(std::int64_t value);
  void boolean(bool value);
  void null();
  void text(std::string_view utf8);
  void bytes(std::span<const std::byte> bytes);
  void finish();

 private:
  static constexpr std::size_t kMaxHead = 9;  // an item's initial byte and its 64-bit argument
  unsigned char* room();
  void append(const void* data, std::size_t size);

  std::vector<std::byte>& out_;
  std::size_t used_ = 0;
  std::array<unsigned char, 256> buffer_;
};

}  // namespace mla::codec
