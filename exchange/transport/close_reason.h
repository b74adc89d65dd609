#pragma once
#include <mla/error.h>

#include <cstdint>
#include <string>
#include <string_view>

// How an error travels in a WebSocket close frame: 1000 for ok, else 4000 + its number (RFC 6455 §7.4.2 keeps
// 4000–4999 for private use), the detail as the reason.
namespace mla::transport {

inline constexpr std::size_t kCloseDetailBytes = 123;  // RFC 6455 §5.5: 125 less the code

std::uint16_t to_close_code(ErrorCode code);

/// Whether the number is one of errors.def here; a newer peer may know more.
bool is_known_error(std::uint16_t number);

/// For any number, also of foreign peers: 1000, 1001 and "no code" are ok, unknown ones link_lost.
ErrorCode from_close_code(std::uint16_t code);

/// Cut to what fits, at a character's border; bytes that are no UTF-8 become '?', else the peer would reject
/// the frame.
std::string close_detail(std::string_view detail);

}  // namespace mla::transport
