#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/codec/cbor_heads_plain.h"
#include "exchange/codec/layout.h"
#include "exchange/codec/messages.h"
#include "exchange/codec/outgoing.h"

// The frame that nearly all traffic consists of, in the shape that nearly all of it has: read in one go, its place kept in
// registers, where a reader that is asked field by field keeps it in memory.
namespace mla::codec {

/// Goes over unsigned numbers, nulls and strings of bytes. Whatever else it meets, or the end, makes it fail for good.
/// *value, on the stack of one call*
class PlainCursor {
 public:
  explicit PlainCursor(std::span<const std::byte> input) : at_(input.data()), end_(input.data() + input.size()) {}

  std::uint64_t uint() { return argument(0x00); }
  std::uint64_t array() { return argument(0x80); }
  std::span<const std::byte> bytes() {
    const std::uint64_t size = argument(0x40);
    if (size > static_cast<std::uint64_t>(end_ - at_)) return fail(), std::span<const std::byte>();
    const std::byte* const begin = at_;
    at_ += size;
    return {begin, static_cast<std::size_t>(size)};
  }
  bool null() {
    if (at_ == end_ || *at_ != std::byte{0xf6}) return false;
    ++at_;
    return true;
  }
  std::optional<std::uint64_t> optional_uint() { return null() ? std::nullopt : std::optional(uint()); }
  void require(bool that) {
    if (!that) fail();
  }
  bool ok() const { return ok_; }
  std::size_t taken_of(std::span<const std::byte> input) const { return static_cast<std::size_t>(at_ - input.data()); }

 private:
  template <class T>
  T big_endian() const {
    T value;
    std::memcpy(&value, at_ + 1, sizeof value);
    if constexpr (std::endian::native == std::endian::big) return value;
    if constexpr (sizeof value == 8) return __builtin_bswap64(value);
    if constexpr (sizeof value == 4) return __builtin_bswap32(value);
    if constexpr (sizeof value == 2) return __builtin_bswap16(value);
    return value;
  }
  template <class T>
  std::uint64_t wide() {
    if (static_cast<std::size_t>(end_ - at_) <= sizeof(T)) return fail(), 0;
    const T value = big_endian<T>();
    at_ += 1 + sizeof(T);
    return value;
  }
  /// Of a head that begins with these three bits, in whatever width it came.
  std::uint64_t argument(unsigned start) {
    if (at_ == end_) return fail(), 0;
    const unsigned info = std::to_integer<unsigned>(*at_) - start;
    if (info < 24) return ++at_, info;
    switch (info) {
      case 24:
        return wide<std::uint8_t>();
      case 25:
        return wide<std::uint16_t>();
      case 26:
        return wide<std::uint32_t>();
      case 27:
        return wide<std::uint64_t>();
      default:
        return fail(), 0;
    }
  }
  void fail() {
    ok_ = false;
    at_ = end_;
  }

