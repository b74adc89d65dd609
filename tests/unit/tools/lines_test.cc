#include "tools/mla/lines.h"

#include <catch2/catch.hpp>

#include "tools/mla/json_text.h"
#include "tools/mla/standing_talk.h"
#include "tools/mla/state_printer.h"

namespace lines_test {

using namespace mla;
using namespace mla::cli;

namespace {

const ObjectDescriptor kTemp({TagDescriptor("demo")}, "temp");

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

State state(std::string_view text, Format format = {"JSON"}, Version version = {3, 7}) {
  std::vector<std::byte> data(bytes(text).begin(), bytes(text).end());
  auto s = State::make(std::make_shared<Payload>(Payload{std::move(format), std::move(data)}),
                       Epoch{3, NodeId{9}}, version, 1);
  s.set_freshness(true, std::chrono::microseconds(0));
  return s;
}

ObserveEvent state_event(std::string_view text, Version version) {
  ObserveEvent e;
  e.object = std::make_shared<const ObjectDescriptor>(kTemp);
  e.state = state(text, {"JSON"}, version);
  return e;
}

std::string tail(const State& s) {
  const auto line = state_line(kTemp, s);
  return line.substr(line.find("\"skipped\":"));
}

}  // namespace

TEST_CASE("The lines of --jsonl are as documented") {
  CHECK(
      state_line(kTemp, state("{\"c\": 21}\n")) ==
      R"({"event":"state","object":{"tags":["demo"],"json":"temp"},"epoch":3,"version":[3,7],"format":["JSON"],)"
      R"("synchronized":true,"age_us":0,"skipped":0,"data":{"c":21}})");
  CHECK(standing_line(kTemp, {StandingKind::stale, "", std::chrono::seconds(1)}) ==
        R"({"event":"standing","object":{"tags":["demo"],"json":"temp"},"standing":"stale","reason":null})");
  CHECK(
      standing_line(kTemp, {StandingKind::declined, "no \"sensor\"", {}}) ==
      R"({"event":"standing","object":{"tags":["demo"],"json":"temp"},"standing":"declined","reason":"no \"sensor\""})");
  CHECK(ended_line(kTemp, EndReason::gone) ==
        R"({"event":"ended","object":{"tags":["demo"],"json":"temp"},"reason":"gone"})");
  CHECK(elected_line(kTemp, Epoch{3, NodeId{9}}) ==
        R"({"event":"elected","object":{"tags":["demo"],"json":"temp"},"epoch":3})");
  CHECK(confirmed_line(kTemp, Version{3, 7}, 1000) ==
        R"({"event":"confirmed","object":{"tags":["demo"],"json":"temp"},"version":[3,7],"observers":1000})");
  CHECK(withdrawn_line(kTemp, EndReason::unobserved) ==
        R"({"event":"withdrawn","object":{"tags":["demo"],"json":"temp"},"reason":"unobserved"})");
}

TEST_CASE("A stale state says its age and what was skipped") {
  auto s = state("1");
  s.set_freshness(false, std::chrono::milliseconds(1500));
  s.set_skipped(4, true);
  CHECK(state_line(kTemp, s).find(R"("synchronized":false,"age_us":1500000,"skipped":4)") !=
        std::string::npos);
}

TEST_CASE("Data is shown by its top label, and by what it is when that is wrong") {
  CHECK(tail(state("hello", {"TEXT"})) == R"("skipped":0,"text":"hello"})");
  CHECK(tail(state("a\nb", {"TEXT"})) == R"("skipped":0,"text":"a\nb"})");
  CHECK(tail(state("\x01\x02\xFF", {"CBOR"})) == R"("skipped":0,"base64":"AQL/"})");
  CHECK(tail(state("{\"c\":1}", {"JSON", "ZSTD"})) == R"("skipped":0,"base64":"eyJjIjoxfQ=="})");
  CHECK(tail(state("{\"c\":", {"JSON"})) == R"("skipped":0,"text":"{\"c\":"})");
  CHECK(tail(state("\xFF", {"TEXT"})) == R"("skipped":0,"base64":"/w=="})");
  CHECK(tail(state("x", {})) == R"("skipped":0,"base64":"eA=="})");
  CHECK(tail(state("1}\n{\"event\":\"forged\"", {"JSON"})) ==
        R"("skipped":0,"text":"1}\n{\"event\":\"forged\""})");
}

TEST_CASE("Base64 is RFC 4648's") {
  CHECK(base64(bytes("")).empty());
  CHECK(base64(bytes("f")) == "Zg==");
  CHECK(base64(bytes("fo")) == "Zm8=");
  CHECK(base64(bytes("foo")) == "Zm9v");
  CHECK(base64(bytes("foobar")) == "Zm9vYmFy");
}

TEST_CASE("JSON is made compact with its numbers as they were, or known to be none") {
  CHECK(compact_json(" { \"a\" : [ 1.50 , \"x y\" ] }\n") == R"({"a":[1.50,"x y"]})");
  CHECK(compact_json("\"\"") == "\"\"");
  for (const char* text : {"", " ", "{", "1 2", "{\"a\":1}x", "nul", "\"a\nb\""})
    CHECK_FALSE(compact_json(text).has_value());
}

