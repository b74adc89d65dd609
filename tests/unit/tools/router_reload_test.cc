#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "router/configuration.h"

namespace router_reload_test {

using namespace std::chrono_literals;
using namespace mla::router;

namespace {

/// A configuration file that goes with the test.
class File {
 public:
  explicit File(const std::string& text) : folder_(std::filesystem::temp_directory_path() / "mla-XXXXXX") {
    REQUIRE(::mkdtemp(folder_.data()) != nullptr);
    write(text);
  }
  ~File() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  std::string path() const { return folder_ + "/mla.toml"; }
  void write(const std::string& text) const {
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << text;
  }

 private:
  std::string folder_;
};

struct Rig {
  explicit Rig(const std::string& text, Choices flags = {}, Choices environment = {}) : file(text) {
    flags.config = file.path();
    configuration.emplace(std::move(flags), std::move(environment));
    settings = std::get<Settings>(configuration->load());
  }
  std::string refused() const {
    auto outcome = configuration->reload(settings);
    if (!std::holds_alternative<std::string>(outcome)) return "accepted";
    std::string why = std::get<std::string>(outcome);
    CHECK(why.starts_with(file.path()));
    return why.substr(file.path().size());
  }
  Configuration::Reloaded reloaded() const {
    return std::get<Configuration::Reloaded>(configuration->reload(settings));
  }

  File file;
  std::optional<Configuration> configuration;
  Settings settings;
};

constexpr char kGood[] = "name = \"n\"\nparent = \"ws://up:1\"\n[limits]\nlinks = 1000\n";

}  // namespace

TEST_CASE("1C: a reload takes the file as it is now") {
  Rig rig(kGood);
  rig.file.write("parent = \"ws://up:2\"\n[limits]\nheartbeat = \"1s\"\n");
  const auto now = rig.reloaded();
  CHECK(now.settings.parent == std::vector<std::string>{"ws://up:2"});
  CHECK(now.settings.limits.heartbeat == 1s);
  CHECK(now.settings.limits.links == 10000u);  // what is not said any more has its default again
  CHECK(now.overridden.empty());
}

TEST_CASE("1C: a file that is gone, empty, cut off or wrong is refused at a reload") {
  Rig rig(kGood);
  rig.file.write("");
  CHECK(rig.refused() == ": is empty");
  rig.file.write(" \n\n");
  CHECK(rig.refused() == ": is empty");
  // Each beginning of the file but those that end with a line is refused; a number that lost digits is one.
  const std::string good(kGood);
  for (std::size_t size = 1; size < good.size(); ++size) {
    rig.file.write(good.substr(0, size));
    INFO(good.substr(0, size));
    if (good[size - 1] == '\n')
      CHECK(rig.refused() == "accepted");
    else
      CHECK(rig.refused().ends_with("the last line has no end: the file seems to be cut off"));
  }
  rig.file.write("name = \"n\"\n[limits]\nlinsk = 3\n");
  CHECK(rig.refused() == ":3:1: unknown key \"linsk\" in limits; did you mean \"links\"?");
  rig.file.write("log_level = \"loud\"\n");
  CHECK(rig.refused().starts_with(": log level \"loud\" is none of"));
  std::filesystem::remove(rig.file.path());
  CHECK(rig.refused() == ": No such file or directory");
  std::filesystem::create_directory(rig.file.path());
  CHECK(rig.refused() == ": cannot be read as a file");
}

TEST_CASE("1C: a reload tells of keys that flags or the environment go before") {
  Choices flags, environment;
  flags.log_level = "error";
  environment.name = "mine";
  Rig rig("log_level = \"info\"\nname = \"a\"\nadmin = \"none\"\n", flags, environment);
  rig.file.write("log_level = \"debug\"\nname = \"b\"\nadmin = \"127.0.0.1:9\"\n");
  auto now = rig.reloaded();
  CHECK(now.settings.log_level == "error");
  CHECK(now.settings.name == "mine");
  CHECK(now.settings.admin == "127.0.0.1:9");
  CHECK(now.overridden == std::vector<std::string>{"name", "log_level"});
  // Told once.
  rig.settings = now.settings;
  rig.configuration->accept(std::move(now));
  CHECK(rig.reloaded().overridden.empty());
}

TEST_CASE("Without a file there is nothing to reload, and a file is named by flag or environment") {
  const Configuration none({}, {});
  CHECK(std::get<std::string>(none.reload(Settings{})) ==
        "there is no configuration file to read again; it is named by --config");
  Choices flags, environment;
  environment.config = "/e";
  CHECK(Configuration({}, environment).file() == "/e");
  flags.config = "/f";
  CHECK(Configuration(flags, environment).file() == "/f");
}

}  // namespace router_reload_test
