#include "contracts/quantity.h"

#include <array>
#include <cstdio>
#include <limits>

namespace mla {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<Unit, 6> kTimeUnits{{{"h", 3'600'000'000'000},
                                          {"m", 60'000'000'000},
                                          {"s", 1'000'000'000},
                                          {"ms", 1'000'000},
                                          {"us", 1'000},
                                          {"ns", 1}}};
constexpr std::array<Unit, 8> kSizeUnits{{{"", 1},
                                          {"B", 1},
                                          {"KiB", 1ull << 10},
                                          {"MiB", 1ull << 20},
                                          {"GiB", 1ull << 30},
                                          {"kB", 1000},
                                          {"MB", 1'000'000},
                                          {"GB", 1'000'000'000}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// `whole` + `fraction`/10^`places`, times `factor`, when that is a whole number that fits; digits are read
/// exactly, so that 0.1s is 100 ms and not what a double makes of it.
std::optional<std::uint64_t> read(std::string_view text, bool fractions, std::string_view& unit,
                                  std::uint64_t (*factor_of)(std::string_view)) {
  std::size_t i = 0;
  std::uint64_t digits = 0, scale = 1;
  bool point = false, any = false;
  for (; i < text.size(); ++i) {
    if (is_digit(text[i])) {
      if (digits > (std::numeric_limits<std::uint64_t>::max() - 9) / 10 || scale > 1'000'000'000'000)
        return {};
      digits = digits * 10 + static_cast<std::uint64_t>(text[i] - '0');
      if (point) scale *= 10;
      any = true;
    } else if (text[i] == '.' && fractions && !point && any) {
      point = true;
    } else {
      break;
    }
  }
  if (!any || (point && scale == 1)) return {};
  unit = text.substr(i);
  const std::uint64_t factor = factor_of(unit);
  if (factor == 0) return {};
  if (digits != 0 && factor > std::numeric_limits<std::uint64_t>::max() / digits) return {};
  if (digits * factor % scale != 0) return {};
  return digits * factor / scale;
}

template <std::size_t N>
std::uint64_t factor_in(const std::array<Unit, N>& units, std::string_view name) {
  for (const auto& unit : units)
    if (unit.name == name) return unit.factor;
  return 0;
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  if (text == "0") return std::chrono::nanoseconds(0);
  std::string_view unit;
  const auto value =
      read(text, true, unit, [](std::string_view name) { return factor_in(kTimeUnits, name); });
  if (!value || *value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return {};
  return std::chrono::nanoseconds(static_cast<std::int64_t>(*value));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::string_view unit;
  return read(text, false, unit, [](std::string_view name) { return factor_in(kSizeUnits, name); });
}

std::string format_duration(std::chrono::nanoseconds duration) {
  const auto ns = duration.count();
  if (ns == 0) return "0";
  for (const auto& unit : kTimeUnits) {
    const auto factor = static_cast<std::int64_t>(unit.factor);
    if (ns % factor == 0) return std::to_string(ns / factor) + std::string(unit.name);
  }
  return std::to_string(ns) + "ns";
}

std::string format_size(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  double value = static_cast<double>(bytes);
  const char* unit = "";
  for (const char* next : {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}) {
    if (value < 1024) break;
    value /= 1024;
    unit = next;
  }
  char out[32];
  std::snprintf(out, sizeof out, "%.1f %s", value, unit);
  return out;
}

}  // namespace mla
