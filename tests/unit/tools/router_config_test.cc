#include <catch2/catch.hpp>
#include <map>

#include "router/config_file.h"

using namespace std::chrono_literals;
using namespace mla::router;

namespace {

Choices good(std::string_view toml) {
  auto outcome = parse_config(toml);
  if (const auto* error = std::get_if<ConfigError>(&outcome)) FAIL(to_string(*error, "FILE"));
  return std::get<Choices>(outcome);
}

std::string bad(std::string_view toml) {
  const auto outcome = parse_config(toml);
  if (!std::holds_alternative<ConfigError>(outcome)) return "accepted";
  return to_string(std::get<ConfigError>(outcome), "FILE");
}

}  // namespace

TEST_CASE("A configuration file sets what it names and nothing else") {
  const auto c = good(
      "listen = [\"ws://127.0.0.1:1\", \"ws://127.0.0.1:2\"]\nparent = \"ws://up:3\"\nadmin = \"none\"\n"
      "name = \"middle\"\ninsecure = true\nlog_level = \"debug\"\nlog_format = \"json\"\n");
  CHECK(c.listen == std::vector<std::string>{"ws://127.0.0.1:1", "ws://127.0.0.1:2"});
  CHECK(c.parent == std::vector<std::string>{"ws://up:3"});
  CHECK(c.admin == "none");
  CHECK(c.name == "middle");
  CHECK(c.insecure == true);
  CHECK(c.log_level == "debug");
  CHECK(c.log_format == "json");
  CHECK_FALSE(c.limits.has_value());
  CHECK_FALSE(good("").listen.has_value());
}

TEST_CASE("Limits are read by their names, with units") {
  const auto c = good("[limits]\nheartbeat = \"500ms\"\nstate_bytes = \"4MiB\"\nlinks = 12\n");
  REQUIRE(c.limits.has_value());
  CHECK(c.limits->heartbeat == 500ms);
  CHECK(c.limits->state_bytes == 4u << 20);
  CHECK(c.limits->links == 12u);
  CHECK(c.limits->handover == 5s);
}

TEST_CASE("An unknown key is refused with line, column and what was probably meant") {
  CHECK(bad("name = \"x\"\n  lisen = \"ws://127.0.0.1:1\"\n") ==
        "FILE:2:3: unknown key \"lisen\"; did you mean \"listen\"?");
  CHECK(bad("threads = 2\n") == "FILE:1:1: unknown key \"threads\"");
  CHECK(bad("[limits]\nheart_beat = \"1s\"\n") ==
        "FILE:2:1: unknown key \"heart_beat\" in limits; did you mean \"heartbeat\"?");
}

TEST_CASE("A value of the wrong kind is refused where it stands") {
  CHECK(bad("name = 3") == "FILE:1:8: name wants a string");
  CHECK(bad("listen = [\"ws://a\", 4]") == "FILE:1:21: listen wants an array of strings");
  CHECK(bad("insecure = \"yes\"") == "FILE:1:12: insecure wants true or false");
  CHECK(bad("limits.links = -1") == "FILE:1:16: limits.links wants a whole number above 0");
  CHECK(bad("limits.links = \"many\"") == "FILE:1:16: limits.links wants a whole number above 0");
  CHECK(bad("limits.heartbeat = 10") ==
        "FILE:1:20: limits.heartbeat wants a duration of 1ms or more with its unit, such as \"500ms\"");
  CHECK(bad("limits.heartbeat = \"0\"") == bad("limits.heartbeat = 10"));
  CHECK(bad("limits.state_bytes = \"1 MB\"") ==
        "FILE:1:22: limits.state_bytes wants a size above 0, such as 65536 or \"64KiB\"");
  CHECK(bad("limits = 3") == "FILE:1:10: limits wants a table");
}

TEST_CASE("Limits that peers rely on are not raised") {
  CHECK(bad("limits.depth = 17") == "FILE:1:16: limits.depth is above 16");
  CHECK(good("limits.depth = 8").limits->depth == 8u);
  CHECK(bad("limits.state_bytes = \"65MiB\"") == "FILE:1:22: limits.state_bytes is above 67108864");
}

TEST_CASE("Text that is no TOML is refused with its place") {
  CHECK(bad("name = \"x\nlisten = 1\n").starts_with("FILE:1:"));
  CHECK(bad("name = \"a\"\nname = \"b\"\n").starts_with("FILE:2:"));
}

TEST_CASE("A file that cannot be read is an error without a place") {
  const auto outcome = read_config("/nonexistent/mla.toml");
  REQUIRE(std::holds_alternative<ConfigError>(outcome));
  CHECK(to_string(std::get<ConfigError>(outcome), "/nonexistent/mla.toml") ==
        "/nonexistent/mla.toml: No such file or directory");
  CHECK(std::holds_alternative<ConfigError>(read_config("/")));
}

TEST_CASE("Flags go before the environment, that before the file, that before the defaults") {
  Choices flags, environment, file;
  file.name = "file";
  file.admin = "127.0.0.1:9";
  file.log_level = "error";
  environment.name = "environment";
  environment.admin = "127.0.0.1:8";
  flags.name = "flags";
  const auto s = resolve(flags, environment, file);
  CHECK(s.name == "flags");
  CHECK(s.admin == "127.0.0.1:8");
  CHECK(s.log_level == "error");
  CHECK(s.log_format == "text");
  CHECK(s.listen == std::vector<std::string>{"ws://127.0.0.1:3001"});
}

TEST_CASE("The environment's lists are split, empty variables count as unset") {
  const std::map<std::string, std::string> variables{{"MLA_LISTEN", "ws://127.0.0.1:1, ws://127.0.0.1:2"},
                                                     {"MLA_NAME", ""}};
  const auto c = from_environment([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
  CHECK(c.listen == std::vector<std::string>{"ws://127.0.0.1:1", "ws://127.0.0.1:2"});
  CHECK_FALSE(c.name.has_value());
  CHECK_FALSE(c.parent.has_value());
}

TEST_CASE("Only loopback is listened on without TLS, unless the file says insecure") {
  for (const char* address :
       {"ws://127.0.0.1:3001", "ws://127.1.2.3", "ws://localhost:0/x", "ws://[::1]:3001", "127.0.0.1:3002",
        "localhost:3002", "[::1]:3002", "ws+unix:///run/mla.sock"})
    CHECK(is_loopback(address));
  for (const char* address :
       {"ws://0.0.0.0:3001", "ws://*:3001", "ws://[::]:3001", "ws://10.0.0.1", "ws://example.org:3001",
        "ws://127.0.0.1.example.org", "0.0.0.0:3002", ":3002", "ws://"})
    CHECK_FALSE(is_loopback(address));

  Settings s;
  CHECK(complaint(s).empty());
  s.admin = "0.0.0.0:3002";
  CHECK(complaint(s).starts_with("admin listener 0.0.0.0:3002 is beyond loopback"));
  s.admin = "none";
  CHECK(complaint(s).empty());
  s.listen.push_back("ws://0.0.0.0:1");
  CHECK(complaint(s).starts_with("listener ws://0.0.0.0:1 is beyond loopback"));
  s.insecure = true;
  CHECK(complaint(s).empty());
}

TEST_CASE("Levels and formats are checked, with a suggestion") {
  Settings s;
  s.log_level = "warnin";
  CHECK(complaint(s) ==
        "log level \"warnin\" is none of debug, info, warning, error, off, trace; did you mean \"warning\"?");
  s.log_level = "info";
  s.log_format = "xml";
  CHECK(complaint(s) == "log format \"xml\" is none of text, json");
}
