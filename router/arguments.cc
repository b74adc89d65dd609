#include "router/arguments.h"

#include <CLI/CLI.hpp>

namespace mla::router {

std::variant<CommandLine, EndWith> parse_arguments(int argc, const char* const* argv) {
  CommandLine line;
  CLI::App app("Joins exchanges into a tree: accepts links, and links to a parent if it is given one",
               "mla-router");
  app.footer(
      "MLA_LISTEN, MLA_PARENT, MLA_ADMIN, MLA_NAME, MLA_LOG_LEVEL and MLA_LOG_FORMAT do the same as the "
      "flags. Flags go before\n"
      "the environment, that before the configuration file. SIGTERM and SIGINT end the router.");
  Choices& c = line.choices;
  app.add_option("--config", line.config, "configuration file (TOML)")->type_name("FILE");
  app.add_option("--listen", c.listen,
                 "where to accept links; may be repeated (ws://127.0.0.1:3001; port 0 takes a free one)")
      ->allow_extra_args(false)
      ->type_name("URL");
  app.add_option("--parent", c.parent, "whom to link to; repeated ones are tried in turn")
      ->allow_extra_args(false)
      ->type_name("URL");
  app.add_option("--admin", c.admin, "where /healthz and /varz are served, or none (127.0.0.1:3002)")
      ->type_name("HOST:PORT");
  app.add_option("--name", c.name, "a label that others show (the host's name)")->type_name("NAME");
  app.add_option("--log-level", c.log_level, "debug, info, warning, error or off (info)")->type_name("L");
  app.add_option("--log-format", c.log_format, "text or json (text)")->type_name("F");
  app.add_flag_callback(
      "--version", [] { throw CLI::CallForVersion("mla-router " MLA_VERSION, 0); }, "print the version");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return EndWith{0, app.help()};
  } catch (const CLI::CallForVersion& version) {
    return EndWith{0, std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& error) {
    return EndWith{2, std::string("mla-router: ") + error.what() + "\nTry: mla-router --help\n"};
  }
  return line;
}

}  // namespace mla::router
