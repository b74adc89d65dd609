#pragma once
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

// Small readers for the texts of /proc: words between blanks, lines, whole numbers.
namespace mla::host {

/// Takes the next word (between blanks, tabs and line ends) off the front of `text`; empty at the end.
inline std::string_view next_word(std::string_view& text) {
  const auto begin = text.find_first_not_of(" \t\n");
  if (begin == text.npos) {
    text = {};
    return {};
  }
  auto end = text.find_first_of(" \t\n", begin);
  if (end == text.npos) end = text.size();
  const auto word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

/// Takes the next line, without its end, off the front of `text`.
inline std::string_view next_line(std::string_view& text) {
  auto end = text.find('\n');
  if (end == text.npos) end = text.size();
  const auto line = text.substr(0, end);
  text.remove_prefix(end == text.size() ? end : end + 1);
  return line;
}

inline std::optional<std::uint64_t> number(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return {};
  return value;
}

/// The next word as a number, 0 when it is none: counters that an older kernel does not have.
inline std::uint64_t next_number(std::string_view& text) {
  return number(next_word(text)).value_or(0);
}

}  // namespace mla::host