TEST_CASE("States are shown to people on one line, with nothing that a terminal would obey") {
  CHECK(show_state(state("{\"c\": 21}\n")) == R"({"c":21})");
  CHECK(show_state(state("plain text", {"TEXT"})) == "plain text");
  CHECK(show_state(state("two\nlines", {"TEXT"})) == R"("two\nlines")");
  CHECK(show_state(state("\x1b[31m", {"TEXT"})) == R"("\u001b[31m")");
  CHECK(show_state(state("\"\xC2\x9B\"")) == R"("\u009b")");
  CHECK(show_state(state("x", {"CBOR"})) == "eA==");
}

TEST_CASE("Changes of a JSON value are told by leaf") {
  const auto before = leaves(R"({"a":1,"b":{"c":[1,2]},"d":{},"e":"x"})");
  CHECK(before ==
        std::vector<Leaf>{{".a", "1"}, {".b.c[0]", "1"}, {".b.c[1]", "2"}, {".d", "{}"}, {".e", "\"x\""}});
  const auto after = leaves(R"({"a":1,"b":{"c":[1,3]},"d":{},"f":null})");
  CHECK(changed_leaves(before, after) == std::vector<Leaf>{{".b.c[1]", "3"}, {".f", "null"}, {".e", ""}});
  CHECK(changed_leaves(after, after).empty());
  CHECK(leaves("7") == std::vector<Leaf>{{"", "7"}});
  CHECK(leaves("{").empty());
  CHECK(leaves("{\"\\u001b\":1}") == std::vector<Leaf>{{".\\u001b", "1"}});
  CHECK(leaves("[1,2,3]", 2).size() == 2u);
}

TEST_CASE("On a terminal the first state is shown whole, then what changed, cut to the width") {
  StatePrinter printer({.only_changes = true, .known_tags = kTemp.tags()});
  CHECK(printer.print(state_event(R"({"a":1,"b":2})", {1, 0}), 80).data == R"(temp {"a":1,"b":2})");
  CHECK(printer.print(state_event(R"({"a":1,"b":3})", {1, 1}), 80).data == "temp .b=3");
  CHECK(printer.print(state_event(R"({"a":1,"b":3})", {1, 2}), 80).data == "temp (no change)");
  CHECK(printer.print(state_event(R"({"a":4})", {1, 3}), 80).data == "temp .a=4 .b gone");
  CHECK(printer.print(state_event(R"({"a":5,"b":6,"c":7})", {1, 4}), 20).data == "temp .a=5 … 2 more");
}

TEST_CASE("A state whose freshness alone changed is no new line for people, but one of --jsonl") {
  StatePrinter people({.known_tags = kTemp.tags()});
  CHECK(people.print(state_event("1", {1, 0}), 80).data == "temp 1");
  const auto again = people.print(state_event("1", {1, 0}), 80);
  CHECK_FALSE(again.data.has_value());
  CHECK_FALSE(again.is_state);
  StatePrinter lines({.lines_of_json = true});
  CHECK(lines.print(state_event("1", {1, 0}), 80).is_state);
  CHECK(lines.print(state_event("1", {1, 0}), 80).is_state);
}

TEST_CASE("An object that ended and came back is shown whole again") {
  StatePrinter printer({.only_changes = true, .known_tags = kTemp.tags()});
  printer.print(state_event("{\"a\":1}", {1, 0}), 80);
  auto ended = state_event("", {});
  ended.kind = ObserveEventKind::ended;
  ended.reason = EndReason::gone;
  CHECK(printer.print(ended, 80).talk == "temp has ended: gone");
  CHECK(printer.print(state_event("{\"a\":1}", {1, 0}), 80).data == R"(temp {"a":1})");
}

TEST_CASE("People are told of standings that last and differ from what they were told") {
  using Sentences = std::vector<std::string>;
  StandingTalk talk;
  talk.note("o", "temp", {StandingKind::waiting, "", {}});
  talk.note("o", "temp", {StandingKind::synchronized, "", {}});
  CHECK(talk.unsettled());
  CHECK(talk.settled().empty());  // as expected
  CHECK_FALSE(talk.unsettled());
  talk.note("o", "temp", {StandingKind::stale, "", {}});
  CHECK(talk.settled() == Sentences{"temp is stale"});
  talk.note("o", "temp", {StandingKind::synchronized, "", {}});
  talk.note("o", "temp", {StandingKind::stale, "", {}});
  CHECK(talk.settled().empty());  // back where it was
  talk.note("o", "temp", {StandingKind::declined, "no sensor", {}});
  CHECK(talk.settled() == Sentences{"temp is declined: no sensor"});
  talk.note("o", "temp", {StandingKind::stale, "", {}});
  talk.forget("o");
  CHECK(talk.settled().empty());
}

}  // namespace lines_test
