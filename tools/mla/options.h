#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "tools/mla/bench/options.h"
#include "tools/mla/words.h"

namespace mla::cli {

enum class OutputForm : std::uint8_t { human, json, jsonl };

struct ObserveOptions {
  Target target;
  std::optional<std::uint64_t> count;
  std::chrono::nanoseconds min_interval{0};
};

struct FromValue {
  std::string text;
};
struct FromFile {
  std::string path;
};
struct FromStdin {
  bool end_with_input = false;
};
struct FromCommand {
  std::string command;
  std::optional<std::chrono::nanoseconds> every;
  unsigned jobs = 4;
};
using Source = std::variant<FromValue, FromFile, FromStdin, FromCommand>;

struct ExposeOptions {
  Target target;
  Source source;
  bool raw = false;
  std::uint32_t capacity = 1;
  std::optional<std::uint32_t> limit;
  std::int32_t priority = 0;
  bool confirm = false;  ///< tell who holds what was exposed
};

struct GetOptions {
  ObjectDescriptor object;
};

struct HostmonOptions {
  std::chrono::nanoseconds interval = std::chrono::seconds(1);
  std::string name;  ///< empty: the host's
};

/// The verbs that ask exchanges about themselves.
enum class Listed : std::uint8_t { objects, tags, links };
struct LsOptions {
  Listed what = Listed::objects;
  bool all = false;
};
struct TreeOptions {};
struct WhyOptions {
  ObjectDescriptor object;
};
struct TopOptions {
  bool once = false;
};

struct CompletionOptions {
  std::string script;
};
struct VersionOptions {};

using Verb = std::variant<ObserveOptions, ExposeOptions, GetOptions, HostmonOptions, LsOptions, TreeOptions,
                          WhyOptions, TopOptions, BenchOptions, CompletionOptions, VersionOptions>;

/// A command line, understood. *value*
struct Options {
  std::string url = "ws://127.0.0.1:3001";
  std::string token_file;  ///< whose content is shown to the peer; empty: nothing is
  bool url_given = false;  ///< by --url, not by the environment
  OutputForm form = OutputForm::human;
  std::optional<std::chrono::nanoseconds> timeout;
  bool verbose = false;
  Verb verb;
};

}  // namespace mla::cli
