#include "contracts/src/json_number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#ifdef __EMSCRIPTEN__
// Written in JavaScript (String(value)), where it is exact by definition: this libc++ has no to_chars for
// doubles. Answers the length; `out` takes 32 bytes.
extern "C" int mla_number_to_string(double value, char* out);
#endif

namespace mla::detail {
namespace {

#ifndef __EMSCRIPTEN__
// `text` is "d[.ddd]e±xx", the shortest digits that read back as the same double. ECMAScript has the same
// digits and another layout: plain from 1e-6 up to below 1e21, else an exponent without leading zeros.
void lay_out(std::string_view text, std::string& out) {
  const std::size_t e = text.find('e');
  std::string digits(1, text[0]);
  if (e > 2) digits.append(text.substr(2, e - 2));
  const int point = std::atoi(text.data() + e + 1) + 1;  // digits before the decimal point
  const int count = static_cast<int>(digits.size());
  if (point > 21 || point <= -6) {
    out += digits[0];
    if (count > 1) out.append(1, '.').append(digits, 1);
    out.append(point > 0 ? "e+" : "e-").append(std::to_string(std::abs(point - 1)));
  } else if (point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
  } else if (point < count) {
    out.append(digits, 0, static_cast<std::size_t>(point))
        .append(1, '.')
        .append(digits, static_cast<std::size_t>(point));
  } else {
    out.append(digits).append(static_cast<std::size_t>(point - count), '0');
  }
}
#endif

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A number token taken apart: sign dropped, fraction's point dropped.
struct Decimal {
  std::string digits;      // without leading zeros; empty means zero
  std::int64_t point = 0;  // digits before the decimal point; may be negative or beyond digits.size()
};

// False: the token is not `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
bool take_apart(std::string_view token, Decimal& out) {
  std::size_t i = 0;
  const auto run = [&](std::string& digits) {
    const std::size_t start = i;
    while (i < token.size() && is_digit(token[i])) digits += token[i++];
    return i - start;
  };
  if (i < token.size() && token[i] == '-') ++i;
  std::string digits;
  const std::size_t whole = run(digits);
  if (whole == 0 || (whole > 1 && digits[0] == '0')) return false;
  if (i < token.size() && token[i] == '.') {
    ++i;
    if (run(digits) == 0) return false;
  }
  std::int64_t exponent = 0;
  if (i < token.size() && (token[i] == 'e' || token[i] == 'E')) {
    ++i;
    const bool negative = i < token.size() && token[i] == '-';
    if (i < token.size() && (token[i] == '+' || token[i] == '-')) ++i;
    std::string power;
    if (run(power) == 0) return false;
    constexpr std::int64_t kFar = 1'000'000'000;  // beyond any text that is read here
    for (const char c : power) exponent = std::min(kFar, exponent * 10 + (c - '0'));
    if (negative) exponent = -exponent;
  }
  if (i != token.size()) return false;
  const std::size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
  out.digits = digits.substr(zeros);
  out.point = static_cast<std::int64_t>(whole) - static_cast<std::int64_t>(zeros) + exponent;
  return true;
}

bool above_greatest(const Decimal& number) {
  constexpr std::string_view kGreatest = "9007199254740992";
  constexpr std::int64_t kDigits = kGreatest.size();
  if (number.digits.empty() || number.point < kDigits) return false;
  if (number.point > kDigits) return true;
  std::string whole = number.digits.substr(0, kGreatest.size());
  whole.resize(kGreatest.size(), '0');
  if (whole != kGreatest) return whole > kGreatest;
  return number.digits.find_first_not_of('0', kGreatest.size()) < number.digits.size();
}

}  // namespace

void append_finite(double value, std::string& out) {
  char text[40];
  if (std::fabs(value) <= kGreatestNumber && value == std::trunc(value)) {
    const auto end = std::to_chars(text, text + sizeof text, static_cast<std::int64_t>(value)).ptr;
    out.append(text, end);
    return;
  }
#ifdef __EMSCRIPTEN__
  out.append(text, static_cast<std::size_t>(mla_number_to_string(value, text)));
#else
  if (value < 0) out += '-';
  const auto end =
      std::to_chars(text, text + sizeof text - 1, std::fabs(value), std::chars_format::scientific).ptr;
  *end = '\0';
  lay_out({text, static_cast<std::size_t>(end - text)}, out);
#endif
}

bool append_number(double value, std::string& out) {
  if (!std::isfinite(value) || std::fabs(value) > kGreatestNumber) return false;
  append_finite(value, out);
  return true;
}

NumberTokens inspect_numbers(std::string_view text) {
  NumberTokens found = NumberTokens::fine;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '-' || is_digit(c)) {
      const std::size_t end = std::min(text.find_first_of(" \t\r\n,:]}[{\"", i), text.size());
      Decimal number;
      if (!take_apart(text.substr(i, end - i), number)) return NumberTokens::malformed;
      if (above_greatest(number)) found = NumberTokens::too_great;
      i = end - 1;
    }
  }
  return found;
}

}  // namespace mla::detail
