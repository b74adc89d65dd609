#pragma once
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace mla::router {

/// Writes Prometheus' text exposition format, version 0.0.4: families of samples, each with its HELP and TYPE
/// line. Whoever calls gives each family once, and its samples next. *value*
class PrometheusText {
 public:
  static constexpr char kContentType[] = "text/plain; version=0.0.4; charset=utf-8";
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// A number that only rises. The name ends in _total.
  void counter(std::string_view name, std::string_view help) { family(name, "counter", help); }
  void gauge(std::string_view name, std::string_view help) { family(name, "gauge", help); }

  template <std::integral T>
  void sample(T value, Labels labels = {}) {
    line(std::to_string(value), labels);
  }
  void sample(double value, Labels labels = {});

  std::string take() { return std::move(out_); }

 private:
  void family(std::string_view name, std::string_view type, std::string_view help);
  void line(std::string_view value, Labels labels);

  std::string out_, name_;
};

}  // namespace mla::router
