#include "tools/mla/table.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "contracts/json_writer.h"
#include "tools/mla/json_text.h"

namespace mla::cli {
namespace {

/// In characters: each that begins one counts.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string format(const char* pattern, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), pattern, value);
  return text.data();
}

}  // namespace

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = width_of(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, width_of(row[i]));
    widths.push_back(width);
  }
  std::string out;
  const auto line = [&](const auto& cell) {
    std::string text;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string_view value = cell(i);
      const std::string pad(widths[i] - width_of(value), ' ');
      if (i > 0) text += "  ";
      if (columns_[i].align == Align::right) text += pad;
      text += value;
      if (columns_[i].align == Align::left) text += pad;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    (out += text) += '\n';
  };
  line([&](std::size_t i) { return columns_[i].title; });
  for (const auto& row : rows_) line([&](std::size_t i) { return std::string_view(row[i]); });
  return out;
}

std::string printable(std::string_view text) {
  std::string quoted;
  append_json_string(text, quoted);
  quoted = without_controls(quoted);
  return quoted.substr(1, quoted.size() - 2);
}

std::string show_rate(double per_second) {
  if (per_second == 0) return "0";
  return format(per_second < 1 ? "%.2f" : per_second < 100 ? "%.1f" : "%.0f", per_second);
}

std::string show_bytes(double bytes) {
  if (bytes < 1024) return format("%.0f B", bytes);
  if (bytes < 1024.0 * 1024) return format("%.1f KiB", bytes / 1024);
  return format("%.1f MiB", bytes / 1024 / 1024);
}

std::string show_microseconds(std::uint64_t us) {
  const auto d = static_cast<double>(us);
  if (us < 1000) return format("%.0f µs", d);
  return us < 1'000'000 ? format("%.2f ms", d / 1000) : format(us < 100'000'000 ? "%.2f s" : "%.0f s", d / 1'000'000);
}

}  // namespace mla::cli
