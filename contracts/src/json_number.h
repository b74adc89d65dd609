#pragma once
#include <string>
#include <string_view>

namespace mla::detail {

/// 2^53, the greatest magnitude of a number in an identity: above it not every integer is a double.
inline constexpr double kGreatestNumber = 9007199254740992.0;

/// Appends any finite number, as short as it reads back the same, laid out as ECMAScript does; -0 as 0.
void append_finite(double value, std::string& out);

/// Appends `value` as ECMAScript's Number::toString writes it (ECMA-262, 6.1.6.1.20), -0 as 0. False, with
/// nothing appended, when it is not finite or its magnitude is above 2^53.
bool append_number(double value, std::string& out);

/// What the number tokens of a JSON text are, read digit by digit because a double has rounded them already.
enum class NumberTokens { fine, malformed, too_great };

/// Looks at every number token outside strings: `malformed` when one is not a JSON number (or is no number at
/// all), else `too_great` when the magnitude of one, by its exact decimal value, is above 2^53. For the rare
/// texts where the parser's answer does not tell; the text need not be valid JSON.
NumberTokens inspect_numbers(std::string_view text);

}  // namespace mla::detail
