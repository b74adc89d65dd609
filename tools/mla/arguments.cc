#include "tools/mla/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "contracts/closest_name.h"
#include "contracts/quantity.h"
#include "tools/mla/bench/arguments.h"
#include "tools/mla/completion.h"
#include "tools/mla/flag_checks.h"

namespace mla::cli {
namespace {

using std::chrono::nanoseconds;

/// What CLI11 fills in; turned into Options when all is there.
struct Typed {
  std::string url, token_file;
  bool json = false, jsonl = false, verbose = false;
  std::optional<nanoseconds> timeout;
  std::optional<std::string> object;
  std::vector<std::string> tags;
  std::optional<std::uint64_t> count;
  bool once = false;
  nanoseconds min_interval{0};
  std::optional<std::string> value, file, command;
  bool from_stdin = false, end_with_input = false, raw = false;
  std::optional<nanoseconds> every;
  std::optional<unsigned> jobs;
  std::uint32_t capacity = 1;
  std::optional<std::uint32_t> limit;
  std::int32_t priority = 0;
  bool confirm = false;
  nanoseconds interval = std::chrono::seconds(1);
  std::string name;
  std::string shell;
  std::string listed;
  bool all = false;
  BenchTyped bench;
};

template <class Into>
CLI::Option* add_duration(CLI::App* app, const std::string& flag, Into& into, const std::string& text,
                          nanoseconds least) {
  auto* option = app->add_option_function<std::string>(
      flag,
      [&into, flag, least](const std::string& typed) {
        const auto duration = parse_duration(typed);
        if (!duration)
          throw CLI::ValidationError(flag, "\"" + typed + "\" is no duration, such as 250ms, 10s or 5m");
        if (*duration < least) throw CLI::ValidationError(flag, "must be at least " + format_duration(least));
        into = *duration;
      },
      text);
  return option->type_name("D");
}

CLI::Validator positive() {
  return whole_number(1, std::uint64_t{1} << 53, "from 1 on");
}

/// A variable that a script forgot to set must not stand for the default.
std::string not_empty(const std::string& typed) {
  return typed.empty() ? "is empty" : "";
}

void add_target(CLI::App* verb, Typed& typed, bool object_required) {
  auto* object = verb->add_option_function<std::string>(
      "OBJECT", [&typed](const std::string& text) { typed.object = text; },
      "JSON value, or a word that stands for a string");
  object->type_name("");
  if (object_required) object->required();
  verb->add_option("--tag", typed.tags,
                   "one of the object's tags; without OBJECT: the tag whose objects are meant")
      ->allow_extra_args(false)
      ->type_name("TAG");
}

void add_observe(CLI::App& app, Typed& typed) {
  auto* verb = app.add_subcommand("observe", "Print each state of an object, or of all objects with a tag");
  add_target(verb, typed, false);
  auto* count =
      verb->add_option("--count", typed.count, "end after N states")->check(positive())->type_name("N");
  verb->add_flag("--once", typed.once, "end after one state, as --count 1")->excludes(count);
  add_duration(verb, "--min-interval", typed.min_interval, "least time between two states of an object",
               nanoseconds(0));
}

void add_expose(CLI::App& app, Typed& typed) {
  auto* verb =
      app.add_subcommand("expose", "Produce an object, or any object with a tag, while somebody observes it");
  add_target(verb, typed, false);
  auto* sources = verb->add_option_group("source", "where states come from (exactly one)");
  sources->add_option("--value", typed.value, "this JSON value; with --raw this text")->type_name("JSON");
  sources->add_option("--file", typed.file, "this file's content (JSON unless --raw), again when it changes")
      ->type_name("PATH");
  sources->add_flag("--stdin", typed.from_stdin, "each line of standard input (JSON unless --raw)");
  sources
      ->add_option(
          "--command", typed.command,
          "the output of this shell command, JSON if it is some, else text; run when elected, finds the "
          "object in MLA_OBJECT and MLA_TAGS")
      ->type_name("CMD");
  sources->require_option(1);
  add_duration(verb, "--every", typed.every, "run the command again, so long after it began",
               std::chrono::milliseconds(1));
  verb->add_option("--jobs", typed.jobs, "commands at a time (4)")
      ->check(whole_number(1, 1000, "from 1 to 1000"))
      ->type_name("N");
  verb->add_flag(
      "--end-with-input", typed.end_with_input,
      "end at the end of standard input, once its last state was taken (--timeout says how long that "
      "may take), instead of keeping it");
  verb->add_flag("--raw", typed.raw, "states are text (or bytes), not JSON");
  verb->add_option("--capacity", typed.capacity, "weight when shares are dealt out, 0…1000000 (1)")
      ->check(whole_number(0, 1'000'000, "from 0 to 1000000"))
      ->type_name("N");
  verb->add_option("--limit", typed.limit, "at most so many objects at a time")
      ->check(whole_number(1, 0xFFFFFFFF, "from 1 to 4294967295"))
      ->type_name("N");
  verb->add_option("--priority", typed.priority, "higher goes first (0)")->type_name("N");
  verb->add_flag("--confirm", typed.confirm, "tell when all who observe hold a state, and how many they are");
}

void add_get(CLI::App& app, Typed& typed) {
  auto* verb = app.add_subcommand("get", "Print the newest state of an object and end");
  add_target(verb, typed, true);
}

void add_hostmon(CLI::App& app, Typed& typed) {
  auto* verb = app.add_subcommand(
      "hostmon",
      "Share this machine's load as objects tagged host; samples only while observed (--verbose shows when)");
  add_duration(verb, "--interval", typed.interval, "time between two samples (1s)",
               std::chrono::milliseconds(10));
  verb->add_option("--name", typed.name, "how this machine is called (its host name)")->type_name("NAME");
}

void add_asking(CLI::App& app, Typed& typed) {
  auto* ls = app.add_subcommand("ls", "List live objects, tags, or links, as the exchanges themselves tell");
  ls->add_option("WHAT", typed.listed, "objects, tags or links")
      ->required()
      ->check(CLI::IsMember({"objects", "tags", "links"}))
      ->type_name("");
  ls->add_flag("--all", typed.all,
               "also what nobody observes, what the system describes itself by, and both ends of each link");
  app.add_subcommand("tree", "Show who is linked to whom, with round-trip times");
  add_target(app.add_subcommand("why", "Tell who exposes an object, since when, who else could, and what would change it"),
             typed, true);
  auto* top = app.add_subcommand("top", "Show rates of all links, again every second");
  top->add_flag("--once", typed.once, "once, then end");
}

std::unique_ptr<CLI::App> make_app(Typed& typed) {
  auto app = std::make_unique<CLI::App>("Observe and expose live objects", "mla");
  app->require_subcommand(1);
  app->fallthrough();
  app->add_option("--url", typed.url, "router or other exchange to link to (ws://127.0.0.1:3001)")
      ->envname("MLA_URL")
      ->check(not_empty)
      ->type_name("URL");
  app->add_option("--token-file", typed.token_file, "file with a token, which is shown to the router")
      ->envname("MLA_TOKEN_FILE")
      ->check(not_empty)
      ->type_name("FILE");
  auto* json = app->add_flag("--json", typed.json, "print JSON (observe and expose: as --jsonl)");
  app->add_flag("--jsonl", typed.jsonl, "print one JSON object per line and event")->excludes(json);
  add_duration(app.get(), "--timeout", typed.timeout,
               "give up when not linked, or without the state asked for, in this time",
               std::chrono::milliseconds(1));
  app->add_flag("--verbose", typed.verbose,
                "say on standard error what is elected, paused and withdrawn, also when it is no terminal");
  app->add_flag_callback(
      "--version", [] { throw CLI::CallForVersion("mla " MLA_VERSION, 0); }, "print the version");
  add_observe(*app, typed);
  add_expose(*app, typed);
  add_get(*app, typed);
  add_hostmon(*app, typed);
  add_asking(*app, typed);
  add_bench(*app, typed.bench);
  auto* completion = app->add_subcommand("completion", "Print a completion script for a shell");
  completion->add_option("SHELL", typed.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("");
  app->add_subcommand("version", "Print the version");
  for (auto* verb : app->get_subcommands({}))
    verb->footer(
        "D is a duration: 250ms, 10s, 1.5m, 2h. The options of mla itself (--url, --token-file, --json, "
        "--jsonl, "
        "--timeout, "
        "--verbose) may stand here too.");
  app->footer(
      "D is a duration: 250ms, 10s, 1.5m, 2h. An object is a JSON value (a word that is none stands for a "
      "string) and "
      "its tags.\n"
      "Ends with 0 ok, 1 failed, 2 usage, 3 cannot connect, 4 denied, 5 time-out, 6 no such object or no "
      "exposer, 130 "
      "interrupted.\n"
      "Try: mla VERB --help");
  return app;
}

EndWith usage(const std::string& message, const std::string& verb = {}) {
  return {ExitCode::usage, "mla: " + message + "\nTry: mla " + (verb.empty() ? "" : verb + " ") + "--help\n"};
}

std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* verb : app.get_subcommands({}))
    if (!verb->get_name().empty()) names.push_back(verb->get_name());  // else an option group
  return names;
}

/// CLI11's word for a mistaken verb is its list of arguments left over; people want to hear which verb was
/// meant. Of a verb that has verbs of its own, too.
std::optional<EndWith> mistaken_verb(const CLI::App& app, const std::vector<std::string>& arguments) {
  const CLI::App* level = &app;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& word = arguments[i];
    if (word == "--url" || word == "--timeout" || word == "--token-file") {
      ++i;
    } else if (word == "--help" || word == "-h") {
      return {};
    } else if (!word.starts_with('-')) {
      const auto names = verb_names(*level);
      if (std::find(names.begin(), names.end(), word) == names.end()) {
        std::string message = "unknown verb \"" + word + "\"";
        if (const auto close = closest_name(word, std::vector<std::string_view>(names.begin(), names.end())))
          message += "; did you mean \"" + std::string(*close) + "\"?";
        return usage(message, level == &app ? "" : level->get_name());
      }
      level = level->get_subcommand(word);
      if (verb_names(*level).empty()) return {};
    }
  }
  if (level == &app) return {};
  std::string all;
  for (const auto& name : verb_names(*level)) all += (all.empty() ? "" : ", ") + name;
  return usage(level->get_name() + " wants to know what: " + all, level->get_name());
}

