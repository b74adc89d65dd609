#include <simdjson.h>

#include "exchange/describe/names.h"
#include "tools/mla/asker.h"
#include "tools/mla/json_fields.h"
#include "tools/mla/table.h"
#include "tools/mla/verbs.h"

namespace mla::cli {
namespace {

namespace dom = simdjson::dom;
constexpr int kMostLevels = 64;

std::string plain(const dom::element& of, std::string_view name) {
  dom::element value;
  return of[name].get(value) ? "-" : simdjson::minify(value);
}
std::string load(const dom::element& of) {
  double value = 0;
  return of["load"].get(value) ? "-" : show_rate(value);
}
bool is_object(const dom::element& of, std::string_view name) {
  dom::object value;
  return !of[name].get(value);
}

/// What a target is called: a link's peer, or the exchange itself.
std::string who(const dom::element& target, const std::string& here) {
  if (text(target, "where") == "local") return here + " itself";
  const std::string name = text(target, "name");
  return printable(name.empty() ? text(target, "peer") : name);
}

std::string duration(std::uint64_t ms) {
  return show_microseconds(ms * 1000);
}

std::string headline(const dom::element& e, const std::string& here) {
  std::string out = here + (truth(e, "root") ? " (the root)" : "") + ": ";
  if (!truth(e, "known")) return out + "nobody here or below observes or exposes it\n";
  if (!is_object(e, "elected"))
    return out + (truth(e, "live") ? "observed, but nobody is elected\n" : "not observed, so nobody is elected\n");
  dom::element elected = e["elected"];
  dom::element epoch = elected["epoch"];
  out += "elected " + who(elected, here) + ", epoch " + plain(epoch, "counter") + ", for " +
         duration(number(elected, "since_ms"));
  if (text(elected, "decided_by") == "parent") out += ", by the parent";
  out += truth(elected, "has_sent") ? "\n" : ", has not sent yet\n";
  if (is_object(e, "draining")) {
    dom::element draining = e["draining"];
    out += "  going on until it sends: " + who(draining, here) + "\n";
  }
  return out;
}

std::string candidates(const dom::element& e, const std::string& here) {
  using enum Table::Align;
  dom::array all;
  if (e["candidates"].get(all) || all.size() == 0) return {};
  Table table({{"  CANDIDATE"}, {"PRIORITY", right}, {"CAPACITY", right}, {"ASSIGNED", right}, {"LOAD", right}, {""}});
  for (const dom::element c : all) {
    std::uint64_t avoided = 0;
    std::string remark = truth(c, "elected") ? "elected" : truth(c, "draining") ? "draining" : "";
    if (!c["avoided_ms"].get(avoided)) remark += (remark.empty() ? "" : ", ") + std::string("too slow, left out for ") + duration(avoided);
    table.row({"  " + who(c, here), plain(c, "priority"), plain(c, "capacity"), plain(c, "assigned"), load(c), remark});
  }
  std::string out = table.text();
  if (number(e, "candidates_total") > all.size())
    out += "  and " + std::to_string(number(e, "candidates_total") - all.size()) + " more\n";
  return out;
}

std::string left_out(const dom::element& e, const std::string& here) {
  dom::array all;
  std::string out;
  if (e["left_out"].get(all)) return out;
  for (const dom::element x : all) {
    const std::string reason = text(x, "reason");
    out += "  left out: " + who(x, here) + ", " + printable(text(x, "why")) + (reason.empty() ? "" : ": " + printable(reason));
    std::uint64_t again = 0;
    if (!x["again_ms"].get(again)) out += ", asked again in " + duration(again);
    out += '\n';
  }
  return out;
}

std::string view(const dom::element& e) {
  const std::string name = text(e, "name");
  const std::string here = printable(name.empty() ? text(e, "node") : name);
  std::string out = headline(e, here) + candidates(e, here) + left_out(e, here);
  dom::array changes;
  if (e["would_change"].get(changes) || changes.size() == 0) return out;
  out += "  what would change it:\n";
  for (const dom::element change : changes) {
    std::string_view sentence;
    if (!change.get(sentence)) out += "  - " + printable(sentence) + "\n";
  }
  return out;
}

/// Where the elected one is: a link's peer.
std::optional<NodeId> further(const dom::element& e) {
  dom::element elected;
  if (e["elected"].get(elected) || text(elected, "where") != "link") return std::nullopt;
  return description::parse_node_id(text(elected, "peer"));
}

}  // namespace

int run_why(const Options& options, const WhyOptions& why) {
  return run_asking(options, "mla why", [&](Asker& asker) {
    const auto describing = asker.describing();
    std::string people, views, standing, object = show_object(why.object);
    bool known = false;
    std::optional<NodeId> at = asker.root();
    // Down to where the elected exposer is, each exchange telling its own part.
    for (int level = 0; at && level < kMostLevels; ++level) {
      const std::string answer = asker.ask(*at, description::AskWhy{why.object});
      dom::parser parser;
      dom::element e;
      if (parser.parse(simdjson::padded_string(answer)).get(e))
        throw Failed(ExitCode::failed, to_string(*at) + " gave an answer that is not understood");
      if (level == 0) {
        known = truth(e, "known");
        bool sent = false;
        if (e["elected"]["has_sent"].get(sent)) sent = false;
        standing = show_standing(printable(text(e, "standing")), sent);
      }
      people += view(e);
      views += (level ? "," : "") + answer;
      at = further(e);
      if (at && !describing.contains(*at)) at.reset();
    }
    if (!known) throw Failed(ExitCode::absent, object + ": nobody observes or exposes it");
    if (options.form == OutputForm::human)
      asker.print(object + ": " + standing + "\n" + people);
    else
      asker.print("{\"object\":" + why.object.to_json() + ",\"views\":[" + views + "]}\n");
    return ExitCode::ok;
  });
}

}  // namespace mla::cli
