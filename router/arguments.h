#pragma once
#include <string>
#include <variant>

#include "router/settings.h"

namespace mla::router {

/// The command line asks for nothing but a text, or cannot be used. *value*
struct EndWith {
  int status = 0;
  std::string text;  ///< for stdout when the status is 0, else for stderr
};

std::variant<Choices, EndWith> parse_arguments(int argc, const char* const* argv);

}  // namespace mla::router
