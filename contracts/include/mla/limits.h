#pragma once
#include <mla/error.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mla {

/// Every limit of an exchange, with its default. Changing one applies to new work. The list is
/// contracts/limits.def. *value*
struct Limits {
#define MLA_LIMIT(type, name, value, unit, text) type name{value};
#include "mla/limits.def"
#undef MLA_LIMIT
  bool operator==(const Limits&) const = default;
};

/// One limit as /varz shows it and the config names it. Durations count milliseconds. *value*
struct LimitRow {
  std::string_view name;
  std::uint64_t value = 0;
  std::uint64_t standard = 0;  ///< the default
  std::string_view unit;       ///< "B", "ms", or empty for a count
  std::string_view text;       ///< what is limited, for people
};

/// All limits, in the order of limits.def.
std::vector<LimitRow> limit_rows(const Limits& limits);

/// Sets one limit by its name. bad_config: no limit is called so; bad_option: the value is 0 where 0 turns nothing off ("unlimited"
/// does not exist) or above 2^53. How limits depend on each other is check_limits()'s, once all are set.
ErrorCode set_limit(Limits& limits, std::string_view name, std::uint64_t value);

/// Empty when an exchange can work within these limits, else a sentence that names the limit that is wrong
/// and its bound.
std::string check_limits(const Limits& limits);

}  // namespace mla
