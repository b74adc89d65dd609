#include "exchange/describe/answer.h"

#include <simdjson.h>

#include <catch2/catch.hpp>
#include <set>

#include "exchange/core/tree.h"

namespace answer_test {

using namespace mla;
using namespace mla::description;
using std::chrono::milliseconds;

namespace {

/// One exchange without links, with contracts. Time stands unless told.
struct Alone {
  Alone() : engine(config()) {}
  static engine::Config config() {
    engine::Config c;
    c.node = NodeId{0xA};
    c.name = "alone";
    return c;
  }
  engine::Actions step(const engine::Event& event) {
    engine::Actions actions;
    engine.step(now, event, actions);
    return actions;
  }
  ContractId open(ContractKind kind, const ObjectDescriptor& object, ContractOptions options = {}) {
    const ContractId id{++last};
    step(engine::OpenContract{id, kind, std::make_shared<const ObjectDescriptor>(object), {}, options});
    return id;
  }
  ExchangeInfo info() const {
    ExchangeInfo i;
    i.name = "alone";
    i.node = engine.node();
    i.path = {i.node};
    i.objects = engine.info().objects;
    return i;
  }
  simdjson::dom::element ask(const Question& question) {
    text = answer(question, info(), engine);
    CHECK(text.size() <= kAnswerBytes);
    return parser.parse(simdjson::padded_string(text)).value();
  }

