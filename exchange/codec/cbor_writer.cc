#include "exchange/codec/cbor_writer.h"

#include <algorithm>

#include "exchange/codec/cbor_heads.h"
#include "exchange/codec/cbor_heads_plain.h"

namespace mla::codec {
namespace {

constexpr std::size_t kAhead = 64;   // the usual heads of a frame
constexpr std::size_t kSmall = 256;  // to clear the room of a larger string would cost more than to append it

}  // namespace

CborWriter::CborWriter(std::vector<std::byte>& out, std::size_t strings) : out_(out) {
  const std::size_t expected = out.size() + kAhead + strings;
  // Still geometric when many frames go into one vector.
  if (expected > out.capacity()) out.reserve(expected > 2 * out.capacity() ? expected : 2 * out.capacity());
  grow(strings <= kSmall ? strings : 0);
}

void CborWriter::grow(std::size_t strings) {
  static_assert(kMaxHead == heads::kMaxHead);
  const std::size_t used = out_.size() - room_;
  room_ = kAhead + strings;
  out_.resize(used + room_);
  at_ = reinterpret_cast<unsigned char*>(out_.data() + used);
}

void CborWriter::append(const std::byte* data, std::size_t size) {
  if (size <= room_) {
    std::copy_n(data, size, reinterpret_cast<std::byte*>(at_));
    return wrote(size);
  }
  cut();
  out_.insert(out_.end(), data, data + size);
  room_ = 0;
}

/// As in the reader: what states mostly consist of is written on the spot.
void CborWriter::wide(Major major, std::uint64_t argument, unsigned char* out) {
  wrote(major == kUint    ? plain::write_uint(argument, out)
        : major == kArray ? plain::write_array(static_cast<std::size_t>(argument), out)
                          : plain::write_bytes(static_cast<std::size_t>(argument), out));
}

void CborWriter::integer(std::int64_t value) {
  if (value >= 0) return uint(static_cast<std::uint64_t>(value));
  wrote(heads::write_negative(~static_cast<std::uint64_t>(value), room()));
}

void CborWriter::boolean(bool value) {
  wrote(heads::write_boolean(value, room()));
}

void CborWriter::text(std::string_view utf8) {
  wrote(heads::write_text(utf8.size(), room()));
  append(reinterpret_cast<const std::byte*>(utf8.data()), utf8.size());
}

void CborWriter::bytes(std::span<const std::byte> bytes) {
  head(kBytes, bytes.size());
  append(bytes.data(), bytes.size());
}

}  // namespace mla::codec