void add_flags(const CLI::App& app, std::vector<std::string>& names) {
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
}

/// What is left over, with the flag that was probably meant.
std::string not_expected(const CLI::App& app) {
  std::vector<std::string> flags;
  add_flags(app, flags);
  for (const auto* verb : app.get_subcommands()) {
    add_flags(*verb, flags);
    for (const auto* chosen : verb->get_subcommands()) add_flags(*chosen, flags);
    for (const auto* group : verb->get_subcommands({}))
      if (group->get_name().empty()) add_flags(*group, flags);
  }
  const std::vector<std::string_view> names(flags.begin(), flags.end());
  const auto rest = app.remaining(true);
  const auto flag =
      std::find_if(rest.begin(), rest.end(), [](const auto& word) { return word.starts_with('-'); });
  if (flag == rest.end())
    return rest.empty() ? "too many arguments" : "\"" + rest.back() + "\" is one argument too many";
  const std::string name = flag->substr(0, flag->find('='));
  const auto close = closest_name(name, names);
  return "unknown option " + name + (close ? "; did you mean \"" + std::string(*close) + "\"?" : "");
}

std::variant<Source, UsageError> source_of(const Typed& t) {
  if (!t.command && (t.every || t.jobs)) return UsageError{"--every and --jobs go with --command"};
  if (!t.from_stdin && t.end_with_input) return UsageError{"--end-with-input goes with --stdin"};
  if (t.value) return Source(FromValue{*t.value});
  if (t.file) return Source(FromFile{*t.file});
  if (t.from_stdin) return Source(FromStdin{t.end_with_input});
  return Source(FromCommand{*t.command, t.every, t.jobs.value_or(4)});
}

