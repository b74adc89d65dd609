#include "router/config_file.h"

#include <sys/stat.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

#include "contracts/closest_name.h"
#include "contracts/quantity.h"

namespace mla::router {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;
constexpr std::array<std::string_view, 12> kKeys{"listen",        "parent",     "admin",    "name",
                                                 "log_level",     "log_format", "insecure", "allowed_origins",
                                                 "allowed_hosts", "limits",     "threads",    "busy_poll"};

/// Thrown and caught inside this file only: reading is a walk of several levels.
struct Refused {
  ConfigError error;
};

[[noreturn]] void refuse(const toml::source_region& where, std::string message) {
  throw Refused{{where.begin.line, where.begin.column, std::move(message)}};
}

std::string quote(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

[[noreturn]] void refuse_key(const toml::key& key, std::span<const std::string_view> names,
                             std::string_view in) {
  std::string message = "unknown key " + quote(key.str()) + std::string(in);
  if (const auto close = closest_name(key.str(), names)) message += "; did you mean " + quote(*close) + "?";
  refuse(key.source(), message);
}

std::string read_string(std::string_view key, const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  refuse(node.source(), std::string(key) + " wants a string");
}

std::vector<std::string> read_strings(std::string_view key, const toml::node& node) {
  if (const auto* text = node.as_string()) return {text->get()};
  const auto* array = node.as_array();
  if (!array) refuse(node.source(), std::string(key) + " wants a string or an array of strings");
  std::vector<std::string> out;
  for (const auto& item : *array) {
    if (!item.is_string()) refuse(item.source(), std::string(key) + " wants an array of strings");
    out.push_back(item.as_string()->get());
  }
  return out;
}

/// A limit's number as the table of limits counts it: bytes, milliseconds or pieces.
std::uint64_t read_limit(const LimitRow& row, const toml::node& node) {
  const auto* number = node.as_integer();
  const auto* text = node.as_string();
  const std::string name = "limits." + std::string(row.name);
  if (row.unit == "ms") {
    const auto duration = text ? parse_duration(text->get()) : std::nullopt;
    if (!duration || *duration == duration->zero() ||
        *duration % std::chrono::milliseconds(1) != duration->zero())
      refuse(node.source(), name + " wants a duration of 1ms or more with its unit, such as \"500ms\"");
    return static_cast<std::uint64_t>(*duration / std::chrono::milliseconds(1));
  }
  if (number && number->get() >= 0) return static_cast<std::uint64_t>(number->get());
  if (row.unit != "B") refuse(node.source(), name + " wants a whole number");
  const auto size = text ? parse_size(text->get()) : std::nullopt;
  if (!size) refuse(node.source(), name + " wants a size, such as 65536 or \"64KiB\"");
  return *size;
}

Limits read_limits(const toml::node& node) {
  const auto* table = node.as_table();
  if (!table) refuse(node.source(), "limits wants a table");
  Limits limits;
  std::vector<std::string_view> names;
  const auto rows = limit_rows(limits);
  for (const auto& row : rows) names.push_back(row.name);
  for (const auto& [key, value] : *table) {
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&, &k = key](const auto& r) { return r.name == k.str(); });
    if (row == rows.end()) refuse_key(key, names, " in limits");
    if (set_limit(limits, row->name, read_limit(*row, value)) != ErrorCode::ok)
      refuse(value.source(), "limits." + std::string(row->name) + " is out of its range");
  }
  if (const std::string wrong = check_limits(limits); !wrong.empty()) {
    // The sentence begins with the limit it is about.
    const auto* culprit = table->get(wrong.substr(0, wrong.find(' ')));
    refuse(culprit ? culprit->source() : node.source(), "limits." + wrong);
  }
  return limits;
}

Choices read_table(const toml::table& table) {
  Choices c;
  for (const auto& [key, node] : table) {
    const std::string_view name = key.str();
    if (name == "listen") {
      c.listen = read_strings(name, node);
    } else if (name == "parent") {
      c.parent = read_strings(name, node);
    } else if (name == "admin") {
      c.admin = read_string(name, node);
    } else if (name == "name") {
      c.name = read_string(name, node);
    } else if (name == "log_level") {
      c.log_level = read_string(name, node);
    } else if (name == "log_format") {
      c.log_format = read_string(name, node);
    } else if (name == "allowed_origins") {
      c.allowed_origins = read_strings(name, node);
    } else if (name == "allowed_hosts") {
      c.allowed_hosts = read_strings(name, node);
    } else if (name == "limits") {
      c.limits = read_limits(node);
    } else if (name == "threads") {
      const auto* number = node.as_integer();
      if (!number || number->get() < 1 || number->get() > kMaxThreads)
        refuse(node.source(), "threads wants a whole number from 1 to " + std::to_string(kMaxThreads));
      c.threads = static_cast<unsigned>(number->get());
    } else if (name == "busy_poll") {
      c.busy_poll = read_string(name, node);
      if (!parse_busy_poll(*c.busy_poll)) refuse(node.source(), "busy_poll wants a duration from \"0ms\" to \"1s\"");
    } else if (name == "insecure") {
      if (!node.is_boolean()) refuse(node.source(), "insecure wants true or false");
      c.insecure = node.as_boolean()->get();
    } else {
      refuse_key(key, kKeys, "");
    }
  }
  return c;
}

}  // namespace

std::string to_string(const ConfigError& error, std::string_view file) {
  std::string out(file);
  if (error.line != 0) out += ":" + std::to_string(error.line) + ":" + std::to_string(error.column);
  return out + ": " + error.message;
}

std::variant<Choices, ConfigError> parse_config(std::string_view text) {
  try {
    return read_table(toml::parse(text));
  } catch (const toml::parse_error& e) {
    return ConfigError{e.source().begin.line, e.source().begin.column, std::string(e.description())};
  } catch (Refused& refused) {
    return std::move(refused.error);
  }
}

namespace {

std::variant<std::string, ConfigError> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return ConfigError{0, 0, std::strerror(errno)};
  std::string text(kLargestFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.fail() && !file.eof())) return ConfigError{0, 0, "cannot be read as a file"};
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kLargestFile) return ConfigError{0, 0, "is larger than 1 MiB"};
  return text;
}

/// Which file it is, and when it was written last.
std::optional<std::array<std::int64_t, 5>> stamp(const std::string& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0) return {};
  return std::array<std::int64_t, 5>{static_cast<std::int64_t>(s.st_dev), static_cast<std::int64_t>(s.st_ino),
                                     s.st_size, s.st_mtim.tv_sec, s.st_mtim.tv_nsec};
}

}  // namespace

std::variant<Choices, ConfigError> read_config(const std::string& path) {
  auto text = read_text(path);
  if (auto* error = std::get_if<ConfigError>(&text)) return std::move(*error);
  return parse_config(std::get<std::string>(text));
}

std::variant<Choices, ConfigError> read_config_again(const std::string& path) {
  const auto before = stamp(path);
  auto read = read_text(path);
  if (auto* error = std::get_if<ConfigError>(&read)) return std::move(*error);
  const auto& text = std::get<std::string>(read);
  if (text.find_first_not_of(" \t\r\n") == text.npos) return ConfigError{0, 0, "is empty"};
  if (text.back() != '\n') {
    const auto lines = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    return ConfigError{lines, 1, "the last line has no end: the file seems to be cut off"};
  }
  if (stamp(path) != before) return ConfigError{0, 0, "is being written"};
  return parse_config(text);
}

}  // namespace mla::router