  const std::byte* at_;
  const std::byte* end_;
  bool ok_ = true;
};

static_assert((kFlagConfirm | kFlagZstd) < 24, "they are their own head");

/// Reads one STATE into `f` when it is as such frames mostly are: a version of two numbers at most, a format of one well-known
/// label, no item after those we know. Answers the bytes that it took; 0: it is something else, or malformed, which the
/// reader of fields finds out, and `f` may hold anything.
inline std::size_t read_plain_state(std::span<const std::byte> input, StateFrame& f) {
  PlainCursor in(input);
  const std::uint64_t items = in.array();
  if ((items != 12 && items != 13) || in.uint() != static_cast<std::uint64_t>(Kind::state)) return 0;
  f.handle.value = in.uint();
  f.epoch.counter = in.uint();
  f.epoch.minter.value = in.uint();
  std::int64_t version[2] = {0, 0};
  const std::uint64_t numbers = in.array();
  if (numbers > std::size(version)) return 0;
  for (std::uint64_t i = 0; i < numbers; ++i) version[i] = static_cast<std::int64_t>(in.uint());
  f.nth = in.uint();
  f.base_nth = in.optional_uint();
  f.age_us = in.optional_uint();
  const std::uint64_t format = in.uint();
  f.checksum = in.optional_uint();
  f.parts_bytes = in.uint();
  const std::span<const std::byte> body = in.bytes();
  const std::uint64_t flags = items == 13 ? in.uint() : 0;
  in.require(f.epoch.counter <= kMaxEpochCounter && version[0] >= 0 && version[1] >= 0 && (!f.age_us || *f.age_us <= kMaxAgeUs) &&
             f.parts_bytes <= kMaxStateBytes && format > 0 && format <= kWellKnownLabels.size());
  if (!in.ok()) return 0;
  f.version.set({version, static_cast<std::size_t>(numbers)});
  const std::string_view label = kWellKnownLabels[static_cast<std::size_t>(format) - 1];
  if (f.format.size() != 1 || f.format[0] != label) f.format.assign(1, std::string(label));
  f.body.assign(body.begin(), body.end());
  f.carry = false;
  f.confirm = (flags & kFlagConfirm) != 0;
  f.zstd = (flags & kFlagZstd) != 0;
  return in.taken_of(input);
}

/// Whose state begins there; none: it begins something else.
inline std::optional<Handle> peek_plain_state(std::span<const std::byte> input) {
  PlainCursor in(input);
  const std::uint64_t items = in.array();
  if ((items != 12 && items != 13) || in.uint() != static_cast<std::uint64_t>(Kind::state)) return std::nullopt;
  const Handle handle{in.uint()};
  return in.ok() ? std::optional(handle) : std::nullopt;
}

/// Room for heads, which are written one after the other. *value, on the stack of one call*
class PlainHeads {
 public:
  void uint(std::uint64_t value) { at_ += plain::write_uint(value, at_); }
  void array(std::size_t items) { at_ += plain::write_array(items, at_); }
  void bytes(std::size_t size) { at_ += plain::write_bytes(size, at_); }
  void null() { *at_++ = 0xf6; }
  void optional_uint(const std::optional<std::uint64_t>& value) { value ? uint(*value) : null(); }
  std::span<const std::byte> written() const { return std::as_bytes(std::span(heads_, static_cast<std::size_t>(at_ - heads_))); }

 private:
  static constexpr std::size_t kFields = 13, kHead = 9;
  unsigned char heads_[kFields * kHead + 3 * kHead];  // a version is three heads; and each is written as if it were wide
  unsigned char* at_ = heads_;
};

/// Appends the frame that brings `state` from `offset` on, if it is of the shape that read_plain_state() reads. False: it is not,
/// and nothing was written.
inline bool write_plain_state(const Outgoing& state, const std::optional<std::uint64_t>& age_us, std::size_t offset, std::vector<std::byte>& out) {
  const auto version = state.stamp.version.items();
  const Format& format = state.payload->format;
  if (state.kind != Outgoing::Kind::state || version.size() > 2 || format.size() != 1) return false;
  const auto label = std::find(kWellKnownLabels.begin(), kWellKnownLabels.end(), format[0]);
  if (label == kWellKnownLabels.end()) return false;
  const Encoded* const encoded = state.encoded.get();
  const std::uint64_t flags = (state.confirm ? kFlagConfirm : 0) | (encoded && encoded->zstd ? kFlagZstd : 0);
  const std::span<const std::byte> body = state.body().subspan(offset);

  PlainHeads heads;
  heads.array(flags != 0 ? 13 : 12);
  heads.uint(static_cast<std::uint64_t>(Kind::state));
  heads.uint(state.handle.value);
  heads.uint(state.stamp.epoch.counter);
  heads.uint(state.stamp.epoch.minter.value);
  heads.array(version.size());
  for (const std::int64_t item : version) {
    if (item < 0) return false;
    heads.uint(static_cast<std::uint64_t>(item));
  }
  heads.uint(state.nth);
  heads.optional_uint(encoded ? encoded->base_nth : std::nullopt);
  heads.optional_uint(age_us);
  heads.uint(static_cast<std::uint64_t>(label - kWellKnownLabels.begin()) + 1);
  encoded && encoded->base_nth ? heads.uint(encoded->checksum) : heads.null();
  heads.uint(offset);
  heads.bytes(body.size());

  const auto head = heads.written();
  const std::size_t size = out.size() + head.size() + body.size() + (flags != 0);
  if (size > out.capacity()) out.reserve(std::max(size, 2 * out.capacity()));  // still geometric when many go into one vector
  out.insert(out.end(), head.begin(), head.end());
  out.insert(out.end(), body.begin(), body.end());
  if (flags != 0) out.push_back(static_cast<std::byte>(flags));
  return true;
}

}  // namespace mla::codec
