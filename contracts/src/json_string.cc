#include "contracts/src/json_string.h"

#include <algorithm>
#include <charconv>

namespace mla::detail {
namespace {

// The letter of a short escape, 'u' for a long one, 0 for a character that stands for itself.
char escape_letter(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\t':
      return 't';
    case '\n':
      return 'n';
    case '\f':
      return 'f';
    case '\r':
      return 'r';
    default:
      return static_cast<unsigned char>(c) < 0x20 ? 'u' : '\0';
  }
}

// The code unit of `\uXXXX` at `at`; -1 when there is none.
int code_unit_at(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return -1;
  int unit = 0;
  const char* const end = text.data() + at + 6;
  const auto read = std::from_chars(text.data() + at + 2, end, unit, 16);
  return read.ptr == end && text[at + 2] != '-' ? unit : -1;
}

}  // namespace

void append_string(std::string_view text, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = escape_letter(text[i]);
    if (letter == 0) continue;
    out.append(text, copied, i - copied);
    copied = i + 1;
    out += '\\';
    out += letter;
    if (letter == 'u') {
      const auto code = static_cast<unsigned char>(text[i]);
      out.append("00").append(1, kHex[code >> 4]).append(1, kHex[code & 15]);
    }
  }
  out.append(text, copied);
  out += '"';
}

bool less_by_utf16(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    const auto x = static_cast<unsigned char>(a[i]), y = static_cast<unsigned char>(b[i]);
    if (x == y) continue;
    // The first different byte is a lead byte in both or in none. A lead of 0xF0 and above is written in
    // UTF-16 as a surrogate, which is below U+E000: lead bytes 0xEE and 0xEF.
    const bool x_beyond = x >= 0xF0, y_beyond = y >= 0xF0;
    if (x_beyond != y_beyond && std::min(x, y) >= 0xEE) return x_beyond;
    return x < y;
  }
  return a.size() < b.size();
}

bool has_lone_surrogate(std::string_view text) {
  for (std::size_t i = text.find('\\'); i < text.size(); i = text.find('\\', i)) {
    const int unit = code_unit_at(text, i);
    if (unit < 0xD800 || unit > 0xDFFF) {
      i += 2;
      continue;
    }
    const int second = code_unit_at(text, i + 6);
    if (unit > 0xDBFF || second < 0xDC00 || second > 0xDFFF) return true;
    i += 12;
  }
  return false;
}

}  // namespace mla::detail
