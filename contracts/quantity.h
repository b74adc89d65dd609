#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Quantities as people type them, in flags, configuration files and URLs.
namespace mla {

/// "250ms", "10s", "1.5m", "2h", "100us": a decimal number and a unit; "0" needs none. Negative ones, numbers
/// without a unit and what does not fit are refused.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// "4096", "64KiB", "4MiB", "1GiB", "10kB", "5MB": a whole number of bytes, optionally with a unit (KiB =
/// 1024 B, kB = 1000 B).
std::optional<std::uint64_t> parse_size(std::string_view text);

/// The shortest text that parse_duration reads back to the same value: "1500ms", "10s".
std::string format_duration(std::chrono::nanoseconds duration);

/// For people: "1.5 MiB", "312 B".
std::string format_size(std::uint64_t bytes);

}  // namespace mla
