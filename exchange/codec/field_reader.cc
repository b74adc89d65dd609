#include "exchange/codec/field_reader.h"

#include <algorithm>
#include <array>

#include "exchange/codec/layout.h"
#include "exchange/codec/text.h"

namespace mla::codec {
namespace {

constexpr std::uint64_t kGreatest = std::numeric_limits<std::int64_t>::max();

bool is_label_character(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; }
bool is_printable(char c) { return c > 0x20 && c < 0x7f; }

}  // namespace

std::int64_t FieldReader::integer(std::int64_t min, std::int64_t max) {
  std::uint64_t positive = 0;
  if (left_ > 0 && in_.uint(positive)) {
    --left_;
    if (positive <= kGreatest && static_cast<std::int64_t>(positive) >= min && static_cast<std::int64_t>(positive) <= max)
      return static_cast<std::int64_t>(positive);
    fail();
    return 0;
  }
  take();
  if (head_.type == Type::negative && head_.value <= kGreatest) {
    const std::int64_t value = -1 - static_cast<std::int64_t>(head_.value);
    if (value >= min && value <= max) return value;
  }
  fail();
  return 0;
}

bool FieldReader::boolean() {
  take();
  if (head_.type != Type::boolean) fail();
  return ok_ && head_.value != 0;
}

std::string_view FieldReader::text(std::size_t max) {
  take();
  if (head_.type == Type::text && head_.value <= max) {
    const std::string_view text(reinterpret_cast<const char*>(head_.data),
                                static_cast<std::size_t>(head_.value));
    if (valid_utf8(text)) return text;
  }
  fail();
  return {};
}

std::span<const std::byte> FieldReader::bytes(std::size_t max) {
  std::span<const std::byte> bytes;
  if (left_ > 0 && in_.bytes(bytes) && bytes.size() <= max) return --left_, bytes;
  fail();
  return {};
}

template <class Body>
void FieldReader::inside(Body body) {
  if (head_.type != Type::array) return fail();
  const std::uint64_t outer = left_;
  left_ = head_.value;
  body();
  if (finish()) left_ = outer;
}

template <class Body>
std::size_t FieldReader::list(std::size_t max, Body body) {
  take();
  if (head_.type == Type::array && head_.value > max) fail();
  const auto count = static_cast<std::size_t>(ok_ ? head_.value : 0);
  inside([&] {
    for (std::size_t i = 0; i < count && ok_; ++i) body(i);
  });
  return ok_ ? count : 0;
}

void FieldReader::version(Version& out) {
  std::array<std::int64_t, Version::kMaxItems> items;
  std::uint64_t told = 0;
  if (left_ == 0 || !in_.array(told) || told > items.size()) return fail();
  const std::uint64_t outer = left_ - 1;
  left_ = told;
  const auto count = static_cast<std::size_t>(told);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t positive = 0;
    if (!in_.uint(positive)) {
      items[i] = integer();
      continue;
    }
    if (positive > kGreatest) return fail();
    items[i] = static_cast<std::int64_t>(positive);
    --left_;
  }
  if (!ok_) return;
  left_ = outer;
  out.set({items.data(), count});
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
  std::uint64_t known = 0;
  if (left_ > 0 && in_.uint(known)) {
    --left_;
    if (known > kWellKnownLabels.size()) return fail();
    if (known == 0) return out.clear();
    // Mostly it is the one that the frame before had.
    const std::string_view label = kWellKnownLabels[static_cast<std::size_t>(known) - 1];
    if (out.size() == 1 && out[0] == label) return;
    out.resize(1);
    out[0] = label;
    return;
  }
  out.clear();
  take();
  if (head_.type != Type::array || head_.value > kMaxFormatLabels) return fail();
  const std::uint64_t count = head_.value;
  inside([&] {
    out.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(count, in_.rest().size())));
    for (std::uint64_t i = 0; i < count && ok_; ++i) {
      const std::string_view label = text(kMaxLabelBytes);
      if (label.empty() || !std::all_of(label.begin(), label.end(), is_label_character)) return fail();
      out.emplace_back(label);
    }
  });
}

std::optional<Exposure> FieldReader::exposure() {
  take();
  if (head_.type == Type::null) return std::nullopt;
  Exposure exposure;
  inside([&] {
    exposure.priority = int32();
    exposure.capacity = uint(kMaxCapacity);
    exposure.takes_over = more() ? std::min(int32(), exposure.priority) : exposure.priority;
  });
  return exposure;
}

std::optional<AtWork> FieldReader::trailing_at_work() {
  if (!more()) return std::nullopt;
  take();
  if (head_.type == Type::null) return std::nullopt;
  AtWork at_work;
  inside([&] {
    at_work.priority = int32();
    at_work.linger_ms = uint32();
  });
  return at_work;
}

std::optional<Epoch> FieldReader::optional_epoch() {
  take();
  if (head_.type == Type::null) return std::nullopt;
  Epoch read;
  inside([&] { read = epoch(); });
  return read;
}

std::optional<Stamp> FieldReader::optional_stamp() {
  take();
  if (head_.type == Type::null) return std::nullopt;
  Stamp stamp;
  inside([&] {
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
