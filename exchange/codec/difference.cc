#include "exchange/codec/difference.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "exchange/codec/cbor_reader.h"
#include "exchange/codec/cbor_writer.h"

namespace mla::codec {

std::uint64_t checksum(std::span<const std::byte> data) {
  return XXH3_64bits(data.data(), data.size());
}

namespace {

std::uint64_t word(const std::byte* at) {
  std::uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

/// How many bytes are the same from the front, eight at a time.
std::size_t same_front(const std::byte* a, const std::byte* b, std::size_t most) {
  std::size_t n = 0;
  while (n + 8 <= most && word(a + n) == word(b + n)) n += 8;
  while (n < most && a[n] == b[n]) ++n;
  return n;
}

/// And from the back; `a` and `b` are the ends.
std::size_t same_back(const std::byte* a, const std::byte* b, std::size_t most) {
  std::size_t n = 0;
  while (n + 8 <= most && word(a - n - 8) == word(b - n - 8)) n += 8;
  while (n < most && a[-1 - static_cast<std::ptrdiff_t>(n)] == b[-1 - static_cast<std::ptrdiff_t>(n)]) ++n;
  return n;
}

}  // namespace

void splice(std::span<const std::byte> base, std::span<const std::byte> next, std::vector<std::byte>& out) {
  const std::size_t shorter = std::min(base.size(), next.size());
  const std::size_t front = same_front(base.data(), next.data(), shorter);
  const std::size_t back = same_back(base.data() + base.size(), next.data() + next.size(), shorter - front);
  const auto between = next.subspan(front, next.size() - front - back);
  {
    CborWriter heads(out, between.size());
    heads.uint(front);
    heads.uint(back);
  }
  out.insert(out.end(), between.begin(), between.end());
}

bool unsplice(std::span<const std::byte> base, std::span<const std::byte> change, std::size_t limit, std::vector<std::byte>& out) {
  CborReader reader(change);
  CborItem front, back;
  if (!reader.next(front) || front.type != CborItem::Type::uint || !reader.next(back) || back.type != CborItem::Type::uint) return false;
  if (front.value > base.size() || back.value > base.size() - front.value) return false;
  const auto between = reader.rest();
  const std::size_t kept = static_cast<std::size_t>(front.value + back.value);
  if (kept > limit || between.size() > limit - kept) return false;
  out.clear();
  out.reserve(kept + between.size());
  const auto head = base.first(static_cast<std::size_t>(front.value)), tail = base.last(static_cast<std::size_t>(back.value));
  out.insert(out.end(), head.begin(), head.end());
  out.insert(out.end(), between.begin(), between.end());
  out.insert(out.end(), tail.begin(), tail.end());
  return true;
}

}  // namespace mla::codec
