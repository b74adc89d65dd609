#include "tools/mla/asker.h"

#include <algorithm>
#include <thread>

#include "contracts/quantity.h"
#include "exchange/describe/names.h"
#include "tools/mla/table.h"

namespace mla::cli {
namespace {

using Clock = Loop::Clock;
constexpr std::chrono::seconds kUsualLimit{5};
constexpr std::chrono::seconds kForgiven{1};  // so long nobody may expose an answer: word of it may be under way

}  // namespace

NodeId Asker::root() {
  // With --timeout the session itself says that there is no link.
  const auto patience = session_.options().timeout ? limit_ + kForgiven : limit_;
  if (!session_.connector().wait_linked_for(patience))
    throw Failed(ExitCode::cannot_connect, session_.why_not_linked());
  const auto path = session_.exchange().info().path;
  if (path.size() < 2) throw Failed(ExitCode::cannot_connect, "lost the link to " + session_.options().url);
  return path.front();
}

NodeId Asker::self() {
  return session_.exchange().info().node;
}

std::string Asker::ask(NodeId node, const description::Question& question) {
  ObjectDescriptor query({description::query_tag(node)}, description::to_json(question));
  if (query.check() != ErrorCode::ok) throw Failed(ExitCode::usage, "the object's name is too long to ask about");
  auto contract = session_.exchange().object_observe_contract(std::move(query)).build();
  const auto asked = Clock::now();
  const auto deadline = asked + limit_;
  std::optional<Standing> standing;
  while (true) {
    const auto now = Clock::now();
    const bool unexposed = standing && standing->kind == StandingKind::unexposed;
    if (unexposed && now >= std::min(asked + kForgiven, deadline))
      throw Failed(ExitCode::absent, to_string(node) + " does not describe itself");
    if (now >= deadline)
      throw Failed(ExitCode::timed_out, to_string(node) + " did not answer in " + format_duration(limit_));
    auto event = contract.next_event_for(std::min<std::chrono::nanoseconds>(deadline - now, kForgiven));
    if (event.ended()) throw Failed(ExitCode::failed, "closed");
    if (!event) continue;
    if (event->kind == ObserveEventKind::state && event->state.synchronized())
      return std::string(event->state.text());
    if (event->kind != ObserveEventKind::standing) continue;
    standing = event->standing;
    if (standing->kind == StandingKind::declined)
      throw Failed(ExitCode::failed, to_string(node) + " does not answer: " + printable(standing->reason));
  }
}

std::vector<std::string> Asker::rows(NodeId node, description::Question question, std::string_view name) {
  std::vector<std::string> all;
  while (true) {
    auto list = parse_list(ask(node, question), name);
    if (!list) throw Failed(ExitCode::failed, to_string(node) + " gave an answer that is not understood");
    std::move(list->rows.begin(), list->rows.end(), std::back_inserter(all));
    if (!list->next) return all;
    std::visit(
        [&](auto& q) {
          if constexpr (requires { q.page; }) q.page.after = list->next;
        },
        question);
  }
}

std::set<NodeId> Asker::describing() {
  constexpr std::string_view kStart = R"({"$mla":"node","id":")";
  const auto found = rows(root(), description::AskObjects{{}, std::string(kStart), true}, "objects");
  std::set<NodeId> ids;
  for (const auto& row : found) {
    // A query about a node has the same text in it; only `"json":` right before it makes it the object's own.
    const auto at = row.find("\"json\":" + std::string(kStart));
    if (at == row.npos) continue;
    if (const auto id = description::parse_node_id(row.substr(at + 7 + kStart.size(), 16))) ids.insert(*id);
  }
  return ids;
}

std::map<NodeId, NodeView> Asker::nodes(const std::set<NodeId>& wanted, bool with_rates) {
  auto contract = session_.exchange().tag_observe_contract(description::node_tag()).build();
  std::map<NodeId, NodeView> found;
  std::map<NodeId, int> times;
  const auto complete = [&] {
    return std::all_of(wanted.begin(), wanted.end(), [&](NodeId id) {
      const auto it = found.find(id);
      if (it == found.end()) return false;
      const auto& links = it->second.links;
      // Twice is enough: a link that came meanwhile has no rates yet.
      return !with_rates || times[id] > 1 || std::all_of(links.begin(), links.end(), [](auto& l) { return l.has_rates; });
    });
  };
  const auto deadline = Clock::now() + limit_;
  while (!complete()) {
    const auto left = deadline - Clock::now();
    if (left.count() <= 0) break;
    auto event = contract.next_event_for(left);
    if (event.ended()) throw Failed(ExitCode::failed, "closed");
    if (!event || event->kind != ObserveEventKind::state || !event->state.synchronized()) continue;
    auto node = parse_node(event->state.text());
    if (!node || *event->object != description::node_object(node->id)) continue;
    ++times[node->id];
    found.insert_or_assign(node->id, *std::move(node));
  }
  for (auto& [id, node] : found)
    if (node.links.size() < node.links_total) complete_links(node);
  return found;
}

void Asker::complete_links(NodeView& node) {
  node.links.clear();
  for (const auto& row : rows(node.id, description::AskLinks{}, "links"))
    if (auto link = parse_link(row)) node.links.push_back(*std::move(link));
}

void Asker::print(std::string text) {
  session_.loop().post([this, text = std::move(text)] {
    session_.out().bytes(text);
    session_.flush();
  });
}

int run_asking(const Options& options, const std::string& name, const std::function<ExitCode(Asker&)>& f) {
  Session session(options, name);
  Asker asker(session, options.timeout.value_or(kUsualLimit));
  std::thread thread([&] {
    const auto end = [&](ExitCode code, std::string text) {
      session.loop().post([&session, code, text = std::move(text)] {
        if (text.empty())
          session.end(code);
        else
          session.end(code, text);
      });
    };
    try {
      end(f(asker), {});
    } catch (const Failed& failed) {
      end(failed.code(), failed.what());
    } catch (const Error& error) {
      end(exit_code(error.code()), error.what());
    }
  });
  const int status = session.run();
  session.connector().close();
  session.exchange().close();  // ends what the thread waits for
  thread.join();
  return status;
}

std::string show_node(const std::string& name, NodeId id) {
  return name.empty() ? to_string(id) : printable(name);
}

}  // namespace mla::cli
