#include "exchange/codec/cbor_writer.h"

#include <cbor/encoding.h>

#include <cstring>

namespace mla::codec {

unsigned char* CborWriter::room() {
  if (buffer_.size() - used_ < kMaxHead) finish();
  return buffer_.data() + used_;
}

void CborWriter::finish() {
  const auto* begin = reinterpret_cast<const std::byte*>(buffer_.data());
  out_.insert(out_.end(), begin, begin + used_);
  used_ = 0;
}

void CborWriter::append(const void* data, std::size_t size) {
  if (size == 0) return;
  if (size <= buffer_.size() - used_) {
    std::memcpy(buffer_.data() + used_, data, size);
    used_ += size;
    return;
  }
  const std::size_t whole = out_.size() + used_ + size;
  // One growth for buffer and body, still geometric over many frames.
  if (whole > out_.capacity()) out_.reserve(whole > 2 * out_.capacity() ? whole : 2 * out_.capacity());
  finish();
  const auto* begin = static_cast<const std::byte*>(data);
  out_.insert(out_.end(), begin, begin + size);
}

void CborWriter::array(std::size_t items) {
  used_ += cbor_encode_array_start(items, room(), kMaxHead);
}

void CborWriter::uint(std::uint64_t value) {
  used_ += cbor_encode_uint(value, room(), kMaxHead);
}

void CborWriter::integer(std::int64_t value) {
  if (value >= 0) return uint(static_cast<std::uint64_t>(value));
  used_ += cbor_encode_negint(~static_cast<std::uint64_t>(value), room(), kMaxHead);
}

void CborWriter::boolean(bool value) {
  used_ += cbor_encode_bool(value, room(), kMaxHead);
}

void CborWriter::null() {
  used_ += cbor_encode_null(room(), kMaxHead);
}

void CborWriter::text(std::string_view utf8) {
  used_ += cbor_encode_string_start(utf8.size(), room(), kMaxHead);
  append(utf8.data(), utf8.size());
}

void CborWriter::bytes(std::span<const std::byte> bytes) {
  used_ += cbor_encode_bytestring_start(bytes.size(), room(), kMaxHead);
  append(bytes.data(), bytes.size());
}

}  // namespace mla::codec
