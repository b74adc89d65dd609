#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <map>

#include "router/arguments.h"
#include "router/config_file.h"

namespace router_config_test {

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
      "name = \"middle\"\ninsecure = true\nlog_level = \"debug\"\nlog_format = \"json\"\nbusy_poll = \"2ms\"\n");
  CHECK(c.listen == std::vector<std::string>{"ws://127.0.0.1:1", "ws://127.0.0.1:2"});
  CHECK(c.parent == std::vector<std::string>{"ws://up:3"});
  CHECK(c.admin == "none");
  CHECK(c.name == "middle");
  CHECK(c.insecure == true);
  CHECK(c.busy_poll == "2ms");
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
  CHECK(bad("wheels = 2\n") == "FILE:1:1: unknown key \"wheels\"");
  CHECK(bad("[limits]\nheart_beat = \"1s\"\n") ==
        "FILE:2:1: unknown key \"heart_beat\" in limits; did you mean \"heartbeat\"?");
}

TEST_CASE("A value of the wrong kind is refused where it stands") {
  CHECK(bad("name = 3") == "FILE:1:8: name wants a string");
  CHECK(bad("listen = [\"ws://a\", 4]") == "FILE:1:21: listen wants an array of strings");
  CHECK(bad("busy_poll = 2") == "FILE:1:13: busy_poll wants a string");
  CHECK(bad("busy_poll = \"2 s\"") == "FILE:1:13: busy_poll wants a duration from \"0ms\" to \"1s\"");
  CHECK(bad("insecure = \"yes\"") == "FILE:1:12: insecure wants true or false");
  CHECK(bad("limits.links = -1") == "FILE:1:16: limits.links wants a whole number");
  CHECK(bad("limits.links = \"many\"") == "FILE:1:16: limits.links wants a whole number");
  CHECK(bad("limits.heartbeat = 10") ==
        "FILE:1:20: limits.heartbeat wants a duration of 1ms or more with its unit, such as \"500ms\"");
  CHECK(bad("limits.heartbeat = \"0\"") == bad("limits.heartbeat = 10"));
  CHECK(bad("limits.state_bytes = \"1 MB\"") ==
        "FILE:1:22: limits.state_bytes wants a size, such as 65536 or \"64KiB\"");
  CHECK(bad("limits = 3") == "FILE:1:10: limits wants a table");
}

