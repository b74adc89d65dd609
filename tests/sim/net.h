#pragma once
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "exchange/codec/codec.h"
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
    std::vector<State> arrived;                      // all of them, in order
    std::vector<ErrorCode> closed;                   // why, for links that its engine gave up
    std::set<LinkId> stalled;                        // links that take nothing
    std::vector<Version> published;                  // what its exposers did, as published
    std::vector<engine::Confirmed> confirmed;
    std::uint64_t elections = 0, ends = 0, ended = 0;  // `ended`: objects gone for a tag observer
    bool mute = false;                               // nothing reaches it or leaves it, and nobody is told
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
    begin_link(child, parent);
    settle();
  }
  /// Nothing of what both say has arrived yet.
  void begin_link(int child, int parent) {
    const LinkId c{next_link_++}, p{next_link_++};
    (*this)[child].peers[c] = {parent, p};
    (*this)[parent].peers[p] = {child, c};
    feed(parent, engine::LinkUp{p, engine::LinkRole::child, 1 << 20, {}, {}});
    feed(child, engine::LinkUp{c, engine::LinkRole::parent, 1 << 20, {}, {}});
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

  /// The one link between the two; both sides learn at once that it is gone.
  void cut(int a, int b) {
    begin_cut(a, b);
    settle();
  }
  void begin_cut(int a, int b) {
    const LinkId own = link_of(a, b), far = (*this)[a].peers.at(own).second;
    (*this)[a].peers.erase(own);
    (*this)[b].peers.erase(far);
    feed(a, engine::LinkDown{own});
    feed(b, engine::LinkDown{far});
  }
  LinkId link_of(int a, int b) {
    for (auto& [own, far] : (*this)[a].peers)
      if (far.first == b) return own;
    return {};
  }
  /// What `from` has for `to` waits until resume().
  void stall(int from, int to) {
    const LinkId link = link_of(from, to);
    (*this)[from].stalled.insert(link);
    feed(from, engine::LinkWritable{link, 0});
  }
  void resume(int from, int to) {
    const LinkId link = link_of(from, to);
    (*this)[from].stalled.erase(link);
    feed(from, engine::LinkWritable{link, 1 << 20});
    settle();
  }
  engine::LinkInfo link_info(int node, LinkId link) {
    for (const auto& l : (*this)[node].engine->info().links)
      if (l.link == link) return l;
    return {};
  }
  /// The exposer that is elected at `node` for anything publishes this.
  void publish(int node, const std::string& text, std::uint64_t sends = 1) {
    const auto sinks = (*this)[node].sinks;
    for (const auto& [sink, object] : sinks)
      feed(node, engine::Publish{.sink = sink, .payload = payload(text), .version = {}, .sends = sends});
    settle();
  }

  ContractId open(int node, ContractKind kind, const ObjectDescriptor& object, const TagDescriptor& tag,
                  ContractOptions options = {}) {
    const ContractId id = begin_open(node, kind, object, tag, options);
    settle();
    return id;
  }
  ContractId begin_open(int node, ContractKind kind, const ObjectDescriptor& object, const TagDescriptor& tag, ContractOptions options = {}) {
    const ContractId id{next_contract_++};
    feed(node, engine::OpenContract{id, kind, std::make_shared<const ObjectDescriptor>(object), tag, options});
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
    while (deliver()) {
    }
  }
  /// The message that has been under way for longest. False: none is.
  bool deliver() {
    if (wire_.empty()) return false;
    auto [node, link, bytes] = std::move(wire_.front());
    wire_.pop_front();
    if (!(*this)[node].peers.count(link) || (*this)[node].mute) return true;
    feed(node, engine::LinkFrames{link, *bytes});
    if (!(*this)[node].stalled.count(link)) feed(node, engine::LinkWritable{link, 1 << 20});
    const auto [far, far_link] = (*this)[node].peers.count(link) ? (*this)[node].peers.at(link) : std::pair<int, LinkId>{-1, {}};
    if (far >= 0 && !(*this)[far].stalled.count(far_link)) feed(far, engine::LinkWritable{far_link, 1 << 20});
    return true;
  }
  template <class Until>
  void deliver_until(Until until) {
    while (!until() && deliver()) {
    }
  }
  engine::Instant now() const { return now_; }
  /// How many frames of this kind have left, at any node.
  template <class T>
  std::uint64_t frames() const {
    auto it = frames_.find(codec::Frame(T{}).index());
    return it == frames_.end() ? 0 : it->second;
  }

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
      codec::Decoder decoder(*send->message);
      for (codec::Frame frame; decoder.next(frame) == codec::Decoder::Outcome::frame;) ++frames_[frame.index()];
      if (auto it = n.peers.find(send->link); it != n.peers.end() && !n.mute)
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
      n.arrived.push_back(state->state);
    } else if (std::get_if<engine::ObjectEnded>(&a)) {
      ++n.ended;
    } else if (auto* published = std::get_if<engine::Published>(&a)) {
      if (published->outcome == engine::PublishOutcome::accepted) n.published.push_back(published->version);
    } else if (auto* term = std::get_if<engine::TermChanged>(&a)) {
      if (term->published) n.published.push_back(term->floor);
    } else if (auto* confirmed = std::get_if<engine::Confirmed>(&a)) {
      n.confirmed.push_back(*confirmed);
    } else if (auto* closed = std::get_if<engine::CloseLink>(&a)) {
      n.closed.push_back(closed->code);
      if (auto it = n.peers.find(closed->link); it != n.peers.end()) {
        const auto [far, far_link] = it->second;
        n.peers.erase(it);
        if ((*this)[far].peers.erase(far_link) && !(*this)[far].mute) feed(far, engine::LinkDown{far_link});
      }
    } else if (auto* standing = std::get_if<engine::StandingChanged>(&a)) {
      n.standing[standing->object->canonical()] = standing->standing;
    }
  }

  std::deque<Node> nodes_;
  std::deque<Message> wire_;
  std::map<std::size_t, std::uint64_t> frames_;  // by their place in the variant
  engine::Instant now_{std::chrono::seconds(1000)};
  std::uint32_t next_link_ = 1;
  std::uint64_t next_contract_ = 1;
};

}  // namespace mla::sim
