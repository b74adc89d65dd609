#include "exchange/transport/refusal.h"

#include <charconv>

#include "exchange/transport/close_reason.h"

namespace mla::transport {

std::string to_refusal(ErrorCode code, std::string_view text) {
  return std::to_string(static_cast<unsigned>(code)) + " " + std::string(text);
}

std::optional<std::pair<ErrorCode, std::string>> from_refusal(std::string_view value) {
  std::uint16_t number = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
  if (parsed.ec != std::errc{} || !is_known_error(number) || number == 0) return std::nullopt;
  value.remove_prefix(static_cast<std::size_t>(parsed.ptr - value.data()));
  if (!value.empty() && value.front() != ' ') return std::nullopt;
  if (!value.empty()) value.remove_prefix(1);
  return std::pair(static_cast<ErrorCode>(number), close_detail(value));
}

}  // namespace mla::transport
