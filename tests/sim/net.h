#pragma once
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "exchange/core/tree.h"
#include "exchange/engine/engine.h"

// Exchanges joined by perfect links, for directed scenarios: what one sends the other has at once; time passes only when
// told to. User code is as plain as can be: who is elected publishes at once.
namespace mla::sim {

class Net {
 public:
  struct Node {
    std::unique_ptr<engine::Engine> engine;
    std::map<LinkId, std::pair<int, LinkId>> peers;  // own link → (node, its link)
    std::map<SinkId, std::string> sinks;             // elected for, by canonical object
    std::map<std::string, State> seen;               // newest state of any observe contract
    std::map<std::string, Standing> standing;
    std::uint64_t elections = 0, ends = 0;
    bool publishes = true;
  };

  explicit Net(int nodes, Limits limits = {}) {
    for (int i = 0; i < nodes; ++i) {
      nodes_.emplace_back();
      const auto id = NodeId{static_cast<std::uint64_t>(100 + i)};
      nodes_.back().engine = std::make_unique<engine::Engine>(
          engine::Config{.node = id, .seed = 1, .name = "n" + std::to_string(i), .limits = limits});
    }
  }

  Node& operator[](int i) { return nodes_[static_cast<std::size_t>(i)]; }

  void link(int child, int parent) {
    const LinkId c{next_link_++}, p{next_link_++};
    (*this)[child].peers[c] = {parent, p};
    (*this)[parent].peers[p] = {child, c};
    feed(parent, engine::LinkUp{p, engine::LinkRole::child, 1 << 20, {}, {}});
    feed(child, engine::LinkUp{c, engine::LinkRole::parent, 1 << 20, {}, {}});
    settle();
  }

  /// Both sides learn at once that the link is gone, as when a process dies.
  void cut(int node) {
    auto peers = (*this)[node].peers;
    for (auto& [own, far] : peers) {
      (*this)[node].peers.erase(own);
      (*this)[far.first].peers.erase(far.second);
      feed(node, engine::LinkDown{own});
      feed(far.first, engine::LinkDown{far.second});
    }
    settle();
  }

  ContractId open(int node, ContractKind kind, const ObjectDescriptor& object, const TagDescriptor& tag,
                  ContractOptions options = {}) {
    const ContractId id{next_contract_++};
    feed(node, engine::OpenContract{id, kind, std::make_shared<const ObjectDescriptor>(object), tag, options});
    settle();
    return id;
  }
  void command(int node, const engine::Event& e) {
    feed(node, e);
    settle();
  }

  void pass(std::chrono::milliseconds time) {
    const engine::Instant end = now_ + time;
    for (;;) {
      engine::Instant next = end;
      for (auto& n : nodes_)
        if (auto d = n.engine->next_deadline(); d && *d < next) next = *d;
      now_ = std::max(now_, next);
      if (next >= end) break;
      for (int i = 0; i < static_cast<int>(nodes_.size()); ++i)
        if (auto d = (*this)[i].engine->next_deadline(); d && *d <= now_) feed(i, engine::DeadlineReached{});
      settle();
    }
  }

  void feed(int i, const engine::Event& e) {
    engine::Actions actions;
    (*this)[i].engine->step(now_, e, actions);
    for (auto& a : actions) act(i, a);
  }
  void settle() {
    while (!wire_.empty()) {
      auto [node, link, bytes] = std::move(wire_.front());
      wire_.pop_front();
      if (!(*this)[node].peers.count(link)) continue;
      feed(node, engine::LinkFrames{link, *bytes});
      feed(node, engine::LinkWritable{link, 1 << 20});
      const auto [far, far_link] = (*this)[node].peers.count(link) ? (*this)[node].peers.at(link) : std::pair<int, LinkId>{-1, {}};
      if (far >= 0) feed(far, engine::LinkWritable{far_link, 1 << 20});
    }
  }
  engine::Instant now() const { return now_; }

  static PayloadPtr payload(const std::string& text) {
    const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
    return std::make_shared<const Payload>(Payload{{"TEXT"}, {bytes, bytes + text.size()}});
  }

 private:
  struct Message {
    int node;
    LinkId link;
    engine::Bytes bytes;
  };
  void act(int i, engine::Action& a) {
    Node& n = (*this)[i];
    if (auto* send = std::get_if<engine::SendFrames>(&a)) {
      if (auto it = n.peers.find(send->link); it != n.peers.end())
        wire_.push_back({it->second.first, it->second.second, send->message});
    } else if (auto* elected = std::get_if<engine::Elected>(&a)) {
      n.sinks[elected->sink] = elected->object->canonical();
      ++n.elections;
      if (n.publishes) feed(i, engine::Publish{.sink = elected->sink, .payload = payload("n" + std::to_string(i))});
    } else if (auto* withdrawn = std::get_if<engine::Withdrawn>(&a)) {
      n.sinks.erase(withdrawn->sink);
      ++n.ends;
    } else if (auto* state = std::get_if<engine::StateArrived>(&a)) {
      n.seen[state->object->canonical()] = state->state;
    } else if (auto* standing = std::get_if<engine::StandingChanged>(&a)) {
      n.standing[standing->object->canonical()] = standing->standing;
    }
  }

  std::deque<Node> nodes_;
  std::deque<Message> wire_;
  engine::Instant now_{std::chrono::seconds(1000)};
  std::uint32_t next_link_ = 1;
  std::uint64_t next_contract_ = 1;
};

}  // namespace mla::sim
