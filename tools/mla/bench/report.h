#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "contracts/json_writer.h"
#include "tools/mla/bench/histogram.h"
#include "tools/mla/options.h"
#include "tools/mla/table.h"

namespace mla::cli::bench {

/// What one run gives: a table for people, or one JSON object. Keys name their unit. *value*
class Report {
 public:
  /// `what` for people: how it was measured.
  Report(BenchKind kind, const std::string& what);

  /// None: "-", and null.
  void count(std::string_view key, std::string_view title, std::optional<std::uint64_t> value,
             std::string_view unit);
  void number(std::string_view key, std::string_view title, std::optional<double> value,
              std::string_view unit);
  /// Nanoseconds, shown and written as microseconds.
  void latency(std::string_view key, std::string_view title, const Histogram& nanoseconds);
  /// Only in JSON: the options of the run, and such.
  template <class T>
  void setting(std::string_view key, const T& value) {
    json_.member(key, value);
  }
  void setting(std::string_view key, std::optional<double> value);

  /// To standard output.
  void print(OutputForm form);

 private:
  std::string what_;
  JsonWriter json_;
  Table figures_, latencies_;
  bool has_latencies_ = false;
};

}  // namespace mla::cli::bench
