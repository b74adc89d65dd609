#pragma once
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "router/settings.h"

namespace mla::router {

/// All sources of the settings, so that they can be asked again. *value*
class Configuration {
 public:
  Configuration(Choices flags, Choices environment);

  const std::optional<std::string>& file() const { return file_; }

  /// The settings as the sources have them now, or why they cannot be used, in one sentence.
  std::variant<Settings, std::string> load();

  struct Reloaded {
    Settings settings;
    std::vector<std::string>
        overridden;  ///< keys that changed in the file to no effect: flags or environment say them
    Choices in_file;
  };
  /// The same for a file that somebody may be writing at this moment, see read_config_again(). Nothing
  /// changes when it cannot be used.
  std::variant<Reloaded, std::string> reload(const Settings& present) const;
  /// What was reloaded is in force; the next reload is compared with it.
  void accept(Reloaded reloaded) { in_file_ = std::move(reloaded.in_file); }

 private:
  std::variant<Settings, std::string> resolved(const Choices& file) const;

  Choices flags_, environment_;
  std::optional<std::string> file_;
  Choices in_file_;  // what the file said when it was read last
};

}  // namespace mla::router
