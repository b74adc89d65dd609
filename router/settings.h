#pragma once
#include <mla/limits.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a router is told to do, and where it was told.
namespace mla::router {

/// What one source (flags, environment, file) says; the rest is left to the next one. *value*
struct Choices {
  std::optional<std::vector<std::string>> listen, parent;
  std::optional<std::string> admin, name, log_level, log_format;
  std::optional<bool> insecure;
  std::optional<std::vector<std::string>> allowed_origins, allowed_hosts;
  std::optional<Limits> limits;
};

/// The outcome. *value*
struct Settings {
  std::vector<std::string> listen{"ws://127.0.0.1:3001"};
  std::vector<std::string> parent;
  std::string admin = "127.0.0.1:3002";  ///< "none": no admin listener
  std::string name;                      ///< empty: the host's name is taken
  std::string log_level = "info";
  std::string log_format = "text";
  bool insecure = false;
  std::vector<std::string> allowed_origins, allowed_hosts;
  Limits limits;
};

/// Flags go before the environment, the environment before the file, the file before the defaults.
Settings resolve(const Choices& flags, const Choices& environment, const Choices& file);

/// Reads MLA_LISTEN, MLA_PARENT (lists, separated by commas or blanks), MLA_ADMIN, MLA_NAME, MLA_LOG_LEVEL,
/// MLA_LOG_FORMAT. An empty variable counts as unset. `get` is getenv, or a test's.
Choices from_environment(const std::function<const char*(const char*)>& get);

/// Why these settings cannot be used, in one sentence, else empty. Looks at what needs no system call:
/// levels, formats, and that listeners stay on loopback unless `insecure`. URLs themselves are checked by
/// those who use them.
std::string complaint(const Settings& settings);

/// True for HOST[:PORT] or ws://HOST… where HOST is 127.x.x.x, ::1 or localhost, and for ws+unix.
bool is_loopback(std::string_view address);

}  // namespace mla::router
