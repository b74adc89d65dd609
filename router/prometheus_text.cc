#include "router/prometheus_text.h"

#include <mla/json.h>

#include <charconv>

namespace mla::router {
namespace {

/// As the format wants it: line ends, backslashes and (in labels) quotes escaped. A name that is no UTF-8
/// must not make the whole page unreadable.
std::string escaped(std::string_view text, bool label) {
  const bool utf8 = Json(text).valid();
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || (label && c == '"')) {
      out += '\\';
      out += c;
    } else {
      out += !utf8 && static_cast<unsigned char>(c) >= 0x80 ? '?' : c;
    }
  }
  return out;
}

}  // namespace

void PrometheusText::family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  out_ +=
      "# HELP " + name_ + " " + escaped(help, false) + "\n# TYPE " + name_ + " " + std::string(type) + "\n";
}

void PrometheusText::sample(double value, Labels labels) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  line({text, static_cast<std::size_t>(end - text)}, labels);
}

void PrometheusText::line(std::string_view value, Labels labels) {
  out_ += name_;
  const char* separator = "{";
  for (const auto& [name, text] : labels) {
    out_ += separator + std::string(name) + "=\"" + escaped(text, true) + "\"";
    separator = ",";
  }
  if (labels.size() != 0) out_ += "}";
  out_ += " " + std::string(value) + "\n";
}

}  // namespace mla::router
