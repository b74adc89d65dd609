#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// States' JSON as it is shown: checked first, for it comes from anybody.
namespace mla::cli {

/// The same JSON without blanks between its parts, on one line; none when the text is not one JSON value.
std::optional<std::string> compact_json(std::string_view text);

/// The same JSON with the control characters that JSON allows in strings (DEL and U+0080…U+009F) written as
/// \u00xx: a terminal would obey them, and the text comes from anybody.
std::string without_controls(std::string_view json);

/// One value inside a JSON text that is no object and no array (or an empty one), and the way to it:
/// `.load[0]`. *value*
struct Leaf {
  std::string path;
  std::string value;  // JSON
  bool operator==(const Leaf&) const = default;
};

/// All leaves in the order of the text, at most `limit`; empty when it is no JSON. A text that is itself a
/// leaf has the path "".
std::vector<Leaf> leaves(std::string_view json, std::size_t limit = 2000);

/// The leaves of `after` that `before` has not, or has with another value; and those that are gone, with an
/// empty value.
std::vector<Leaf> changed_leaves(const std::vector<Leaf>& before, const std::vector<Leaf>& after);

}  // namespace mla::cli
