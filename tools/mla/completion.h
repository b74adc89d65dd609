#pragma once
#include <string>

namespace CLI {
class App;
}

namespace mla::cli {

/// A script that completes verbs and flags, made from the same description as the parser. `shell` is bash,
/// zsh or fish.
std::string completion_script(const CLI::App& app, const std::string& shell);

}  // namespace mla::cli
