#include "router/configuration.h"

#include <algorithm>
#include <utility>

#include "router/config_file.h"

namespace mla::router {

Configuration::Configuration(Choices flags, Choices environment)
    : flags_(std::move(flags)),
      environment_(std::move(environment)),
      file_(flags_.config ? flags_.config : environment_.config) {}

std::variant<Settings, std::string> Configuration::resolved(const Choices& file) const {
  Settings settings = resolve(flags_, environment_, file);
  if (std::string wrong = complaint(settings); !wrong.empty()) return wrong;
  return settings;
}

std::variant<Settings, std::string> Configuration::load() {
  if (file_) {
    auto read = read_config(*file_);
    if (const auto* error = std::get_if<ConfigError>(&read)) return to_string(*error, *file_);
    in_file_ = std::get<Choices>(std::move(read));
  }
  return resolved(in_file_);
}

std::variant<Configuration::Reloaded, std::string> Configuration::reload(const Settings& present) const {
  if (!file_) return "there is no configuration file to read again; it is named by --config";
  auto read = read_config_again(*file_);
  if (const auto* error = std::get_if<ConfigError>(&read)) return to_string(*error, *file_);
  const auto& in_file = std::get<Choices>(read);
  auto made = resolved(in_file);
  if (auto* wrong = std::get_if<std::string>(&made)) return *file_ + ": " + *wrong;

  Reloaded out{std::get<Settings>(std::move(made)), {}, in_file};
  const auto effective = changes(present, out.settings);
  for (const Change& change : changes(resolve({}, {}, in_file_), resolve({}, {}, in_file)))
    if (std::none_of(effective.begin(), effective.end(), [&](const auto& e) { return e.key == change.key; }))
      out.overridden.push_back(change.key);
  return out;
}

}  // namespace mla::router
