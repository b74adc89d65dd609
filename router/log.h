#pragma once
#include <string_view>

namespace mla::router {

/// Sets up the process's one log, on standard error: `format` is text or json (an object a line), `level` a
/// name that complaint() takes.
void start_log(std::string_view level, std::string_view format);

/// The same for a log that may be in use on other threads.
void change_log(std::string_view level, std::string_view format);

}  // namespace mla::router
