#pragma once
#include <string>
#include <string_view>

namespace mla::detail {

/// Appends `text` (valid UTF-8) quoted, with the fewest escapes: \" \\ \b \t \n \f \r, other controls as
/// \u00xx.
void append_string(std::string_view text, std::string& out);

/// Order of keys in canonical text: by UTF-16 code units. It differs from the order of UTF-8 bytes where a
/// character beyond U+FFFF meets one of U+E000…U+FFFF. Both are valid UTF-8.
bool less_by_utf16(std::string_view a, std::string_view b);

/// True when a \u escape of the JSON text is half a surrogate pair. Escapes that are no escapes are the
/// parser's business.
bool has_lone_surrogate(std::string_view text);

}  // namespace mla::detail
