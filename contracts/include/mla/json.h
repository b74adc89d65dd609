#pragma once
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include <mla/result.h>

namespace mla {

/// A JSON value in canonical form (RFC 8785 manner), used as identity: two values are the same when their canonical
/// texts are byte for byte the same. Numbers: not finite or |v| > 2^53 is refused (by value, whatever the spelling),
/// -0 is 0, 1 and 1.0 are the same. Also refused: duplicate keys, lone surrogates, invalid UTF-8, depth over 16 (a
/// scalar has depth 0, each array or object around it adds one), canonical text over 4096 bytes. A refused value made
/// by a constructor is `!valid()` and every contract on it is refused with the same error. *value*
class Json {
 public:
  Json() : text_("null") {}
  Json(std::nullptr_t) : Json() {}
  Json(std::string_view string);
  Json(const char* string) : Json(std::string_view(string)) {}
  Json(const std::string& string) : Json(std::string_view(string)) {}
  template <class T>
    requires std::is_arithmetic_v<T>
  Json(T value) {
    if constexpr (std::same_as<T, bool>)
      text_ = value ? "true" : "false";
    else
      set_number(static_cast<double>(value), exact(value));
  }

  /// Parses JSON text and brings it into canonical form. Errors: json_syntax, json_number, json_duplicate_key,
  /// json_encoding, json_depth, descriptor_too_large (also when the text to be read is above 64 KiB). A text with several
  /// faults gets the error of one of them.
  static Result<Json> parse(std::string_view text);
  /// Takes text that is known to be canonical (from parse); not checked.
  static Json from_canonical(std::string text);

  const std::string& text() const { return text_; }  ///< canonical text; empty when !valid()
  bool valid() const { return !text_.empty(); }
  ErrorCode error() const { return error_; }          ///< why it is not valid, else ok

  bool operator==(const Json& other) const { return text_ == other.text_; }
  std::strong_ordering operator<=>(const Json& other) const { return text_.compare(other.text_) <=> 0; }

 private:
  template <class T>
  static bool exact(T value) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<long double>(static_cast<double>(value)) == static_cast<long double>(value);
    else
      return true;
  }
  void set_number(double value, bool exact);

  std::string text_;
  ErrorCode error_ = ErrorCode::ok;
};

}  // namespace mla
