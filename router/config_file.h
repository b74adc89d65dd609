#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "router/settings.h"

namespace mla::router {

/// Why a configuration file cannot be used, and where. *value*
struct ConfigError {
  std::uint32_t line = 0;    // from 1; 0: the file as a whole
  std::uint32_t column = 0;  // from 1, in characters
  std::string message;
};

/// "FILE:3:1: unknown key …", as compilers write it, so that editors find the place.
std::string to_string(const ConfigError& error, std::string_view file);

/// Reads a TOML text. Every key must be known: one that is not is refused together with the name that was
/// probably meant, for a setting that has no effect is worse than none.
std::variant<Choices, ConfigError> parse_config(std::string_view toml);

/// The same from a file. It must be readable, and at most 1 MiB.
std::variant<Choices, ConfigError> read_config(const std::string& path);

/// The same for a router that runs and has a configuration to lose: a file that looks cut off is refused too.
/// It does when it is empty, when its last line has no end, or when it changes while it is read.
std::variant<Choices, ConfigError> read_config_again(const std::string& path);

}  // namespace mla::router
