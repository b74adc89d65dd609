#include <mla/state.h>

#include <algorithm>

namespace mla {
namespace {

constexpr std::size_t kMaxLabels = 8;
constexpr std::size_t kMaxLabelBytes = 32;

bool is_label_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

}  // namespace

ErrorCode check_format(const Format& format) {
  if (format.size() > kMaxLabels) return ErrorCode::bad_format;
  for (const std::string& label : format) {
    if (label.empty() || label.size() > kMaxLabelBytes) return ErrorCode::bad_format;
    if (!std::all_of(label.begin(), label.end(), is_label_character)) return ErrorCode::bad_format;
  }
  return ErrorCode::ok;
}

State State::json(std::string_view text) {
  return bytes(std::as_bytes(std::span(text.data(), text.size())), {"JSON"});
}

State State::text(std::string_view text) {
  return bytes(std::as_bytes(std::span(text.data(), text.size())), {"TEXT"});
}

State State::bytes(std::span<const std::byte> data, Format format) {
  State state;
  state.payload_ = std::make_shared<const Payload>(Payload{format, {data.begin(), data.end()}});
  return state;
}

State&& State::with_version(Version version) && {
  version_ = std::move(version);
  has_version_ = true;
  return std::move(*this);
}

std::span<const std::byte> State::data() const {
  if (!payload_) return {};
  return payload_->data;
}

std::string_view State::text() const {
  const auto bytes = data();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

const Format& State::format() const {
  static const Format kNone;
  return payload_ ? payload_->format.labels() : kNone;
}

Result<State> State::unwrap(std::string_view label) const {
  if (format().empty() || format().back() != label) return ErrorCode::wrong_format;
  State inner = *this;
  Format outer = format();
  outer.pop_back();
  inner.payload_ = std::make_shared<const Payload>(Payload{outer, payload_->data});
  return inner;
}

}  // namespace mla