  Instant now{std::chrono::hours(1)};
  std::uint64_t last = 0;
  engine::Engine engine;
  std::string text;
  simdjson::dom::parser parser;
};

ObjectDescriptor object(const std::string& name) {
  return ObjectDescriptor({TagDescriptor("demo")}, Json(name));
}

std::set<std::string> names_in(simdjson::dom::element answer) {
  std::set<std::string> out;
  for (const auto row : answer["objects"].get_array())
    CHECK(out.insert(std::string(row["object"]["json"].get_string().value())).second);
  return out;
}

bool says(simdjson::dom::element answer, std::string_view part) {
  for (const auto sentence : answer["would_change"].get_array())
    if (sentence.get_string().value().find(part) != std::string_view::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("describe: pages hold every object once, whatever comes and goes between them") {
  Alone x;
  for (int i = 0; i < 1200; ++i) x.open(ContractKind::object_observe, object("o" + std::to_string(i)));
  std::set<std::string> seen;
  std::optional<std::uint64_t> after;
  int pages = 0;
  do {
    const auto answer = x.ask(AskObjects{{after, 500}, {}, false});
    for (const auto& name : names_in(answer)) CHECK(seen.insert(name).second);
    ++pages;
    std::uint64_t next = 0;
    after = answer["next"].get(next) ? std::nullopt : std::optional(next);
    x.step(engine::DropContract{ContractId{1}});  // already told, or none any more
    if (pages == 1) x.open(ContractKind::object_observe, object("late"));
  } while (after);
  CHECK(pages == 3);
  CHECK(seen.size() == 1201);
  CHECK(seen.contains("late"));
}

TEST_CASE("describe: a page ends before 64 KiB and says where to go on") {
  Alone x;
  for (int i = 0; i < 40; ++i)
    x.open(ContractKind::object_observe, object(std::string(3900, 'x') + std::to_string(i)));
  const auto first = x.ask(AskObjects{});
  const std::size_t rows = first["objects"].get_array().value().size();
  const std::uint64_t next = first["next"].get_uint64().value();
  CHECK(rows > 5);
  CHECK(rows < 20);
  const auto rest = x.ask(AskObjects{{next, 500}, {}, false});
  CHECK(rest["objects"].get_array().value().size() > 5);
}

TEST_CASE("describe: objects that nobody observes and reserved ones are listed only with all") {
  Alone x;
  x.open(ContractKind::object_observe, object("seen"));
  x.open(ContractKind::object_expose, object("idle"));
  x.open(ContractKind::object_observe, ObjectDescriptor({}, *Json::parse(R"({"$mla":"x"})")));
  CHECK(names_in(x.ask(AskObjects{})) == std::set<std::string>{"seen"});
  CHECK(names_in(x.ask(AskObjects{{}, "demo", true})) == std::set<std::string>{"idle", "seen"});
  CHECK(x.ask(AskObjects{{}, {}, true})["objects"].get_array().value().size() == 3);
  CHECK(x.ask(AskObjects{{}, R"(["demo"],"idle"])", true})["objects"].get_array().value().size() == 1);
  CHECK(x.ask(AskObjects{})["total"].get_uint64().value() == 2);  // the reserved one is not counted
  const auto tags = x.ask(AskTags{});
  CHECK(tags["tags"].at(0)["tag"].get_string().value() == "demo");
  CHECK(tags["tags"].at(0)["objects"].get_uint64().value() == 2);
}

TEST_CASE("describe: why names the elected one, since when, and the candidates in their order") {
  Alone x;
  x.open(ContractKind::object_observe, object("temp"));
  x.open(ContractKind::object_expose, object("temp"), {.capacity = 4, .limit = {}, .priority = 2});
  x.now += milliseconds(1500);
  const auto why = x.ask(AskWhy{object("temp")});
  CHECK(why["known"].get_bool().value());
  CHECK(why["live"].get_bool().value());
  CHECK(why["standing"].get_string().value() == "waiting");
  CHECK(why["elected"]["where"].get_string().value() == "local");
  CHECK(why["elected"]["epoch"]["counter"].get_uint64().value() == 1);
  CHECK_FALSE(why["elected"]["has_sent"].get_bool().value());
  CHECK(why["elected"]["decided_by"].get_string().value() == "self");
  const auto candidate = why["candidates"].at(0);
  CHECK(candidate["elected"].get_bool().value());
  CHECK(candidate["priority"].get_int64().value() == 2);
  CHECK(candidate["capacity"].get_uint64().value() == 4);
  CHECK(candidate["assigned"].get_uint64().value() == 1);
  CHECK(candidate["load"].get_double().value() == 0.25);
  CHECK(why["observers"]["local"].get_uint64().value() == 1);
  CHECK(says(why, "priority above 2"));
  CHECK(says(why, "nobody is left"));
}

TEST_CASE("describe: why tells time by the engine's clock") {
  Alone x;
  x.open(ContractKind::object_observe, object("temp"));
  x.open(ContractKind::object_expose, object("temp"));
  x.now += milliseconds(1500);
  x.step(engine::DeadlineReached{});
  CHECK(x.ask(AskWhy{object("temp")})["elected"]["since_ms"].get_uint64().value() == 1500);
}

TEST_CASE("describe: why names those left out and the reason: declined, without capacity, at their limit") {
  Alone x;
  x.open(ContractKind::object_observe, object("temp"));
  const ContractId declining = x.open(ContractKind::object_expose, object("temp"));
  const auto* record = x.engine.tree().find(object("temp").canonical());
  REQUIRE(record);
  REQUIRE(record->here()->sink);
  CHECK(record->here()->sink->contract == declining);
  x.step(engine::Decline{record->here()->sink->sink, "no sensor", milliseconds(900)});
  x.open(ContractKind::object_expose, object("temp"), {.capacity = 0});
  const auto why = x.ask(AskWhy{object("temp")});
  CHECK(why["elected"].is_null());
  CHECK(why["standing"].get_string().value() == "declined");
  CHECK(why["candidates_total"].get_uint64().value() == 0);
  REQUIRE(why["left_out_total"].get_uint64().value() == 2);
  CHECK(why["left_out"].at(0)["why"].get_string().value() == "declined");
  CHECK(why["left_out"].at(0)["reason"].get_string().value() == "no sensor");
  CHECK(why["left_out"].at(0)["again_ms"].get_uint64().value() == 900);
  CHECK(why["left_out"].at(1)["why"].get_string().value() == "no_capacity");
  CHECK(says(why, "no sensor"));

  // A contract that may hold one object holds another one.
  const TagDescriptor demo("demo");
  const ContractId limited{++x.last};
  x.open(ContractKind::object_observe, object("other"));
  x.step(engine::OpenContract{limited, ContractKind::tag_expose, nullptr, demo, {.capacity = 1, .limit = 1}});
  const auto held = x.engine.tree().find(object("temp").canonical())->cur ? "temp" : "other";
  const auto waits = std::string(held) == "temp" ? "other" : "temp";
  const auto full = x.ask(AskWhy{object(waits)});
  bool found = false;
  for (const auto row : full["left_out"].get_array()) found |= row["why"].get_string().value() == "at_limit";
  CHECK(found);
}

TEST_CASE("describe: why of an object nobody knows says so") {
  Alone x;
  const auto why = x.ask(AskWhy{object("nope")});
  CHECK_FALSE(why["known"].get_bool().value());
  CHECK(why["standing"].is_null());
  CHECK(why["elected"].is_null());
  CHECK(says(why, "nobody here or below"));
}

TEST_CASE("describe: what an exchange says of itself is nobody's load (P8)") {
  Alone x;
  const ObjectDescriptor node({TagDescriptor(*Json::parse(R"({"$mla":"node"})"))}, *Json::parse(R"({"$mla":"node"})"));
  x.open(ContractKind::object_observe, node);
  x.open(ContractKind::object_expose, node);
  x.open(ContractKind::object_observe, object("temp"));
  x.open(ContractKind::object_expose, object("temp"));
  CHECK(x.ask(AskWhy{object("temp")})["candidates"].at(0)["assigned"].get_uint64().value() == 1);
  CHECK(x.engine.info().objects == 1);
}

}  // namespace answer_test
