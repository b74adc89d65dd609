#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "exchange/describe/question.h"
#include "tools/mla/node_view.h"
#include "tools/mla/session.h"

namespace mla::cli {

/// Asks the exchanges of the tree about themselves, through their `$mla` objects only. Its calls block, so it is
/// used on a thread of its own (see run_asking). They throw Failed.
class Asker {
 public:
  Asker(Session& session, std::chrono::nanoseconds limit) : session_(session), limit_(limit) {}

  Session& session() { return session_; }
  /// The root of the tree we are linked to. Waits for the link.
  NodeId root();
  NodeId self();

  std::string ask(NodeId node, const description::Question& question);
  /// All rows of a list, page after page. `name`: the answer's member that has them.
  std::vector<std::string> rows(NodeId node, description::Question question, std::string_view name);

  /// All exchanges that describe themselves, as the root knows them.
  std::set<NodeId> describing();
  /// Their node objects, with all links. `fresh`: each with rates. Those that did not come in time are missing.
  std::map<NodeId, NodeView> nodes(const std::set<NodeId>& wanted, bool with_rates);

  /// Puts text out on standard output.
  void print(std::string text);

 private:
  void complete_links(NodeView& node);

  Session& session_;
  const std::chrono::nanoseconds limit_;  // for each answer
};

/// A verb that asks, prints and ends with what `f` returns.
int run_asking(const Options& options, const std::string& name, const std::function<ExitCode(Asker&)>& f);

/// "name", or the id where it has none.
std::string show_node(const std::string& name, NodeId id);

}  // namespace mla::cli
