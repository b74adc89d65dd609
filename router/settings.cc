#include "router/settings.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "contracts/closest_name.h"
#include "contracts/quantity.h"

namespace mla::router {
namespace {

template <class T>
void take(T& into, const std::optional<T>& first, const std::optional<T>& second,
          const std::optional<T>& third) {
  if (first)
    into = *first;
  else if (second)
    into = *second;
  else if (third)
    into = *third;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto begin = text.find_first_not_of(", \t");
    if (begin == text.npos) break;
    const auto end = std::min(text.find_first_of(", \t", begin), text.size());
    out.emplace_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
  return out;
}

constexpr std::array<std::string_view, 6> kLevels{"debug", "info", "warning", "error", "off", "trace"};
constexpr std::array<std::string_view, 2> kFormats{"text", "json"};

template <std::size_t N>
std::string not_one_of(std::string_view what, std::string_view value,
                       const std::array<std::string_view, N>& names) {
  if (std::find(names.begin(), names.end(), value) != names.end()) return {};
  std::string out = std::string(what) + " \"" + std::string(value) + "\" is none of";
  for (const auto name : names) out += (name == names.front() ? " " : ", ") + std::string(name);
  if (const auto close = closest_name(value, names)) out += "; did you mean \"" + std::string(*close) + "\"?";
  return out;
}

}  // namespace

Settings resolve(const Choices& flags, const Choices& environment, const Choices& file) {
  Settings s;
  take(s.listen, flags.listen, environment.listen, file.listen);
  take(s.parent, flags.parent, environment.parent, file.parent);
  take(s.admin, flags.admin, environment.admin, file.admin);
  take(s.name, flags.name, environment.name, file.name);
  take(s.log_level, flags.log_level, environment.log_level, file.log_level);
  take(s.log_format, flags.log_format, environment.log_format, file.log_format);
  take(s.threads, flags.threads, environment.threads, file.threads);
  take(s.busy_poll, flags.busy_poll, environment.busy_poll, file.busy_poll);
  take(s.insecure, flags.insecure, environment.insecure, file.insecure);
  take(s.allowed_origins, flags.allowed_origins, environment.allowed_origins, file.allowed_origins);
  take(s.allowed_hosts, flags.allowed_hosts, environment.allowed_hosts, file.allowed_hosts);
  take(s.limits, flags.limits, environment.limits, file.limits);
  if (const auto& typed =
          flags.rebalance_threshold ? flags.rebalance_threshold : environment.rebalance_threshold) {
    if (const auto percent = parse_threshold(*typed))
      s.limits.rebalance_percent = *percent;
    else
      s.rebalance_threshold = *typed;
  }
  return s;
}

Choices from_environment(const std::function<const char*(const char*)>& get) {
  Choices c;
  const auto text = [&](const char* name, std::optional<std::string>& into) {
    if (const char* value = get(name); value && *value) into = value;
  };
  const auto list = [&](const char* name, std::optional<std::vector<std::string>>& into) {
    if (const char* value = get(name); value && *value) into = split_list(value);
  };
  text("MLA_CONFIG", c.config);
  list("MLA_LISTEN", c.listen);
  list("MLA_PARENT", c.parent);
  text("MLA_ADMIN", c.admin);
  text("MLA_NAME", c.name);
  if (const char* value = get("MLA_THREADS"); value && *value) {
    const std::string_view digits(value);
    unsigned threads = 0;  // what is no number is complained of as 0 is
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), threads);
    c.threads = error == std::errc() && end == digits.data() + digits.size() ? threads : 0;
  }
  text("MLA_BUSY_POLL", c.busy_poll);
  text("MLA_LOG_LEVEL", c.log_level);
  text("MLA_LOG_FORMAT", c.log_format);
  list("MLA_ALLOWED_ORIGINS", c.allowed_origins);
  list("MLA_ALLOWED_HOSTS", c.allowed_hosts);
  text("MLA_REBALANCE_THRESHOLD", c.rebalance_threshold);
  return c;
}

std::optional<std::uint64_t> parse_threshold(std::string_view text) {
  const auto point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string hundredths(point == text.npos ? std::string_view() : text.substr(point + 1));
  while (hundredths.size() > 2 && hundredths.back() == '0') hundredths.pop_back();
  if (text.empty() || text == "." || whole.size() > 3 || hundredths.size() > 2) return {};
  hundredths.resize(2, '0');
  std::uint64_t percent = 0;
  for (const char c : std::string(whole) + hundredths) {
    if (c < '0' || c > '9') return {};
    percent = 10 * percent + static_cast<std::uint64_t>(c - '0');
  }
  if (percent < 1 || percent > 10'000) return {};
  return percent;
}

std::optional<std::chrono::nanoseconds> parse_busy_poll(std::string_view text) {
  const auto duration = parse_duration(text);
  if (!duration || *duration > std::chrono::seconds(1)) return {};
  return duration;
}

bool is_loopback(std::string_view address) {
  if (address.starts_with("ws+unix:")) return true;
  if (const auto scheme = address.find("://"); scheme != address.npos) address.remove_prefix(scheme + 3);
  address = address.substr(0, address.find_first_of("/?#"));
  std::string_view host;
  if (address.starts_with('['))
    host = address.substr(1, address.find(']') - 1);
  else if (std::count(address.begin(), address.end(), ':') > 1)
    host = address;  // an IPv6 address without brackets: whoever listens will refuse or take it, the host is
                     // all of it
  else
    host = address.substr(0, address.rfind(':'));
  if (host == "localhost" || host == "::1") return true;
  // Only dotted quads: "127.evil.example" is a name, not an address.
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos;
}

std::string complaint(const Settings& s) {
  if (auto text = not_one_of("log level", s.log_level, kLevels); !text.empty()) return text;
  if (auto text = not_one_of("log format", s.log_format, kFormats); !text.empty()) return text;
  if (!s.rebalance_threshold.empty())
    return "the rebalance threshold \"" + s.rebalance_threshold +
           "\" is no number from 0.01 to 100 in whole hundredths, such as 0.1";
  if (std::string wrong = check_limits(s.limits); !wrong.empty()) return "limits." + wrong;
  if (s.listen.empty()) return "there is nothing to listen on";
  if (s.name.size() > 256) return "the name is longer than 256 bytes";
  if (s.threads < 1 || s.threads > kMaxThreads)
    return "threads: a router has 1 to " + std::to_string(kMaxThreads) + " threads";
  if (!parse_busy_poll(s.busy_poll))
    return "busy_poll: \"" + s.busy_poll + "\" is no duration from 0ms to 1s with its unit, such as \"2ms\"";
  if (s.insecure) return {};
  static const std::string why =
      " is beyond loopback, where anybody could read and expose: that needs TLS and credentials, or "
      "`insecure = true` in the "
      "configuration file";
  for (const auto& url : s.listen)
    if (url.starts_with("ws://") && !is_loopback(url)) return "listener " + url + why;
  // What has no port is no address; whoever would listen on it says so.
  if (s.admin.find(':') != s.admin.npos && !is_loopback(s.admin)) return "admin listener " + s.admin + why;
  return {};
}

}  // namespace mla::router