/// Whether --url stands there: MLA_URL does not say that a running router is to be measured.
bool has_url(const std::vector<std::string>& arguments) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [](const auto& word) { return word == "--url" || word.starts_with("--url="); });
}

std::variant<Verb, UsageError> verb_of(const CLI::App& app, const std::string& name, const Typed& t, bool url_given) {
  if (name == "version") return Verb(VersionOptions{});
  if (name == "completion") return Verb(CompletionOptions{completion_script(app, t.shell)});
  if (name == "hostmon") return Verb(HostmonOptions{t.interval, t.name});
  if (name == "ls")
    return Verb(LsOptions{t.listed == "objects" ? Listed::objects
                          : t.listed == "tags"  ? Listed::tags
                                                : Listed::links,
                          t.all});
  if (name == "tree") return Verb(TreeOptions{});
  if (name == "top") return Verb(TopOptions{t.once});
  if (name == "bench") {
    auto bench = bench_of(*app.get_subcommand("bench"), t.bench, url_given);
    if (auto* error = std::get_if<UsageError>(&bench)) return *error;
    return Verb(std::get<BenchOptions>(std::move(bench)));
  }
  auto target = parse_target(t.object, t.tags);
  if (auto* error = std::get_if<UsageError>(&target)) return *error;
  if (name == "get") return Verb(GetOptions{std::get<ObjectDescriptor>(std::get<Target>(target))});
  if (name == "why") return Verb(WhyOptions{std::get<ObjectDescriptor>(std::get<Target>(target))});
  if (name == "observe")
    return Verb(ObserveOptions{std::get<Target>(target), t.once ? std::optional<std::uint64_t>(1) : t.count,
                               t.min_interval});
  auto source = source_of(t);
  if (auto* error = std::get_if<UsageError>(&source)) return *error;
  return Verb(ExposeOptions{std::get<Target>(target), std::get<Source>(source), t.raw, t.capacity, t.limit,
                            t.priority, t.confirm});
}

}  // namespace

