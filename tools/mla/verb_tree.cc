#include "contracts/json_writer.h"
#include "tools/mla/asker.h"
#include "tools/mla/table.h"
#include "tools/mla/verbs.h"

namespace mla::cli {
namespace {

/// An exchange and what is linked below it. *value*
struct Branch {
  NodeId id;
  std::string name;
  const NodeView* node = nullptr;  // none: it does not describe itself
  std::optional<std::uint64_t> round_trip_us;
  std::vector<Branch> below;
};

/// Puts links together to trees. Exchanges that nobody names as a child are the tops. *value*
class Forest {
 public:
  explicit Forest(const std::map<NodeId, NodeView>& nodes) : nodes_(nodes) {}

  std::vector<Branch> grow(NodeId root) {
    std::vector<Branch> out;
    if (nodes_.contains(root)) out.push_back(branch(root, {}, {}));
    // Told while links come and go: what does not hang on the root is not left out.
    for (const auto& [id, node] : nodes_)
      if (!seen_.contains(id) && !has_known_parent(node)) out.push_back(branch(id, {}, {}));
    return out;
  }

 private:
  bool has_known_parent(const NodeView& node) const {
    for (const LinkView& link : node.links)
      if (link.to_parent && link.peer && nodes_.contains(*link.peer)) return true;
    return false;
  }

  /// The parent's measure, else what the child has measured.
  std::optional<std::uint64_t> round_trip(const LinkView& link) const {
    if (link.round_trip_us) return link.round_trip_us;
    if (const auto it = nodes_.find(*link.peer); it != nodes_.end())
      for (const LinkView& up : it->second.links)
        if (up.to_parent) return up.round_trip_us;
    return std::nullopt;
  }

  Branch branch(NodeId id, std::string name, std::optional<std::uint64_t> round_trip_us) {
    Branch b{id, std::move(name), nullptr, round_trip_us, {}};
    const auto it = nodes_.find(id);
    if (!seen_.insert(id).second || it == nodes_.end()) return b;
    b.node = &it->second;
    b.name = it->second.name;
    for (const LinkView& link : it->second.links)
      if (!link.to_parent && link.ready && link.peer)
        b.below.push_back(branch(*link.peer, link.peer_name, round_trip(link)));
    return b;
  }

  const std::map<NodeId, NodeView>& nodes_;
  std::set<NodeId> seen_;
};

void draw(const Branch& b, NodeId self, const std::string& first, const std::string& rest, std::string& out) {
  out += first + show_node(b.name, b.id);
  if (b.round_trip_us) out += "  " + show_microseconds(*b.round_trip_us);
  if (b.node)
    out += "  objects " + std::to_string(b.node->objects) + ", links " + std::to_string(b.node->links_total);
  if (b.id == self) out += "  (this command)";
  out += '\n';
  for (std::size_t i = 0; i < b.below.size(); ++i) {
    const bool last = i + 1 == b.below.size();
    draw(b.below[i], self, rest + (last ? "└─ " : "├─ "), rest + (last ? "   " : "│  "), out);
  }
}

void write(JsonWriter& w, const Branch& b, NodeId self) {
  w.begin_object().member("node", to_string(b.id)).member("name", b.name);
  w.member("describes_itself", b.node != nullptr).member("this_command", b.id == self).key("round_trip_us");
  if (b.round_trip_us)
    w.value(*b.round_trip_us);
  else
    w.null();
  if (b.node) w.member("version", b.node->version).member("objects", b.node->objects);
  w.key("children").begin_array();
  for (const Branch& child : b.below) write(w, child, self);
  w.end_array().end_object();
}

}  // namespace

int run_tree(const Options& options) {
  return run_asking(options, "mla tree", [&](Asker& asker) {
    const NodeId root = asker.root(), self = asker.self();
    const auto wanted = asker.describing();
    const auto nodes = asker.nodes(wanted, false);
    const auto trees = Forest(nodes).grow(root);
    std::string out;
    if (options.form == OutputForm::human) {
      for (const Branch& b : trees) draw(b, self, "", "", out);
    } else {
      JsonWriter w;
      w.begin_object().member("root", to_string(root)).key("trees").begin_array();
      for (const Branch& b : trees) write(w, b, self);
      w.end_array().end_object();
      out = w.take() + "\n";
    }
    asker.print(std::move(out));
    if (nodes.size() == wanted.size()) return ExitCode::ok;
    throw Failed(ExitCode::timed_out, "not all exchanges answered in time: " + std::to_string(nodes.size()) +
                                          " of " + std::to_string(wanted.size()));
  });
}

}  // namespace mla::cli
