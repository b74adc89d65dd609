#include "exchange/transport/close_reason.h"

namespace mla::transport {
namespace {

constexpr std::uint16_t kPrivate = 4000;

// Length of the well-formed UTF-8 character at the front, 0 if it is none (RFC 3629).
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if (first == 0xe0 && byte(1) < 0xa0) return 0;
  if (first == 0xed && byte(1) > 0x9f) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;
  if (first == 0xf4 && byte(1) > 0x8f) return 0;
  return length;
}

}  // namespace

bool is_known_error(std::uint16_t number) {
  switch (number) {
#define MLA_ERROR(name, value, group, text) case value:
#include "mla/errors.def"
#undef MLA_ERROR
    return true;
    default:
      return false;
  }
}

std::uint16_t to_close_code(ErrorCode code) {
  return code == ErrorCode::ok ? 1000
                               : static_cast<std::uint16_t>(kPrivate + static_cast<std::uint16_t>(code));
}

ErrorCode from_close_code(std::uint16_t code) {
  switch (code) {
    case 0:     // a close frame without a code
    case 1000:  // normal
    case 1001:  // going away: a page that was left
    case 1005:  // no status received
      return ErrorCode::ok;
    case 1002:  // protocol error
    case 1007:  // bad payload
      return ErrorCode::bad_frame;
    case 1003:  // unacceptable data
      return ErrorCode::text_message;
    case 1009:
      return ErrorCode::message_too_large;
    case 1012:  // service restart
      return ErrorCode::shutting_down;
    default:
      break;
  }
  if (code >= kPrivate && is_known_error(static_cast<std::uint16_t>(code - kPrivate))) {
    return static_cast<ErrorCode>(code - kPrivate);
  }
  return ErrorCode::link_lost;
}

std::string close_detail(std::string_view detail) {
  std::string result;
  while (!detail.empty()) {
    const std::size_t length = character_length(detail);
    if (result.size() + (length ? length : 1) > kCloseDetailBytes) break;
    if (length)
      result += detail.substr(0, length);
    else
      result += '?';
    detail.remove_prefix(length ? length : 1);
  }
  return result;
}

}  // namespace mla::transport
