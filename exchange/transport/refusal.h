#pragma once
#include <mla/error.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

// How a listener tells a dialling exchange, beside the HTTP status and the body for people, why it refused:
// one header, "Mla-Error: 401 text".
namespace mla::transport {

inline constexpr char kRefusalHeader[] = "Mla-Error";

std::string to_refusal(ErrorCode code, std::string_view text);

/// None when it is not of that form or the number is not known here.
std::optional<std::pair<ErrorCode, std::string>> from_refusal(std::string_view value);

}  // namespace mla::transport
