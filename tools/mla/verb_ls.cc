#include <simdjson.h>

#include <algorithm>

#include "tools/mla/asker.h"
#include "tools/mla/json_fields.h"
#include "tools/mla/table.h"
#include "tools/mla/verbs.h"

namespace mla::cli {
namespace {

namespace dom = simdjson::dom;

/// {"name":[rows…]} on one line, or with --jsonl a row a line.
std::string as_json(OutputForm form, std::string_view name, const std::vector<std::string>& rows) {
  std::string out;
  if (form == OutputForm::jsonl) {
    for (const auto& row : rows) (out += row) += '\n';
    return out;
  }
  out = "{\"" + std::string(name) + "\":[";
  for (std::size_t i = 0; i < rows.size(); ++i) (out += i ? "," : "") += rows[i];
  return out + "]}\n";
}

std::string json_of(const dom::element& of, std::string_view name) {
  dom::element value;
  return of[name].get(value) || value.is_null() ? std::string() : simdjson::minify(value);
}

std::optional<ObjectDescriptor> object_of(const dom::element& row) {
  dom::element object, json;
  dom::array tags;
  if (row["object"].get(object) || object["tags"].get(tags) || object["json"].get(json)) return std::nullopt;
  std::vector<std::string> texts;
  for (const dom::element tag : tags) texts.push_back(simdjson::minify(tag));
  auto parsed = ObjectDescriptor::parse(texts, simdjson::minify(json));
  if (!parsed) return std::nullopt;
  return *std::move(parsed);
}

std::string elected_of(const dom::element& row, const std::string& here) {
  dom::element elected;
  if (row["elected"].get(elected) || elected.is_null()) return "-";
  if (text(elected, "where") == "local") return here;
  const std::string name = text(elected, "name");
  return name.empty() ? text(elected, "peer") : printable(name);
}

std::string objects_table(const std::vector<std::string>& rows, const std::string& root) {
  Table table({{"OBJECT"}, {"STANDING"}, {"ELECTED"}, {"VERSION"}});
  std::vector<std::vector<std::string>> lines;
  for (const auto& row : rows) {
    dom::parser parser;
    dom::element e;
    if (parser.parse(simdjson::padded_string(row)).get(e)) continue;
    const auto object = object_of(e);
    if (!object) continue;
    const std::string standing = text(e, "standing"), version = json_of(e, "version");
    bool sent = false;
    if (e["elected"]["has_sent"].get(sent)) sent = false;
    lines.push_back({show_object(*object), show_standing(printable(standing), sent), elected_of(e, root),
                     version.empty() ? "-" : version});
  }
  std::sort(lines.begin(), lines.end());
  for (auto& line : lines) table.row(std::move(line));
  return table.text();
}

std::string tags_table(const std::vector<std::string>& rows) {
  using enum Table::Align;
  Table table({{"TAG"}, {"OBJECTS", right}, {"OBSERVING", right}, {"EXPOSING", right}});
  std::vector<std::vector<std::string>> lines;
  for (const auto& row : rows) {
    dom::parser parser;
    dom::element e;
    if (parser.parse(simdjson::padded_string(row)).get(e)) continue;
    const auto tag = Json::parse(json_of(e, "tag"));
    if (tag) lines.push_back({show_value(*tag), json_of(e, "objects"), json_of(e, "observing"), json_of(e, "exposing")});
  }
  std::sort(lines.begin(), lines.end());
  for (auto& line : lines) table.row(std::move(line));
  return table.text();
}

ExitCode list_links(Asker& asker, const LsOptions& ls, OutputForm form) {
  using enum Table::Align;
  const auto wanted = asker.describing();
  const auto nodes = asker.nodes(wanted, false);
  const NodeId self = asker.self();
  Table table({{"EXCHANGE"}, {"ROLE"}, {"PEER"}, {"ADDRESS"}, {"ROUND TRIP", right}, {"QUEUED", right}, {"PENDING", right}});
  std::vector<std::string> rows;
  for (const auto& [id, node] : nodes)
    for (const LinkView& link : node.links) {
      // Each link has two ends; the parent tells of it, unless it does not describe itself.
      const bool told_by_parent = link.to_parent && link.peer && nodes.contains(*link.peer);
      if (!ls.all && (!link.ready || told_by_parent || link.peer == self)) continue;
      table.row({show_node(node.name, id), link.to_parent ? "child of" : "parent of",
                 link.peer ? show_node(link.peer_name, *link.peer) : "-", printable(link.address),
                 link.round_trip_us ? show_microseconds(*link.round_trip_us) : "-",
                 show_bytes(static_cast<double>(link.queued_bytes)), std::to_string(link.pending_objects)});
      rows.push_back("{\"node\":\"" + to_string(id) + "\"," + link.json.substr(1));
    }
  asker.print(form == OutputForm::human ? table.text() : as_json(form, "links", rows));
  if (nodes.size() == wanted.size()) return ExitCode::ok;
  throw Failed(ExitCode::timed_out, "not all exchanges answered in time: " + std::to_string(nodes.size()) + " of " +
                                        std::to_string(wanted.size()));
}

}  // namespace

int run_ls(const Options& options, const LsOptions& ls) {
  return run_asking(options, "mla ls", [&](Asker& asker) {
    if (ls.what == Listed::links) return list_links(asker, ls, options.form);
    const bool objects = ls.what == Listed::objects;
    const std::string name = objects ? "objects" : "tags";
    const NodeId root = asker.root();
    const auto rows = objects ? asker.rows(root, description::AskObjects{{}, {}, ls.all}, name)
                              : asker.rows(root, description::AskTags{{}, {}, ls.all}, name);
    if (options.form != OutputForm::human)
      asker.print(as_json(options.form, name, rows));
    else
      asker.print(objects ? objects_table(rows, "at the root") : tags_table(rows));
    return ExitCode::ok;
  });
}

}  // namespace mla::cli
