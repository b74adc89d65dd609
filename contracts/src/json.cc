#include <mla/json.h>

#include "contracts/src/json_canonical.h"
#include "contracts/src/json_number.h"
#include "contracts/src/json_string.h"

namespace mla {

Json::Json(std::string_view string) {
  if (string.size() > detail::kMaxCanonicalBytes) {
    error_ = ErrorCode::descriptor_too_large;
    return;
  }
  if (!simdjson::validate_utf8(string.data(), string.size())) {
    error_ = ErrorCode::json_encoding;
    return;
  }
  detail::append_string(string, text_);
  if (text_.size() > detail::kMaxCanonicalBytes) {
    text_.clear();
    error_ = ErrorCode::descriptor_too_large;
  }
}

Result<Json> Json::parse(std::string_view text) {
  simdjson::dom::element root;
  if (const ErrorCode error = detail::parse_json(text, &root); error != ErrorCode::ok) return error;
  std::string canonical;
  if (const ErrorCode error = detail::append_canonical(root, text, canonical); error != ErrorCode::ok)
    return error;
  return from_canonical(std::move(canonical));
}

Json Json::from_canonical(std::string text) {
  Json json;
  json.text_ = std::move(text);
  return json;
}

void Json::set_number(double value, bool exact) {
  if (!exact || !detail::append_number(value, text_)) {
    text_.clear();
    error_ = ErrorCode::json_number;
  }
}

}  // namespace mla
