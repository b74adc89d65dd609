#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

namespace mla::transport {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// Where this folder's few log lines go; called on the loop, may be empty. The text lives during the call
/// only.
using LogHook = std::function<void(LogLevel, std::string_view)>;

}  // namespace mla::transport
