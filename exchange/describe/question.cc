#include "exchange/describe/question.h"

#include <simdjson.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "contracts/json_writer.h"

namespace mla::description {
namespace {

namespace dom = simdjson::dom;

struct Members {
  std::string_view kind;
  Page page;
  std::string match;
  bool all = false;
  std::optional<ObjectDescriptor> object;
};

std::optional<std::string> read_object(const dom::element& value, Members& m) {
  dom::object object;
  dom::array tags;
  dom::element json;
  if (value.get(object) || object.size() != 2 || object["tags"].get(tags) || object["json"].get(json))
    return "object wants {\"tags\":[…],\"json\":…}";
  std::vector<std::string> texts;
  for (const dom::element tag : tags) texts.push_back(simdjson::minify(tag));
  auto descriptor = ObjectDescriptor::parse(texts, simdjson::minify(json));
  if (!descriptor) return "object: " + std::string(describe(descriptor.error()));
  m.object = *std::move(descriptor);
  return {};
}

/// Why this member cannot be used.
std::optional<std::string> read_member(std::string_view key, const dom::element& value, Members& m) {
  if (key == "$mla") {
    if (value.get(m.kind)) return "$mla wants a text";
  } else if (key == "after") {
    std::uint64_t after = 0;
    if (value.is_null()) return {};
    if (value.get(after)) return "after wants the number that an answer gave as next";
    m.page.after = after;
  } else if (key == "limit") {
    std::uint64_t limit = 0;
    if (value.get(limit) || limit == 0 || limit > kPage) return "limit wants a number from 1 to 500";
    m.page.limit = static_cast<std::uint32_t>(limit);
  } else if (key == "match") {
    std::string_view match;
    if (value.get(match)) return "match wants a text";
    m.match = match;
  } else if (key == "all") {
    if (value.get(m.all)) return "all wants true or false";
  } else if (key == "object") {
    return read_object(value, m);
  } else {
    return "unknown member \"" + std::string(key) + "\"";
  }
  return {};
}

}  // namespace

std::variant<Question, BadQuestion> parse_question(const Json& json) {
  dom::parser parser;
  dom::object members;
  const simdjson::padded_string text(json.text());  // canonical: no key comes twice
  dom::element element;
  if (parser.parse(text).get(element) || element.get(members)) return BadQuestion{"a question is a JSON object"};
  Members m;
  for (const auto& member : members)
    if (auto why = read_member(member.key, member.value, m)) return BadQuestion{*std::move(why)};
  if (m.kind != "why" && m.object) return BadQuestion{"object goes with why"};
  if (m.kind == "objects") return Question(AskObjects{m.page, m.match, m.all});
  if (m.kind == "tags") return Question(AskTags{m.page, m.match, m.all});
  if (m.kind == "links") return Question(AskLinks{m.page});
  if (m.kind != "why") return BadQuestion{"unknown question; there are objects, tags, links and why"};
  if (!m.object) return BadQuestion{"why wants an object"};
  return Question(AskWhy{*std::move(m.object)});
}

Json to_json(const Question& question) {
  JsonWriter w;
  const auto page = [&w](const Page& p) {
    if (p.after) w.member("after", *p.after);
    if (p.limit != kPage) w.member("limit", p.limit);
  };
  const auto list = [&](const auto& q) {
    page(q.page);
    if (!q.match.empty()) w.member("match", q.match);
    if (q.all) w.member("all", true);
  };
  w.begin_object();
  if (const auto* objects = std::get_if<AskObjects>(&question)) {
    w.member("$mla", "objects");
    list(*objects);
  } else if (const auto* tags = std::get_if<AskTags>(&question)) {
    w.member("$mla", "tags");
    list(*tags);
  } else if (const auto* links = std::get_if<AskLinks>(&question)) {
    w.member("$mla", "links");
    page(links->page);
  } else {
    w.member("$mla", "why").key("object").raw(std::get<AskWhy>(question).object.to_json());
  }
  w.end_object();
  auto parsed = Json::parse(w.text());
  if (parsed) return *std::move(parsed);
  return Json(std::string_view("\xff"));  // not valid
}

}  // namespace mla::description
