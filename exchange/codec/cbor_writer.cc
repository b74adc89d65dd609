#include "exchange/codec/cbor_writer.h"

#include "exchange/codec/cbor_heads.h"

namespace mla::codec {
namespace {

constexpr std::size_t kAhead = 64;  // the usual heads of a frame

}  // namespace

CborWriter::CborWriter(std::vector<std::byte>& out, std::size_t strings) : out_(out) {
  const std::size_t expected = out.size() + kAhead + strings;
  // Still geometric when many frames go into one vector.
  if (expected > out.capacity()) out.reserve(expected > 2 * out.capacity() ? expected : 2 * out.capacity());
  grow();
}

void CborWriter::grow() {
  static_assert(kMaxHead == heads::kMaxHead);
  const std::size_t used = out_.size() - room_;
  out_.resize(used + kAhead);
  at_ = reinterpret_cast<unsigned char*>(out_.data() + used);
  room_ = kAhead;
}

void CborWriter::append(const std::byte* data, std::size_t size) {
  cut();
  out_.insert(out_.end(), data, data + size);
  room_ = 0;
}

void CborWriter::array(std::size_t items) {
  wrote(heads::write_array(items, room()));
}

void CborWriter::uint(std::uint64_t value) {
  wrote(heads::write_uint(value, room()));
}

void CborWriter::integer(std::int64_t value) {
  if (value >= 0) return uint(static_cast<std::uint64_t>(value));
  wrote(heads::write_negative(~static_cast<std::uint64_t>(value), room()));
}

void CborWriter::boolean(bool value) {
  wrote(heads::write_boolean(value, room()));
}

void CborWriter::null() {
  wrote(heads::write_null(room()));
}

void CborWriter::text(std::string_view utf8) {
  wrote(heads::write_text(utf8.size(), room()));
  append(reinterpret_cast<const std::byte*>(utf8.data()), utf8.size());
}

void CborWriter::bytes(std::span<const std::byte> bytes) {
  wrote(heads::write_bytes(bytes.size(), room()));
  append(bytes.data(), bytes.size());
}

}  // namespace mla::codec
