#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace mla {

/// Every limit of an exchange, with its default. Changing one applies to new work. The list is contracts/limits.def. *value*
struct Limits {
#define MLA_LIMIT(type, name, value, unit, text) type name{value};
#include "mla/limits.def"
#undef MLA_LIMIT
};

}  // namespace mla
