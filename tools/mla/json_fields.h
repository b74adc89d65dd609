#pragma once
#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

// Fields of what an exchange says of itself. One that is not there, or is of another type, is empty.
namespace mla::cli {

inline std::string text(const simdjson::dom::element& of, std::string_view name) {
  std::string_view value;
  return of[name].get(value) ? std::string() : std::string(value);
}
inline std::uint64_t number(const simdjson::dom::element& of, std::string_view name) {
  std::uint64_t value = 0;
  return of[name].get(value) ? 0 : value;
}
inline bool truth(const simdjson::dom::element& of, std::string_view name) {
  bool value = false;
  return !of[name].get(value) && value;
}

}  // namespace mla::cli
