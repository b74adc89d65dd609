#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mla {

/// What a caller does next about an error.
enum class ErrorGroup : std::uint8_t { none, usage, connection, denied, timeout, absent, limit, protocol, internal };

/// One numbered list for wire, logs, C, JavaScript and Python: contracts/errors.def. Numbers never change.
enum class ErrorCode : std::uint16_t {
#define MLA_ERROR(name, number, group, text) name = number,
#include "mla/errors.def"
#undef MLA_ERROR
};

std::string_view to_string(ErrorCode code);    ///< the name in errors.def, or "unknown"
std::string_view describe(ErrorCode code);     ///< one sentence
ErrorGroup group(ErrorCode code);
std::string_view to_string(ErrorGroup group);

/// Thrown by the throwing half of the C++ interface only; nothing below the facade throws.
class Error : public std::runtime_error {
 public:
  explicit Error(ErrorCode code, const std::string& detail = {});
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace mla