TEST_CASE("Limits that peers rely on are not raised") {
  CHECK(bad("limits.depth = 17") == "FILE:1:16: limits.depth is above 16");
  CHECK(good("limits.depth = 8").limits->depth == 8u);
  CHECK(good("limits.delta_bytes = 0").limits->delta_bytes == 0u);
  CHECK(bad("limits.links = 0") == "FILE:1:16: limits.links is out of its range");
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

namespace {

/// A key as each source can say it: three texts, and what the outcome then shows.
struct Key {
  const char* name;
  const char* variable;  // empty: the environment has none
  std::function<void(Choices&, std::string)> set;
  std::function<std::string(const Settings&)> shown;
  const char *a, *b, *c;
  const char* standard;
  bool flag = true;  // there is one
};

template <class T>
std::string join(const std::vector<T>& list) {
  std::string out;
  for (const auto& item : list) out += (out.empty() ? "" : ",") + item;
  return out;
}

const std::vector<Key>& keys() {
  static const std::vector<Key> all{
      {"listen", "MLA_LISTEN", [](Choices& c, std::string t) { c.listen = std::vector<std::string>{t}; },
       [](const Settings& s) { return join(s.listen); }, "ws://127.0.0.1:1", "ws://127.0.0.1:2",
       "ws://127.0.0.1:3", "ws://127.0.0.1:3001"},
      {"parent", "MLA_PARENT", [](Choices& c, std::string t) { c.parent = std::vector<std::string>{t}; },
       [](const Settings& s) { return join(s.parent); }, "ws://a:1", "ws://b:1", "ws://c:1", ""},
      {"admin", "MLA_ADMIN", [](Choices& c, std::string t) { c.admin = t; },
       [](const Settings& s) { return s.admin; }, "127.0.0.1:1", "none", "127.0.0.1:3", "127.0.0.1:3002"},
      {"name", "MLA_NAME", [](Choices& c, std::string t) { c.name = t; },
       [](const Settings& s) { return s.name; }, "x", "y", "z", ""},
      {"log_level", "MLA_LOG_LEVEL", [](Choices& c, std::string t) { c.log_level = t; },
       [](const Settings& s) { return s.log_level; }, "debug", "error", "off", "info"},
      {"log_format", "MLA_LOG_FORMAT", [](Choices& c, std::string t) { c.log_format = t; },
       [](const Settings& s) { return s.log_format; }, "json", "text", "json", "text"},
      {"allowed_origins", "MLA_ALLOWED_ORIGINS",
       [](Choices& c, std::string t) { c.allowed_origins = std::vector<std::string>{t}; },
       [](const Settings& s) { return join(s.allowed_origins); }, "https://a", "https://b", "https://c", "",
       false},
      {"allowed_hosts", "MLA_ALLOWED_HOSTS",
       [](Choices& c, std::string t) { c.allowed_hosts = std::vector<std::string>{t}; },
       [](const Settings& s) { return join(s.allowed_hosts); }, "a.example", "b.example", "c.example", "",
       false},
  };
  return all;
}

Choices from_one_variable(const char* variable, const char* value) {
  return from_environment(
      [=](const char* name) { return std::string_view(name) == variable ? value : nullptr; });
}

}  // namespace

TEST_CASE(
    "1C: for every key flags go before the environment, that before the file, that before the default") {
  for (const Key& key : keys()) {
    INFO(key.name);
    const Choices file = good(std::string(key.name) + " = \"" + key.a + "\"\n");
    const Choices environment = from_one_variable(key.variable, key.b);
    Choices flags;
    key.set(flags, key.c);
    CHECK(key.shown(resolve({}, {}, {})) == key.standard);
    CHECK(key.shown(resolve({}, {}, file)) == key.a);
    CHECK(key.shown(resolve({}, environment, {})) == key.b);
    CHECK(key.shown(resolve({}, environment, file)) == key.b);
    if (!key.flag) continue;
    CHECK(key.shown(resolve(flags, {}, file)) == key.c);
    CHECK(key.shown(resolve(flags, environment, {})) == key.c);
    CHECK(key.shown(resolve(flags, environment, file)) == key.c);
  }
}

TEST_CASE("The threshold of balance goes before the limit in the file, the flag before the variable") {
  const Choices file = good("[limits]\nrebalance_percent = 30\nheartbeat = \"1s\"\n");
  const Choices environment = from_one_variable("MLA_REBALANCE_THRESHOLD", "0.25");
  Choices flags;
  flags.rebalance_threshold = "0.5";
  CHECK(resolve({}, {}, {}).limits.rebalance_percent == 10u);
  CHECK(resolve({}, {}, file).limits.rebalance_percent == 30u);
  CHECK(resolve({}, environment, file).limits.rebalance_percent == 25u);
  CHECK(resolve(flags, environment, file).limits.rebalance_percent == 50u);
  CHECK(resolve(flags, environment, file).limits.heartbeat == 1s);
}

TEST_CASE("A threshold is a number in whole hundredths") {
  CHECK(parse_threshold("0.1") == 10u);
  CHECK(parse_threshold(".05") == 5u);
  CHECK(parse_threshold("1") == 100u);
  CHECK(parse_threshold("1.") == 100u);
  CHECK(parse_threshold("0.100") == 10u);
  CHECK(parse_threshold("100") == 10'000u);
  for (const char* text : {"", ".", "0", "0.001", "0.125", "-1", "100.01", "1000", "1e2", "0,1", "10%", "x"})
    CHECK_FALSE(parse_threshold(text).has_value());
  Choices flags;
  flags.rebalance_threshold = "0.125";
  CHECK(complaint(resolve(flags, {}, {})) ==
        "the rebalance threshold \"0.125\" is no number from 0.01 to 100 in whole hundredths, such as 0.1");
}

TEST_CASE("Every key of the file is one that a suggestion leads to") {
  for (const Key& key : keys()) {
    const std::string wrong = std::string(key.name) + "x";
    CHECK(bad("# a line\n" + wrong + " = \"" + key.a + "\"\n") ==
          "FILE:2:1: unknown key \"" + wrong + "\"; did you mean \"" + key.name + "\"?");
  }
  CHECK(bad("insecurex = true") == "FILE:1:1: unknown key \"insecurex\"; did you mean \"insecure\"?");
  for (const auto& row : mla::limit_rows(mla::Limits{})) {
    const std::string name(row.name);
    CHECK(bad("[limits]\n  " + name + "x = 1\n") ==
          "FILE:2:3: unknown key \"" + name + "x\" in limits; did you mean \"" + name + "\"?");
  }
}

TEST_CASE("Every limit can be set in the file, and is told when it changes") {
  const mla::Limits standard;
  for (const auto& row : mla::limit_rows(standard)) {
    INFO(row.name);
    // Less than the default is within every bound, but where others must stay below.
    const std::uint64_t value =
        row.name == "state_bytes_ceiling" || row.name == "outbound_bytes" || row.name == "message_bytes"
            ? row.standard - 1024
            : row.standard - 1;
    const std::string text = row.unit == "ms" ? "\"" + std::to_string(value) + "ms\"" : std::to_string(value);
    if (row.name == "message_bytes") continue;  // an upper bound that others lean on, see limits_test
    const Choices c = good("limits." + std::string(row.name) + " = " + text);
    REQUIRE(c.limits.has_value());
    const auto rows = mla::limit_rows(*c.limits);
    const auto now = std::find_if(rows.begin(), rows.end(), [&](auto& r) { return r.name == row.name; });
    CHECK(now->value == value);
    const auto told = changes(resolve({}, {}, {}), resolve({}, {}, c));
    REQUIRE(told.size() == 1);
    CHECK(told[0].key == "limits." + std::string(row.name));
    CHECK(told[0].live);
  }
}

TEST_CASE("The help names every key, every variable and every limit") {
  const char* const words[] = {"mla-router", "--help"};
  const auto outcome = parse_arguments(2, words);
  REQUIRE(std::holds_alternative<EndWith>(outcome));
  const std::string& help = std::get<EndWith>(outcome).text;
  for (const Key& key : keys()) {
    CHECK(help.find(key.name) != std::string::npos);
    CHECK(help.find(key.variable) != std::string::npos);
  }
  for (const auto& row : mla::limit_rows(mla::Limits{}))
    CHECK(help.find("  " + std::string(row.name) + " ") != std::string::npos);
  CHECK(help.find("(10s)") != std::string::npos);
  CHECK(help.find("(1048576 B)") != std::string::npos);
}

TEST_CASE("An option of the command line that does not exist is refused with the one that was meant") {
  const auto refused = [](std::vector<const char*> words) {
    words.insert(words.begin(), "mla-router");
    const auto outcome = parse_arguments(static_cast<int>(words.size()), words.data());
    if (!std::holds_alternative<EndWith>(outcome)) return std::string("accepted");
    CHECK(std::get<EndWith>(outcome).status == 2);
    const std::string& text = std::get<EndWith>(outcome).text;
    return text.substr(0, text.find('\n'));
  };
  CHECK(refused({"--listn", "ws://127.0.0.1:0"}) == "mla-router: unknown option --listn; did you mean \"--listen\"?");
  CHECK(refused({"--log_level=debug"}) == "mla-router: unknown option --log_level; did you mean \"--log-level\"?");
  CHECK(refused({"--name", "x", "--wheels"}) == "mla-router: unknown option --wheels");
  CHECK(refused({"-l"}).starts_with("mla-router: unknown option -l"));
  CHECK(refused({"ws://127.0.0.1:0"}) == "mla-router: \"ws://127.0.0.1:0\" is one argument too many");
  CHECK(refused({"--listen"}).starts_with("mla-router: --listen: "));
  CHECK(refused({"--listen", ""}) == "mla-router: --listen: is empty");
  CHECK(refused({"--parent", "ws://a", "--parent="}).starts_with("mla-router: --parent: "));
}

TEST_CASE("Changes are told by key, and a name needs a restart") {
  const Settings before = resolve({}, {}, {});
  const Settings after =
      resolve({}, {},
              good("name = \"n\"\nlog_level = \"debug\"\nparent = [\"ws://a\", \"ws://b\"]\n"
                   "limits.heartbeat = \"500ms\"\nlimits.state_bytes = 4096\n"));
  std::vector<std::string> told;
  for (const Change& change : changes(before, after))
    told.push_back(to_string(change) + (change.live ? "" : " (restart)"));
  CHECK(told == std::vector<std::string>{"parent: (none) -> ws://a ws://b", "name: (none) -> n (restart)",
                                         "log_level: info -> debug",
                                         "limits.state_bytes: 1048576 B -> 4096 B",
                                         "limits.heartbeat: 10s -> 500ms"});
  CHECK(changes(after, after).empty());
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
  for (const char* other : {"none", "non", "3002"}) {  // the last two are refused as no HOST:PORT
    s.admin = other;
    CHECK(complaint(s).empty());
  }
  s.listen.push_back("ws://0.0.0.0:1");
  CHECK(complaint(s).starts_with("listener ws://0.0.0.0:1 is beyond loopback"));
  s.insecure = true;
  CHECK(complaint(s).empty());
}

TEST_CASE("A router looks on for no longer than a second, said with its unit") {
  CHECK(parse_busy_poll(Settings{}.busy_poll) == 0ns);
  CHECK(parse_busy_poll("2ms") == 2ms);
  CHECK(parse_busy_poll("1s") == 1s);
  for (const char* wrong : {"", "2", "-1ms", "1001ms", "often"}) {
    CHECK_FALSE(parse_busy_poll(wrong).has_value());
    Settings s;
    s.busy_poll = wrong;
    CHECK(complaint(s).starts_with("busy_poll: "));
  }
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

}  // namespace router_config_test
