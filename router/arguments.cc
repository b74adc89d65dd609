#include "router/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "contracts/closest_name.h"
#include "contracts/quantity.h"

namespace mla::router {
namespace {

/// The keys of the file, which has more than there are flags.
std::string help_of_keys() {
  std::string out =
      "The configuration file is TOML. Its keys: listen, parent, admin, name, threads, busy_poll,\n"
      "log_level, log_format as the flags; insecure = true (listen beyond loopback without TLS and credentials), allowed_origins,\n"
      "allowed_hosts (of web pages and proxies); and in [limits], with durations as \"250ms\", \"10s\", "
      "\"5m\"\n"
      "and sizes as 65536 or \"64KiB\":\n";
  for (const LimitRow& row : limit_rows(Limits{})) {
    std::string value = row.unit == "ms" ? format_duration(std::chrono::milliseconds(row.standard))
                                         : std::to_string(row.standard);
    if (row.unit != "ms" && !row.unit.empty()) value += " " + std::string(row.unit);
    std::string name = "  " + std::string(row.name);
    name.resize(std::max<std::size_t>(name.size() + 1, 24), ' ');
    out += name + std::string(row.text) + " (" + value + ")\n";
  }
  return out;
}

/// CLI11 takes an empty URL for none: a variable that a script forgot to set would make a child a root.
std::string not_empty(const std::string& url) {
  return url.empty() ? "is empty" : "";
}

/// What is left over, with the option that was probably meant.
std::string not_expected(const CLI::App& app) {
  const auto rest = app.remaining();
  const auto flag =
      std::find_if(rest.begin(), rest.end(), [](const auto& word) { return word.starts_with('-'); });
  if (flag == rest.end()) return rest.empty() ? "too many arguments" : "\"" + rest.front() + "\" is one argument too many";
  std::vector<std::string> flags;
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) flags.push_back("--" + name);
  const std::vector<std::string_view> names(flags.begin(), flags.end());
  const std::string name = flag->substr(0, flag->find('='));
  const auto close = closest_name(name, names);
  return "unknown option " + name + (close ? "; did you mean \"" + std::string(*close) + "\"?" : "");
}

}  // namespace

std::variant<Choices, EndWith> parse_arguments(int argc, const char* const* argv) {
  Choices c;
  CLI::App app("Joins exchanges into a tree: accepts links, and links to a parent if it is given one",
               "mla-router");
  app.footer(
      "MLA_CONFIG, MLA_LISTEN, MLA_PARENT, MLA_ADMIN, MLA_NAME, MLA_THREADS, MLA_BUSY_POLL, MLA_LOG_LEVEL,\n"
      "MLA_LOG_FORMAT, MLA_ALLOWED_ORIGINS, MLA_ALLOWED_HOSTS and MLA_REBALANCE_THRESHOLD do the same as the flags and "
      "keys.\n"
      "Flags go before the environment, that before the configuration file. SIGTERM and SIGINT drain and "
      "end\n"
      "the router; SIGHUP makes it read its configuration file again. MLA_IO_URING=0 keeps it from using io_uring.\n\n" +
      help_of_keys());
  app.add_option("--config", c.config, "configuration file (TOML); its keys are below")->type_name("FILE");
  app.add_option("--listen", c.listen,
                 "where to accept links; may be repeated (ws://127.0.0.1:3001; port 0 takes a free one)")
      ->allow_extra_args(false)
      ->check(not_empty)
      ->type_name("URL");
  app.add_option("--parent", c.parent, "whom to link to; repeated ones are tried in turn")
      ->allow_extra_args(false)
      ->check(not_empty)
      ->type_name("URL");
  app.add_option("--admin", c.admin,
                 "where the dashboard, /healthz, /metrics and /varz are served, or none (127.0.0.1:3002)")
      ->type_name("HOST:PORT");
  app.add_option("--name", c.name, "a label that others show (the host's name)")->type_name("NAME");
  app.add_option("--threads", c.threads, "threads, over which links are spread (1)")->type_name("N");
  app.add_option("--busy-poll", c.busy_poll,
                 "how long a thread looks for more before it sleeps: sooner told, for a processor of its own (0ms)")
      ->type_name("D");
  app.add_option("--rebalance-threshold", c.rebalance_threshold,
                 "part of the mean load by which loads may differ before objects move (0.1)")
      ->type_name("F");
  app.add_option("--log-level", c.log_level, "trace, debug, info, warning, error or off (info)")
      ->type_name("L");
  app.add_option("--log-format", c.log_format, "text or json (text)")->type_name("F");
  app.add_flag_callback(
      "--version", [] { throw CLI::CallForVersion("mla-router " MLA_VERSION, 0); }, "print the version");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return EndWith{0, app.help()};
  } catch (const CLI::CallForVersion& version) {
    return EndWith{0, std::string(version.what()) + "\n"};
  } catch (const CLI::ExtrasError&) {
    return EndWith{2, "mla-router: " + not_expected(app) + "\nTry: mla-router --help\n"};
  } catch (const CLI::ParseError& error) {
    return EndWith{2, std::string("mla-router: ") + error.what() + "\nTry: mla-router --help\n"};
  }
  return c;
}

}  // namespace mla::router
