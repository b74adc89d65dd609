#pragma once
#include <mla/limits.h>

#include <chrono>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace mla::router {

/// Calls `visit(name, unit, text, reference to the field)` for every limit, in the order of limits.def.
/// `limits` may be const.
template <class L, class Visit>
void for_each_limit(L& limits, Visit&& visit) {
#define MLA_LIMIT(type, name, value, unit, text) \
  visit(std::string_view(#name), std::string_view(unit), std::string_view(text), limits.name);
#include "mla/limits.def"
#undef MLA_LIMIT
}

inline std::uint64_t limit_number(std::uint64_t value) {
  return value;
}
inline std::uint64_t limit_number(std::chrono::milliseconds value) {
  return static_cast<std::uint64_t>(value.count());
}

}  // namespace mla::router
