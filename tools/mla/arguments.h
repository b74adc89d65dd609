#pragma once
#include <string>
#include <variant>
#include <vector>

#include "tools/mla/exit_code.h"
#include "tools/mla/options.h"

namespace mla::cli {

/// The command line asks for nothing but a text (help), or cannot be used. *value*
struct EndWith {
  ExitCode code = ExitCode::ok;
  std::string text;  ///< for stdout when the code is ok, else for stderr; ends with a line end
};

/// `arguments` without the program's name. Reads MLA_URL and MLA_TOKEN_FILE where --url and --token-file
/// are not given.
std::variant<Options, EndWith> parse_arguments(std::vector<std::string> arguments);

}  // namespace mla::cli
