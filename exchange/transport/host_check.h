#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mla::transport {

/// HOST[:PORT] as in a Host header; IPv6 in brackets there, without them here; lower case. *value*
struct Authority {
  std::string host;
  std::optional<std::uint16_t> port;
};
std::optional<Authority> parse_authority(std::string_view text);

/// Whom an HTTP listener believes to be talking to it. A browser lets any page send requests to loopback and
/// to the local network; the page cannot forge Host and Origin, though, so these two decide. *value*
class HostCheck {
 public:
  /// `address`: the one bound, as text. `names`: more hosts to accept, on any port.
  HostCheck(std::string_view address, std::uint16_t port, std::vector<std::string> names);

  /// For a listener at a socket file: any Host, and of origins only those listed.
  static HostCheck for_file();

  /// Whether a Host header names this listener. Loopback: localhost, 127.0.0.1, [::1] or the bound address,
  /// with the bound port. All addresses: any IP address or this machine's name, on any port (it may be
  /// forwarded): what must not pass is a foreign *name*, which DNS may have pointed here after the page was
  /// loaded. Else: the bound address or our name.
  bool host_allowed(std::string_view host) const;

  /// Whether a page of `origin` may connect that asked for `host` (already allowed): its own listener's page,
  /// or listed.
  bool origin_allowed(std::string_view origin, std::string_view host,
                      const std::vector<std::string>& listed) const;

 private:
  enum class Scope : std::uint8_t { loopback, everywhere, one_address, file };
  HostCheck() = default;

  std::string address_;
  std::uint16_t port_ = 0;
  Scope scope_ = Scope::file;
  std::vector<std::string> names_;
  std::string machine_;
};

}  // namespace mla::transport
