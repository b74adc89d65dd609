#include "router/config_file.h"

#include <toml++/toml.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

#include "contracts/closest_name.h"
#include "contracts/quantity.h"
#include "router/limits_table.h"

namespace mla::router {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;
constexpr std::array<std::string_view, 9> kKeys{
    "listen", "parent", "admin", "name", "log_level", "log_format", "insecure", "allowed_origins", "limits"};

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

void read_limit(std::string_view name, std::string_view unit, const toml::node& node, std::uint64_t& into) {
  const bool bytes = unit == "B";
  std::optional<std::uint64_t> value;
  if (const auto* number = node.as_integer()) {
    if (number->get() > 0) value = static_cast<std::uint64_t>(number->get());
  } else if (const auto* text = node.as_string(); text && bytes) {
    value = parse_size(text->get());
  }
  if (!value || *value == 0)
    refuse(node.source(), "limits." + std::string(name) +
                              (bytes ? " wants a size above 0, such as 65536 or \"64KiB\""
                                     : " wants a whole number above 0"));
  into = *value;
}

void read_limit(std::string_view name, std::string_view, const toml::node& node,
                std::chrono::milliseconds& into) {
  std::optional<std::chrono::nanoseconds> value;
  if (const auto* text = node.as_string()) value = parse_duration(text->get());
  if (!value || *value < std::chrono::milliseconds(1) || *value > std::chrono::hours(24) ||
      *value % std::chrono::milliseconds(1) != std::chrono::nanoseconds(0))
    refuse(node.source(), "limits." + std::string(name) +
                              " wants a duration from 1ms to 24h with its unit, such as \"500ms\"");
  into = std::chrono::duration_cast<std::chrono::milliseconds>(*value);
}

/// Peers rely on these defaults: they may be lowered, never raised.
bool only_lowered(std::string_view name) {
  return name == "message_bytes" || name == "chunk_bytes" || name == "descriptor_bytes" ||
         name == "tags_per_object" || name == "depth" || name == "state_bytes_ceiling";
}

Limits read_limits(const toml::node& node) {
  const auto* table = node.as_table();
  if (!table) refuse(node.source(), "limits wants a table");
  Limits limits;
  const Limits defaults;
  std::vector<std::string_view> names;
  for_each_limit(defaults, [&](std::string_view name, auto, auto, const auto&) { names.push_back(name); });
  const toml::node* state_bytes = nullptr;
  for (const auto& [key, value] : *table) {
    bool known = false;
    const std::string_view wanted = key.str();
    for_each_limit(
        limits, [&, &item = value](std::string_view name, std::string_view unit, auto, auto& field) {
          if (name != wanted) return;
          known = true;
          const auto before = limit_number(field);
          read_limit(name, unit, item, field);
          if (only_lowered(name) && limit_number(field) > before)
            refuse(item.source(),
                   "limits." + std::string(name) + " may be lowered only, it is " + std::to_string(before));
          if (name == "state_bytes") state_bytes = &item;
        });
    if (!known) refuse_key(key, names, " in limits");
  }
  if (limits.state_bytes > limits.state_bytes_ceiling && state_bytes)
    refuse(state_bytes->source(), "limits.state_bytes is above limits.state_bytes_ceiling, " +
                                      std::to_string(limits.state_bytes_ceiling));
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
    } else if (name == "limits") {
      c.limits = read_limits(node);
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

std::variant<Choices, ConfigError> read_config(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return ConfigError{0, 0, std::strerror(errno)};
  std::string text(kLargestFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.fail() && !file.eof())) return ConfigError{0, 0, "cannot be read as a file"};
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kLargestFile) return ConfigError{0, 0, "is larger than 1 MiB"};
  return parse_config(text);
}

}  // namespace mla::router
