#pragma once
#include <map>
#include <memory>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "contracts/link_table.h"
#include "contracts/prefetch.h"
#include "exchange/core/tree.h"
#include "exchange/engine/engine.h"
#include "exchange/engine/session.h"
#include "exchange/engine/session_set.h"
#include "exchange/engine/timers.h"
#include "exchange/engine/workspace.h"
#include "exchange/names/names.h"
#include "exchange/session/encodings.h"

namespace mla::engine {

/// Joins sessions and tree, which do not see each other: frames become what the tree is told, its decisions
/// wait in the sessions' lanes. *loop-confined*
class alignas(kCacheLine) Engine::Impl final : public core::Outbox, public session::StateSource {
 public:
  Impl(Config config, Outlet* outlet, std::shared_ptr<Workspace> room);
  ~Impl() override { sessions_ = {}; }  // they refer to what is declared below them

  void step(Instant now, std::span<const Event> events, Actions& actions);
  std::optional<Instant> next_deadline() const;
  NodeId node() const { return tree_.node(); }
  EngineInfo info() const;
  const core::Tree& tree() const { return tree_; }

 private:
  // events (engine.cc)
  void look_ahead(std::span<const Event> events) const;
  void on(const LinkUp& e);
  void on(const LinkFrames& e);
  void on(const LinkWritable& e);
  void on(const LinkDown& e);
  void on(const DeadlineReached&);
  void on(const OpenContract& e);
  void on(const DropContract& e);
  void on(const SetCapacity& e);
  void on(const SetMinInterval& e);
  void on(const Publish& e);
  void on(const Decline& e);
  void on(const Reconfigured& e);
  void on(const Shutdown&);

  // core::Outbox
  void control(LinkId link, names::Name& name, codec::Frame frame) override;
  void mark(LinkId link, names::Name& name) override;
  void flush(LinkId link, core::Handle handle) override;
  void discard(LinkId link, core::Handle handle) override;
  void carry(LinkId link, names::Name& name, codec::Outgoing state) override;
  void spent(PayloadPtr payload) override;
  void tag(LinkId link, codec::Tag tag, std::vector<core::Handle> behind) override;
  void path(LinkId link, codec::Path path) override;
  void close(LinkId link, ErrorCode code) override;

  // session::StateSource
  codec::Taken take_state(LinkId link, const names::Name& name, const codec::Outgoing* last) override;

  // frames (receive.cc); false: the session is over
  bool receive(Session& s, codec::Frame& frame);
  bool believe(Session& s, const codec::Frame& frame);
  bool receive_link(Session& s, codec::Frame& frame, bool& known);
  bool receive_from_child(Session& s, codec::Frame& frame);
  bool receive_from_parent(Session& s, codec::Frame& frame);
  bool receive_state(Session& s, codec::StateFrame& m);
  bool drop_unnamed();
  bool rebuild(const names::Name& object, const codec::Encoded& encoded, const Epoch& epoch, std::vector<std::byte>& data);
  bool need(Session& s, names::Name& object, core::Handle named);
  template <class Descriptor>
  bool permitted(Session& s, const Descriptor& what, bool observes, bool exposes);
  names::Name* object_of(Session& s, core::Handle handle);
  bool permitted(Session& s, const names::Name& what, bool observes, bool exposes);

  // sessions (links.cc)
  bool on_hello(Session& s, const codec::Hello& m);
  bool on_welcome(Session& s, const codec::Welcome& m);
  void refuse(Session& s, ErrorCode code, std::string detail);
  void end(LinkId link, ErrorCode code, const std::string& detail, bool tell_transport);
  void become_ready(Session& s, NodeId peer, std::uint32_t heartbeat_ms, const std::string& name);
  void arm(Session& s);
  void beat(Session& s);
  Session* find(LinkId link);
  bool send_pending();
  void send(LinkId link, Bytes message, bool more);
  void send_leaving();
  void conflate_if_many() {
    if (room_->notices.size() >= room_->conflate_at) conflate_notices();
  }
  void conflate_notices();
  void retire_names();

  // What every message has to do with comes first, in few lines: of a thousand exchanges none is in the processor's near caches.
  Outlet* const outlet_;
  Actions* actions_ = nullptr;  // of the step under way
  Instant now_{};
  const std::shared_ptr<Workspace> room_;
  Timers timers_;
  LinkTable<std::unique_ptr<Session>> sessions_;
  SessionSet pending_;  // with something to send
  std::optional<LinkId> parent_;  // the session of role parent, ready or not
  bool shut_down_ = false;
  names::Names names_;  // of these two the ends that meet here
  session::Encodings encodings_;
  Config config_;
  core::Tree tree_;
  const session::Common common_;  // of all sessions
  std::map<NodeId, LinkId> children_by_node_;
  std::uint64_t connections_ = 0;
  LinkTotals gone_parents_, gone_children_;
  std::uint64_t frames_skipped_ = 0, states_unnamed_ = 0, bases_missed_ = 0;
  std::uint64_t gone_oversized_ = 0;  // states that sessions which are over left out
  std::mt19937_64 random_;
};

}  // namespace mla::engine
