#pragma once
#include <optional>
#include <span>
#include <string_view>

namespace mla {

/// The name that was probably meant: the one with the fewest slips (a character too many, missing, wrong, or
/// two swapped), the first of equals; none when even that one takes more than a third of its characters.
std::optional<std::string_view> closest_name(std::string_view typed, std::span<const std::string_view> names);

}  // namespace mla
