#include "tools/mla/arguments.h"

#include <catch2/catch.hpp>

namespace arguments_test {

using namespace std::chrono_literals;
using namespace mla::cli;

namespace {

Options good(std::vector<std::string> words) {
  auto parsed = parse_arguments(std::move(words));
  if (const auto* end = std::get_if<EndWith>(&parsed)) FAIL(end->text);
  return std::get<Options>(parsed);
}

std::string bad(std::vector<std::string> words) {
  const auto parsed = parse_arguments(std::move(words));
  if (!std::holds_alternative<EndWith>(parsed)) return "accepted";
  const auto& end = std::get<EndWith>(parsed);
  CHECK(end.code == ExitCode::usage);
  return end.text.substr(0, end.text.find('\n'));
}

}  // namespace

TEST_CASE("observe takes an object, its tags and how long to go on") {
  const auto o = good({"--url", "ws://h:1", "observe", "--tag", "a", "temp", "--tag", "b", "--count", "3",
                       "--min-interval", "250ms", "--jsonl"});
  CHECK(o.url == "ws://h:1");
  CHECK(o.form == OutputForm::jsonl);
  const auto& observe = std::get<ObserveOptions>(o.verb);
  CHECK(std::get<mla::ObjectDescriptor>(observe.target).canonical() == R"([["a","b"],"temp"])");
  CHECK(observe.count == 3u);
  CHECK(observe.min_interval == 250ms);
  CHECK(std::get<ObserveOptions>(good({"observe", "x", "--once"}).verb).count == 1u);
  CHECK(std::holds_alternative<mla::TagDescriptor>(
      std::get<ObserveOptions>(good({"observe", "--tag", "x"}).verb).target));
}

TEST_CASE("A file with a token is named before the verb, behind it, or by the environment") {
  CHECK(good({"--token-file", "observe", "get", "x"}).token_file == "observe");
  CHECK(good({"get", "x", "--token-file=t"}).token_file == "t");
  CHECK(good({"get", "x"}).token_file.empty());
  CHECK(bad({"get", "x", "--token-file", ""}) == "mla: --token-file: is empty");
  CHECK(bad({"--url", "", "get", "x"}) == "mla: --url: is empty");
  CHECK(bad({"get", "x", "--token-fiel", "t"}) ==
        "mla: unknown option --token-fiel; did you mean \"--token-file\"?");
}

TEST_CASE("JSON on the command line is taken as it is") {
  const auto o = good({"get", R"(["a","b"])", "--tag", R"(["c"])"});
  CHECK(std::get<GetOptions>(o.verb).object.canonical() == R"([[["c"]],["a","b"]])");
  CHECK(std::get<GetOptions>(good({"get", "--", "-5"}).verb).object.json().text() == "-5");
}

TEST_CASE("expose takes exactly one source") {
  const auto value = std::get<ExposeOptions>(
      good({"expose", "x", "--value", "-5", "--priority", "-2", "--capacity", "0", "--limit", "9"}).verb);
  CHECK(std::get<FromValue>(value.source).text == "-5");
  CHECK(value.priority == -2);
  CHECK(value.capacity == 0u);
  CHECK(value.limit == 9u);
  CHECK_FALSE(value.confirm);
  CHECK(std::get<ExposeOptions>(good({"expose", "x", "--value", "1", "--confirm"}).verb).confirm);
  const auto command =
      std::get<ExposeOptions>(good({"expose", "--tag", "x", "--command", "date", "--every", "10s"}).verb);
  CHECK(std::get<FromCommand>(command.source).every == 10s);
  CHECK(std::get<FromCommand>(command.source).jobs == 4u);
  CHECK(std::holds_alternative<FromStdin>(
      std::get<ExposeOptions>(good({"expose", "x", "--stdin"}).verb).source));
  CHECK(bad({"expose", "x"}).starts_with("mla: Exactly 1 option"));
  CHECK(bad({"expose", "x", "--value", "1", "--stdin"}).starts_with("mla: Exactly 1 option"));
  CHECK(bad({"expose", "x", "--value", "1", "--every", "1s"}) == "mla: --every and --jobs go with --command");
  CHECK(bad({"expose", "x", "--value", "1", "--capacity", "1000001"}).find("--capacity") !=
        std::string::npos);
}

TEST_CASE("Mistakes are answered with what was probably meant") {
  CHECK(bad({"obsreve", "x"}) == "mla: unknown verb \"obsreve\"; did you mean \"observe\"?");
  CHECK(bad({"observe", "x", "--cuont", "3"}) == "mla: unknown option --cuont; did you mean \"--count\"?");
  CHECK(bad({"expose", "x", "--vaule=3"}) ==
        "mla: Exactly 1 option from [--value,--file,--stdin,--command] is required");
  CHECK(bad({"observe", "x", "--qqqqqq"}) == "mla: unknown option --qqqqqq");
  CHECK(bad({"observe", "x", "y"}) == "mla: \"y\" is one argument too many");
  CHECK(bad({"observe"}).starts_with("mla: without OBJECT"));
  CHECK(bad({"get"}) == "mla: OBJECT is required");
  CHECK(bad({"observe", "x", "--timeout", "5"}) ==
        "mla: --timeout: \"5\" is no duration, such as 250ms, 10s or 5m");
  CHECK(bad({"observe", "x", "--count", "0"}) == "mla: --count: \"0\" is no whole number from 1 on");
  CHECK(bad({"observe", "x", "--count", "1.5"}) == "mla: --count: \"1.5\" is no whole number from 1 on");
  CHECK(bad({"observe", "x", "--json", "--jsonl"}).find("excludes") != std::string::npos);
  CHECK(bad({"completion", "tcsh"}).find("tcsh") != std::string::npos);
  CHECK(bad({}) == "Observe and expose live objects");
}

TEST_CASE("bench takes a kind, which has its own options and defaults") {
  const auto of = [](std::vector<std::string> words) { return std::get<BenchOptions>(good(std::move(words)).verb); };
  const auto fanout = of({"bench", "fanout", "--observers", "7", "--bytes", "64KiB", "--seconds", "0.3"});
  CHECK(fanout.kind == BenchKind::fanout);
  CHECK(fanout.observers == 7u);
  CHECK(fanout.bytes == 65536u);
  CHECK(fanout.seconds == 0.3);
  CHECK_FALSE(fanout.rate.has_value());
  CHECK(of({"bench", "latency"}).rate == 1000.0);
  CHECK(of({"bench", "slow", "--seconds", "3"}).stall == 1.5);
  CHECK_FALSE(of({"bench", "slow"}).differences);
  CHECK_FALSE(of({"bench", "objects", "--whole"}).differences);
  CHECK(good({"bench", "latency", "--json"}).form == OutputForm::json);
}

TEST_CASE("Only --url says that a running router is to be measured") {
  CHECK(good({"bench", "fanout", "--url", "ws://h:1", "--router-pid", "9"}).url_given);
  CHECK_FALSE(good({"bench", "fanout"}).url_given);
  CHECK(bad({"bench", "fanout", "--router-pid", "9"}).starts_with("mla: --router-pid goes with --url"));
  CHECK(bad({"--url", "ws://h:1", "bench", "fanout", "--router", "x"}) == "mla: --router and --url exclude each other");
}

TEST_CASE("Mistakes in bench are answered with what was probably meant") {
  CHECK(bad({"bench", "fanuot"}) == "mla: unknown verb \"fanuot\"; did you mean \"fanout\"?");
  CHECK(bad({"bench"}) == "mla: bench wants to know what: fanout, objects, latency, connections, slow, hop, local");
  CHECK(bad({"bench", "fanout", "--observrs", "3"}) == "mla: unknown option --observrs; did you mean \"--observers\"?");
  CHECK(bad({"bench", "connections", "--observers", "3"}) == "mla: unknown option --observers");
  CHECK(bad({"bench", "latency", "--rate", "0"}) == "mla: --rate: \"0\" is no number above 0, at most 10000000");
  CHECK(bad({"bench", "latency", "--seconds", "nan"}) == "mla: --seconds: \"nan\" is no number from 0.05 to 3600");
  CHECK(bad({"bench", "fanout", "--bytes", "8"}) ==
        "mla: --bytes: \"8\" is no size from 16 to 64MiB, such as 4096 or 64KiB");
  CHECK(bad({"bench", "slow", "--observers", "1"}) == "mla: --observers: \"1\" is no whole number from 2 to 100000");
  CHECK(bad({"bench", "slow", "--stall", "9"}) == "mla: --stall must be less than --seconds: it reads again within them");
  CHECK(bad({"bench", "objects", "--objects", "3"}) == "mla: --share is more than --objects");
}

TEST_CASE("Completion scripts know every verb, and which flags take a value") {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const auto script = std::get<CompletionOptions>(good({"completion", shell}).verb).script;
    for (const char* word : {"observe", "expose", "get", "hostmon", "completion", "version", "min-interval",
                             "capacity", "jsonl", "bench", "fanout", "observers", "json-field"})
      CHECK(script.find(word) != std::string::npos);
  }
  const auto fish = std::get<CompletionOptions>(good({"completion", "fish"}).verb).script;
  CHECK(fish.find("-l jsonl -d") != std::string::npos);
  CHECK(fish.find("-l url -x -d") != std::string::npos);
}

}  // namespace arguments_test
