#pragma once
#include <mla/limits.h>

#include <chrono>
#include <cstdint>
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
  std::optional<unsigned> threads;
  std::optional<std::string> busy_poll;  ///< as typed
  std::optional<std::vector<std::string>> allowed_origins, allowed_hosts;
  std::optional<Limits> limits;
  std::optional<std::string> rebalance_threshold;  ///< as typed; goes before limits.rebalance_percent
  std::optional<std::string> config;               ///< the file; flags and environment only
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
  unsigned threads = 1;  ///< engines, each on its own thread
  std::string busy_poll = "0ms";  ///< how long such a thread looks for more before it sleeps
  std::vector<std::string> allowed_origins, allowed_hosts;
  Limits limits;
  std::string rebalance_threshold;  ///< one that cannot be read; complaint() says so
};

inline constexpr unsigned kMaxThreads = 64;

/// "2ms": 0…1 s.
std::optional<std::chrono::nanoseconds> parse_busy_poll(std::string_view text);

/// Flags go before the environment, the environment before the file, the file before the defaults.
Settings resolve(const Choices& flags, const Choices& environment, const Choices& file);

/// Reads MLA_CONFIG, MLA_LISTEN, MLA_PARENT, MLA_ALLOWED_ORIGINS, MLA_ALLOWED_HOSTS (lists, separated by
/// commas or blanks), MLA_ADMIN, MLA_NAME, MLA_THREADS, MLA_BUSY_POLL, MLA_LOG_LEVEL, MLA_LOG_FORMAT, MLA_REBALANCE_THRESHOLD. An
/// empty variable counts as unset. `get` is getenv, or a test's.
Choices from_environment(const std::function<const char*(const char*)>& get);

/// "0.1" → 10: a part of the mean load, 0.01…100, in whole hundredths.
std::optional<std::uint64_t> parse_threshold(std::string_view text);

/// Why these settings cannot be used, in one sentence, else empty. Looks at what needs no system call:
/// levels, formats, limits, and that listeners stay on loopback unless `insecure`. URLs themselves are
/// checked by those who use them.
std::string complaint(const Settings& settings);

/// True for HOST[:PORT] or ws://HOST… where HOST is 127.x.x.x, ::1 or localhost, and for ws+unix.
bool is_loopback(std::string_view address);

/// One key whose value differs. *value*
struct Change {
  std::string key;  ///< as in the file: "log_level", "limits.heartbeat"
  std::string from, to;
  bool live = true;  ///< can be changed while the router runs
};

/// Every key of the file that differs, in the order of the documentation.
std::vector<Change> changes(const Settings& before, const Settings& after);
std::string to_string(const Change& change);  ///< "log_level: info -> debug"

}  // namespace mla::router
