#include "exchange/transport/host_check.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cctype>

namespace mla::transport {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return result;
}

std::optional<boost::asio::ip::address> address_of(const std::string& host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error) return std::nullopt;
  return address;
}

bool is_loopback_name(const std::string& host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

std::string machine_name() {
  char name[256] = {};
  if (gethostname(name, sizeof(name) - 1) != 0) return {};
  return lower(name);
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
  Authority result;
  std::string_view rest;
  if (!text.empty() && text.front() == '[') {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    result.host = lower(text.substr(1, end - 1));
    rest = text.substr(end + 1);
  } else {
    const auto colon = text.find(':');
    result.host = lower(text.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
  }
  if (result.host.empty()) return std::nullopt;
  if (rest.empty()) return result;
  if (rest.front() != ':') return std::nullopt;
  rest.remove_prefix(1);
  if (rest.empty() || rest.size() > 5) return std::nullopt;
  std::uint32_t port = 0;
  for (const char c : rest) {
    if (c < '0' || c > '9') return std::nullopt;
    port = port * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (port > 65535) return std::nullopt;
  result.port = static_cast<std::uint16_t>(port);
  return result;
}

HostCheck::HostCheck(std::string_view address, std::uint16_t port, std::vector<std::string> names)
    : address_(lower(address)), port_(port), scope_(Scope::one_address), machine_(machine_name()) {
  for (const auto& name : names) names_.push_back(lower(name));
  if (const auto bound = address_of(address_)) {
    if (bound->is_loopback()) scope_ = Scope::loopback;
    if (bound->is_unspecified()) scope_ = Scope::everywhere;
  }
}

HostCheck HostCheck::for_file() {
  return {};
}

bool HostCheck::host_allowed(std::string_view host) const {
  if (scope_ == Scope::file) return true;
  const auto asked = parse_authority(host);
  if (!asked) return false;
  if (std::find(names_.begin(), names_.end(), asked->host) != names_.end()) return true;
  const bool own_name = !machine_.empty() && asked->host == machine_;
  switch (scope_) {
    case Scope::loopback:
      return asked->port.value_or(80) == port_ && (is_loopback_name(asked->host) || asked->host == address_);
    case Scope::everywhere:
      return own_name || asked->host == "localhost" || address_of(asked->host).has_value();
    case Scope::one_address:
      return own_name || asked->host == address_;
    case Scope::file:
      break;
  }
  return false;
}

bool HostCheck::origin_allowed(std::string_view origin, std::string_view host,
                               const std::vector<std::string>& listed) const {
  const auto text = lower(origin);
  for (const auto& allowed : listed) {
    if (lower(allowed) == text) return true;
  }
  if (scope_ == Scope::file) return false;
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string::npos) return false;  // also "null", of sandboxed pages and files
  const auto page = parse_authority(std::string_view(text).substr(scheme_end + 3));
  const auto asked = parse_authority(host);
  if (!page || !asked) return false;
  const std::uint16_t default_port = text.compare(0, scheme_end, "https") == 0 ? 443 : 80;
  if (page->port.value_or(default_port) != asked->port.value_or(default_port)) return false;
  if (page->host == asked->host) return true;
  return scope_ == Scope::loopback && is_loopback_name(page->host) && is_loopback_name(asked->host);
}

}  // namespace mla::transport