std::variant<Options, EndWith> parse_arguments(std::vector<std::string> arguments) {
  Typed typed;
  const auto app = make_app(typed);
  if (arguments.empty()) return EndWith{ExitCode::usage, app->help()};
  if (auto mistaken = mistaken_verb(*app, arguments)) return *mistaken;
  const auto verb_name = [&] {
    const auto verbs = app->get_subcommands();
    return verbs.empty() ? std::string() : verbs.front()->get_name();
  };
  try {
    auto reversed = arguments;
    std::reverse(reversed.begin(), reversed.end());
    app->parse(reversed);
  } catch (const CLI::CallForHelp&) {
    return EndWith{ExitCode::ok, app->help()};
  } catch (const CLI::CallForVersion& version) {
    return EndWith{ExitCode::ok, std::string(version.what()) + "\n"};
  } catch (const CLI::ExtrasError&) {
    return usage(not_expected(*app), verb_name());
  } catch (const CLI::ParseError& error) {
    return usage(error.what(), verb_name());
  }
  auto verb = verb_of(*app, verb_name(), typed, has_url(arguments));
  if (auto* error = std::get_if<UsageError>(&verb)) return usage(error->message, verb_name());
  Options options;
  if (!typed.url.empty()) options.url = typed.url;
  options.token_file = typed.token_file;
  options.url_given = has_url(arguments);
  options.form = typed.jsonl ? OutputForm::jsonl : typed.json ? OutputForm::json : OutputForm::human;
  options.timeout = typed.timeout;
  options.verbose = typed.verbose;
  options.verb = std::get<Verb>(std::move(verb));
  return options;
}

}  // namespace mla::cli
