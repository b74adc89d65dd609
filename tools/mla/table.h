#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mla::cli {

/// Text in columns, as wide as they need to be. *value*
class Table {
 public:
  enum class Align : std::uint8_t { left, right };
  struct Column {
    std::string_view title;
    Align align = Align::left;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// As many cells as columns.
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// Each line ends with a line end; the first one has the titles.
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// Anybody's text for a terminal: without characters that it would obey.
std::string printable(std::string_view text);

std::string show_rate(double per_second);        ///< 0, 0.33, 3.2, 1250
std::string show_bytes(double bytes);            ///< 0 B, 1.5 KiB, 3.0 MiB
std::string show_microseconds(std::uint64_t us); ///< 80 µs, 1.25 ms, 2.00 s

}  // namespace mla::cli
