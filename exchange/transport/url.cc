#include "exchange/transport/url.h"

#include <algorithm>
#include <cctype>

namespace mla::transport {
namespace {

constexpr std::chrono::milliseconds kShortestHeartbeat{10};
constexpr std::size_t kLongestSocket = 107;  // sockaddr_un has room for so much and a zero
constexpr std::chrono::hours kLongestHeartbeat{1};

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_';
}
// Roughly: what is no address after all fails where it is used. A zone ("%eth0") may follow.
bool looks_like_ipv6(std::string_view text) {
  const auto address = text.substr(0, text.find('%'));
  const auto zone = text.substr(address.size());
  return address.find(':') != std::string_view::npos &&
         std::all_of(
             address.begin(), address.end(),
             [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) || c == ':' || c == '.'; }) &&
         (zone.empty() || (zone.size() > 1 && std::all_of(zone.begin() + 1, zone.end(), is_name_char)));
}
// What may stand in a request line: anything else could end it and begin a header.
bool is_path_char(char c) {
  return c > 0x20 && c < 0x7f && c != '#' && c != '?';
}

// Taken as it stands, so without what a URL would have to encode.
bool is_file_char(char c) {
  return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && c != '#' && c != '%';
}

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

std::optional<std::uint64_t> parse_number(std::string_view digits, std::uint64_t greatest) {
  if (digits.empty() || digits.size() > 12) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value > greatest) return std::nullopt;
  return value;
}

// Each step takes its part off the front of `rest_`; the first that fails says why.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), rest_(text) {}

  bool parse() { return scheme() && (unix_ ? file() : host() && port() && path()) && query(); }
  const Url& url() const { return url_; }
  const std::string& why() const { return why_; }

 private:
  bool fail(const std::string& reason) {
    why_ = quoted(text_) + ": " + reason;
    return false;
  }

  bool scheme() {
    const auto end = rest_.find("://");
    if (end == std::string_view::npos) return fail("it does not begin with ws:// or ws+unix://");
    std::string name(rest_.substr(0, end));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    unix_ = name == "ws+unix";
    if (name != "ws" && !unix_)
      return fail("the scheme " + quoted(name) + " is not known, only ws and ws+unix are");
    rest_.remove_prefix(end + 3);
    return true;
  }

  bool host() {
    if (!rest_.empty() && rest_.front() == '[') {
      const auto end = rest_.find(']');
      if (end == std::string_view::npos) return fail("the ] after the IPv6 address is missing");
      const auto address = rest_.substr(1, end - 1);
      if (!looks_like_ipv6(address)) return fail(quoted(address) + " is no IPv6 address");
      url_.host = address;
      rest_.remove_prefix(end + 1);
      return true;
    }
    const auto name = rest_.substr(0, rest_.find_first_of(":/?"));
    if (name.empty()) return fail("the host is missing");
    if (name != "*" && !std::all_of(name.begin(), name.end(), is_name_char)) {
      return fail(quoted(name) + " is no host name");
    }
    url_.host = name;
    rest_.remove_prefix(name.size());
    return true;
  }

  bool port() {
    if (rest_.empty() || rest_.front() != ':') {
      return rest_.empty() || rest_.front() == '/' || rest_.front() == '?' ||
             fail(quoted(rest_) + " after the host has no meaning");
    }
    rest_.remove_prefix(1);
    const auto digits = rest_.substr(0, rest_.find_first_of("/?"));
    const auto number = parse_number(digits, 65535);
    if (!number) {
      return fail("the port " + quoted(digits) + " is no number from 0 to 65535" +
                  (digits.find(':') == std::string_view::npos ? "" : " (an IPv6 address needs brackets)"));
    }
    url_.port = static_cast<std::uint16_t>(*number);
    rest_.remove_prefix(digits.size());
    return true;
  }

  bool path() {
    const auto path = rest_.substr(0, rest_.find('?'));
    if (!std::all_of(path.begin(), path.end(), is_path_char)) {
      return fail("the path has a character that must be percent-encoded");
    }
    if (!path.empty()) url_.path = path;
    rest_.remove_prefix(path.size());
    return true;
  }

  bool file() {
    const auto path = rest_.substr(0, rest_.find('?'));
    if (path.empty() || path.front() != '/') return fail("the socket's path does not begin with /");
    if (path.size() == 1 || path.back() == '/') return fail("the socket's path names no file");
    if (!std::all_of(path.begin(), path.end(), is_file_char))
      return fail("the socket's path has a blank or another character that it may not have");
    if (path.size() > kLongestSocket)
      return fail("the socket's path has more than " + std::to_string(kLongestSocket) + " bytes");
    url_.socket = path;
    rest_.remove_prefix(path.size());
    return true;
  }

  bool query() {
    if (rest_.empty()) return true;
    rest_.remove_prefix(1);
    while (!rest_.empty()) {
      const auto item = rest_.substr(0, rest_.find('&'));
      rest_.remove_prefix(std::min(rest_.size(), item.size() + 1));
      const auto equals = item.find('=');
      const auto key = item.substr(0, equals);
      if (key != "heartbeat") return fail("the option " + quoted(key) + " is not known, only heartbeat is");
      const auto value = equals == std::string_view::npos ? std::string_view{} : item.substr(equals + 1);
      url_.heartbeat = parse_duration(value);
      if (!url_.heartbeat || *url_.heartbeat < kShortestHeartbeat || *url_.heartbeat > kLongestHeartbeat) {
        return fail("heartbeat=" + std::string(value) + " is no duration from 10ms to 1h");
      }
    }
    return true;
  }

  std::string_view text_;
  std::string_view rest_;
  Url url_;
  std::string why_;
  bool unix_ = false;
};

}  // namespace

Result<Url> parse_url(std::string_view text, std::string* why) {
  Parser parser(text);
  if (parser.parse()) return parser.url();
  if (why) *why = parser.why();
  return ErrorCode::bad_url;
}

std::string to_string(const Url& url) {
  std::string text =
      url.socket.empty() ? "ws://" + host_and_port(url.host, url.port) : "ws+unix://" + url.socket;
  if (url.path != "/") text += url.path;
  if (url.heartbeat) text += "?heartbeat=" + std::to_string(url.heartbeat->count()) + "ms";
  return text;
}

std::string host_and_port(std::string_view host, std::uint16_t port) {
  std::string text(host);
  if (host.find(':') != std::string_view::npos) text = "[" + text + "]";
  return text + ":" + std::to_string(port);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  using std::chrono::milliseconds;
  const auto digits = text.substr(0, text.find_first_not_of("0123456789"));
  const auto unit = text.substr(digits.size());
  milliseconds scale{};
  if (unit == "ms")
    scale = milliseconds{1};
  else if (unit == "s")
    scale = std::chrono::seconds{1};
  else if (unit == "m")
    scale = std::chrono::minutes{1};
  else if (unit == "h")
    scale = std::chrono::hours{1};
  else
    return std::nullopt;
  constexpr milliseconds kGreatest = std::chrono::hours{24};
  const auto count = parse_number(digits, static_cast<std::uint64_t>(kGreatest / scale));
  if (!count) return std::nullopt;
  return scale * static_cast<std::int64_t>(*count);
}

}  // namespace mla::transport
