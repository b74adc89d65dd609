#include "exchange/describe/answer.h"

#include <mla/permission.h>

#include <algorithm>
#include <utility>

#include "exchange/core/tree.h"

namespace mla::description {
namespace {

constexpr std::size_t kRowsBytes = 56 * 1024;  // leaves room for the rest of an answer
constexpr std::size_t kLookedAt = 5000;        // bounds the time one answer takes

void begin(JsonWriter& w, std::string_view kind, const ExchangeInfo& info) {
  w.begin_object().member("node", to_string(info.node)).member("name", info.name);
  w.member("root", info.path.size() <= 1).member("kind", kind);
}

/// Gathers the rows of one page. *value*
class Rows {
 public:
  Rows(JsonWriter& w, std::string_view name, const Page& page) : w_(w), limit_(page.limit) {
    w_.key(name).begin_array();
  }
  /// False: the page is full, this record is left to the next one.
  bool look_at(std::uint64_t number, const std::optional<std::string>& row) {
    if (rows_ == limit_ || looked_ == kLookedAt || (row && bytes_ + row->size() > kRowsBytes)) return false;
    ++looked_;
    last_ = number;
    if (!row) return true;
    ++rows_;
    bytes_ += row->size() + 1;
    w_.raw(*row);
    return true;
  }
  void end(bool complete, std::size_t total) {
    w_.end_array().key("next");
    if (complete)
      w_.null();
    else
      w_.value(last_);
    w_.member("total", total).end_object();
  }

 private:
  JsonWriter& w_;
  const std::uint32_t limit_;
  std::uint32_t rows_ = 0;
  std::size_t looked_ = 0, bytes_ = 0;
  std::uint64_t last_ = 0;
};

/// Whoever is not observed has none.
void write_standing(JsonWriter& w, const std::optional<Standing>& standing) {
  w.key("standing");
  if (!standing) {
    w.null();
    return;
  }
  w.value(to_string(standing->kind));
  if (!standing->reason.empty()) w.member("reason", standing->reason);
}

std::string row_of(const core::ObjectLine& line, const ExchangeInfo& info) {
  JsonWriter w;
  w.begin_object().key("object").raw(line.object->to_json());
  w.member("live", line.live).member("observed", line.observed).member("exposed", line.exposed);
  write_standing(w, line.live ? std::optional(line.standing) : std::nullopt);
  w.key("elected");
  if (line.current) {
    w.begin_object();
    write_target(w, line.current->target, info);
    w.key("epoch");
    write_epoch(w, line.current->epoch);
    w.member("has_sent", line.current->sent).end_object();
  } else {
    w.null();
  }
  w.key("version");
  if (line.state)
    write_version(w, line.state->version);
  else
    w.null();
  w.end_object();
  return w.take();
}

std::string row_of(const core::TagLine& line) {
  JsonWriter w;
  w.begin_object().key("tag").raw(line.canonical).member("objects", line.objects);
  w.member("observing", line.observing).member("exposing", line.exposing).key("exposure");
  if (line.exposure)
    w.begin_object()
        .member("priority", line.exposure->priority)
        .member("capacity", line.exposure->capacity)
        .end_object();
  else
    w.null();
  w.end_object();
  return w.take();
}

bool reserved(const ObjectDescriptor& object) {
  return check(Principal{}, Operation::observe, object) != Permission::granted;
}

std::string objects(const AskObjects& q, const ExchangeInfo& info, const core::Tree& tree) {
  JsonWriter w;
  begin(w, "objects", info);
  Rows rows(w, "objects", q.page);
  std::optional<core::Handle> after;
  if (q.page.after) after = core::Handle{*q.page.after};
  const bool complete = tree.visit_objects(after, [&](const core::ObjectLine& line) {
    const bool wanted = (q.all || (line.live && !reserved(*line.object))) &&
                        (q.match.empty() || line.object->canonical().find(q.match) != std::string::npos);
    return rows.look_at(line.handle.value, wanted ? std::optional(row_of(line, info)) : std::nullopt);
  });
  rows.end(complete, info.objects);
  return w.take();
}

std::string tags(const AskTags& q, const ExchangeInfo& info, const core::Tree& tree) {
  JsonWriter w;
  begin(w, "tags", info);
  Rows rows(w, "tags", q.page);
  std::optional<core::TagIndex> after;
  if (q.page.after)  // a number above all says: none
    after = core::TagIndex{static_cast<std::uint32_t>(std::min<std::uint64_t>(*q.page.after, UINT32_MAX))};
  const bool complete = tree.visit_tags(after, [&](const core::TagLine& line) {
    const bool wanted =
        (q.all || !line.reserved) && (q.match.empty() || line.canonical.find(q.match) != std::string::npos);
    return rows.look_at(line.index.value, wanted ? std::optional(row_of(line)) : std::nullopt);
  });
  rows.end(complete, info.tags);
  return w.take();
}

std::string links(const AskLinks& q, const ExchangeInfo& info) {
  JsonWriter w;
  begin(w, "links", info);
  Rows rows(w, "links", q.page);
  bool complete = true;
  for (const LinkInfo& link : info.links) {  // in the order of their numbers
    if (q.page.after && link.link <= *q.page.after) continue;
    complete = rows.look_at(link.link, link_json(link));
    if (!complete) break;
  }
  rows.end(complete, info.links.size());
  return w.take();
}

}  // namespace

void write_target(JsonWriter& w, const core::Target& target, const ExchangeInfo& info) {
  if (!target.is_link()) {
    w.member("where", target.is_local() ? "local" : "nowhere");
    return;
  }
  w.member("where", "link").member("link", target.link_id().value);
  const auto it = std::lower_bound(info.links.begin(), info.links.end(), target.link_id().value,
                                   [](const LinkInfo& l, std::uint32_t id) { return l.link < id; });
  if (it != info.links.end() && it->link == target.link_id().value)
    w.member("peer", to_string(it->peer)).member("name", it->peer_name.substr(0, kNameBytes));
}

void write_version(JsonWriter& w, const Version& version) {
  w.begin_array();
  for (const auto item : version.items()) w.value(item);
  w.end_array();
}

void write_epoch(JsonWriter& w, const Epoch& epoch) {
  w.begin_object().member("counter", epoch.counter).member("minter", to_string(epoch.minter)).end_object();
}

std::string answer(const Question& question, const ExchangeInfo& info, const engine::Engine& engine) {
  if (const auto* o = std::get_if<AskObjects>(&question)) return objects(*o, info, engine.tree());
  if (const auto* t = std::get_if<AskTags>(&question)) return tags(*t, info, engine.tree());
  if (const auto* l = std::get_if<AskLinks>(&question)) return links(*l, info);
  const ObjectDescriptor& object = std::get<AskWhy>(question).object;
  return why_json(object, engine.explain(object), info);
}

}  // namespace mla::description
