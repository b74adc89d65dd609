#include "exchange/codec/field_reader.h"

#include <algorithm>
#include <array>

#include "exchange/codec/layout.h"
#include "exchange/codec/text.h"

namespace mla::codec {
namespace {

using Type = CborItem::Type;

bool is_label_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}
bool is_printable(char c) {
  return c > 0x20 && c < 0x7f;
}

}  // namespace

CborItem FieldReader::take() {
  if (left_ == 0) {
    fail();
    return {};
  }
  --left_;
  const CborItem head = in_.next();
  if (head.type == Type::bad) fail();
  return head;
}

void FieldReader::fail() {
  ok_ = false;
  left_ = 0;
}

std::uint64_t FieldReader::uint(std::uint64_t max) {
  const CborItem head = take();
  if (head.type == Type::uint && head.value <= max) return head.value;
  fail();
  return 0;
}

std::int64_t FieldReader::integer(std::int64_t min, std::int64_t max) {
  const CborItem head = take();
  constexpr std::uint64_t kGreatest = std::numeric_limits<std::int64_t>::max();
  if ((head.type == Type::uint || head.type == Type::negative) && head.value <= kGreatest) {
    const auto magnitude = static_cast<std::int64_t>(head.value);
    const std::int64_t value = head.type == Type::uint ? magnitude : -1 - magnitude;
    if (value >= min && value <= max) return value;
  }
  fail();
  return 0;
}

bool FieldReader::boolean() {
  const CborItem head = take();
  if (head.type != Type::boolean) fail();
  return ok_ && head.value != 0;
}

std::optional<std::uint64_t> FieldReader::optional_uint(std::uint64_t max) {
  const CborItem head = take();
  if (head.type == Type::null) return std::nullopt;
  if (head.type == Type::uint && head.value <= max) return head.value;
  fail();
  return std::nullopt;
}

std::string_view FieldReader::text(std::size_t max) {
  const CborItem head = take();
  if (head.type == Type::text && head.value <= max) {
    const std::string_view text(reinterpret_cast<const char*>(head.data),
                                static_cast<std::size_t>(head.value));
    if (valid_utf8(text)) return text;
  }
  fail();
  return {};
}

std::span<const std::byte> FieldReader::bytes(std::size_t max) {
  const CborItem head = take();
  if (head.type == Type::bytes && head.value <= max) return {head.data, static_cast<std::size_t>(head.value)};
  fail();
  return {};
}

template <class Body>
void FieldReader::inside(const CborItem& head, Body body) {
  if (head.type != Type::array) return fail();
  const std::uint64_t outer = left_;
  left_ = head.value;
  body();
  if (finish()) left_ = outer;
}

template <class Body>
std::size_t FieldReader::list(std::size_t max, Body body) {
  std::size_t count = 0;
  const CborItem head = take();
  if (head.type == Type::array && head.value > max) fail();
  if (!ok_) return 0;
  inside(head, [&] {
    for (; count < head.value && ok_; ++count) body(count);
  });
  return ok_ ? count : 0;
}

Epoch FieldReader::epoch() {
  Epoch epoch;
  epoch.counter = uint(kMaxEpochCounter);
  epoch.minter.value = uint();
  return epoch;
}

void FieldReader::version(Version& out) {
  std::array<std::int64_t, Version::kMaxItems> items;
  const std::size_t count = list(items.size(), [&](std::size_t i) { items[i] = integer(); });
  out = *Version::from({items.data(), count});
}

Version FieldReader::version() {
  Version result;
  version(result);
  return result;
}

void FieldReader::path(std::vector<NodeId>& out) {
  std::array<NodeId, kMaxPathIds> ids;
  const std::size_t count = list(ids.size(), [&](std::size_t i) { ids[i].value = uint(); });
  out.assign(ids.begin(), ids.begin() + count);
}

void FieldReader::labels(std::vector<std::string>& out) {
  std::array<std::string_view, kMaxCodecs> names;
  const std::size_t count = list(names.size(), [&](std::size_t i) {
    names[i] = text(kMaxCodecBytes);
    if (names[i].empty() || !std::all_of(names[i].begin(), names[i].end(), is_printable)) fail();
  });
  out.assign(names.begin(), names.begin() + count);
}

void FieldReader::format(Format& out) {
  const CborItem head = take();
  if (head.type == Type::uint && head.value <= kWellKnownLabels.size()) {
    out.resize(head.value == 0 ? 0 : 1);
    if (head.value > 0) out[0] = kWellKnownLabels[static_cast<std::size_t>(head.value) - 1];
    return;
  }
  out.clear();
  if (head.type != Type::array || head.value > kMaxFormatLabels) return fail();
  inside(head, [&] {
    out.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(head.value, in_.rest().size())));
    for (std::uint64_t i = 0; i < head.value && ok_; ++i) {
      const std::string_view label = text(kMaxLabelBytes);
      if (label.empty() || !std::all_of(label.begin(), label.end(), is_label_character)) return fail();
      out.emplace_back(label);
    }
  });
}

std::optional<Exposure> FieldReader::exposure() {
  const CborItem head = take();
  if (head.type == Type::null) return std::nullopt;
  Exposure exposure;
  inside(head, [&] {
    exposure.priority = static_cast<std::int32_t>(
        integer(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
    exposure.capacity = uint(kMaxCapacity);
  });
  return exposure;
}

std::optional<Epoch> FieldReader::optional_epoch() {
  const CborItem head = take();
  if (head.type == Type::null) return std::nullopt;
  Epoch read;
  inside(head, [&] { read = epoch(); });
  return read;
}

std::optional<Stamp> FieldReader::optional_stamp() {
  const CborItem head = take();
  if (head.type == Type::null) return std::nullopt;
  Stamp stamp;
  inside(head, [&] {
    stamp.epoch = epoch();
    version(stamp.version);
  });
  return stamp;
}

bool FieldReader::finish() {
  for (; left_ > 0; --left_) {
    if (!in_.skip()) fail();
    if (!ok_) return false;
  }
  return ok_;
}

}  // namespace mla::codec
