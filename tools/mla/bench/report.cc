#include "tools/mla/bench/report.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "tools/mla/exit_code.h"
#include "tools/mla/output.h"

namespace mla::cli::bench {
namespace {

using enum Table::Align;

/// Three decimals are more than any of it is good for.
double rounded(double value) {
  return std::round(value * 1000) / 1000;
}

std::string show(double value) {
  std::array<char, 48> text{};
  const double size = std::abs(value);
  const int decimals = size >= 100 || value == std::floor(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

double microseconds(std::uint64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1000;
}

}  // namespace

Report::Report(BenchKind kind, const std::string& what)
    : what_("mla bench " + std::string(to_string(kind)) + ": " + what),
      figures_({{"FIGURE"}, {"VALUE", right}, {"UNIT"}}),
      latencies_({{"LATENCY, µs"},
                  {"p50", right},
                  {"p90", right},
                  {"p99", right},
                  {"p99.9", right},
                  {"max", right}}) {
  json_.begin_object().member("bench", to_string(kind)).member("version", MLA_VERSION);
}

void Report::count(std::string_view key, std::string_view title, std::optional<std::uint64_t> value,
                   std::string_view unit) {
  json_.key(key);
  if (value)
    json_.value(*value);
  else
    json_.null();
  figures_.row({std::string(title), value ? std::to_string(*value) : "-", std::string(unit)});
}

void Report::number(std::string_view key, std::string_view title, std::optional<double> value,
                    std::string_view unit) {
  setting(key, value);
  figures_.row({std::string(title), value ? show(*value) : "-", std::string(unit)});
}

void Report::setting(std::string_view key, std::optional<double> value) {
  json_.key(key);
  if (value)
    json_.value(rounded(*value));
  else
    json_.null();
}

void Report::latency(std::string_view key, std::string_view title, const Histogram& nanoseconds) {
  struct Share {
    const char* key;
    double share;
  };
  constexpr std::array kShares{Share{"p50", 0.5}, Share{"p90", 0.9}, Share{"p99", 0.99},
                               Share{"p99_9", 0.999}};
  json_.key(key).begin_object().member("count", nanoseconds.count());
  std::vector<std::string> row{std::string(title)};
  for (const Share& share : kShares) {
    const double value = microseconds(nanoseconds.quantile(share.share));
    json_.member(share.key, rounded(value));
    row.push_back(show(value));
  }
  json_.member("max", rounded(microseconds(nanoseconds.max()))).end_object();
  row.push_back(show(microseconds(nanoseconds.max())));
  latencies_.row(std::move(row));
  has_latencies_ = true;
}

void Report::print(OutputForm form) {
  Output out;
  if (form == OutputForm::human)
    out.bytes(what_ + "\n\n" + figures_.text() + (has_latencies_ ? "\n" + latencies_.text() : ""));
  else
    out.line(json_.end_object().text());
  if (!out.flush() && out.error() != EPIPE)
    throw Failed(ExitCode::failed,
                 std::string("cannot write to standard output: ") + std::strerror(out.error()));
}

}  // namespace mla::cli::bench
