#pragma once
#include <mla/result.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mla::transport {

/// Where a link goes to or a listener listens: ws://HOST[:PORT][/PATH][?heartbeat=500ms], or
/// ws+unix:///FILE[?heartbeat=500ms]. *value*
struct Url {
  static constexpr std::uint16_t kDefaultPort = 3001;

  std::string host;                   // a name or an address; an IPv6 address without its brackets
  std::uint16_t port = kDefaultPort;  // 0 (listeners only): a free one
  std::string path = "/";
  std::optional<std::chrono::milliseconds> heartbeat;  // own announcement on links of this URL
  std::string socket{};  // the socket file of ws+unix; then host, port and path say nothing

  friend bool operator==(const Url&, const Url&) = default;
};

/// bad_url when it cannot be used; then `why` (if given) is set to "'TEXT': what is wrong with it".
Result<Url> parse_url(std::string_view text, std::string* why = nullptr);

/// The text that parse_url reads back to the same value.
std::string to_string(const Url& url);

/// "host:port", the host in brackets if it is an IPv6 address.
std::string host_and_port(std::string_view host, std::uint16_t port);

/// "10s", "500ms", "5m": a whole number and a unit (ms, s, m, h). None when it is none or above one day.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace mla::transport
