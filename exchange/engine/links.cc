#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/engine/impl.h"

// Sessions: they come up, shake hands, show signs of life, end.
namespace mla::engine {

namespace {
constexpr std::uint32_t kProtocol = 1;
constexpr std::chrono::milliseconds kShortestHeartbeat{10};
constexpr std::chrono::milliseconds kLongestHeartbeat{3'600'000};
constexpr int kHeartbeatsUntilDead = 3;
}  // namespace

Session* Engine::Impl::find(LinkId link) {
  const auto* const session = sessions_.find(link);
  return session ? session->get() : nullptr;
}

void Engine::Impl::on(const LinkUp& e) {
  const auto turn_away = [&](ErrorCode code) { actions_->emplace_back(CloseLink{e.link, code, {}}); };
  if (shut_down_) return turn_away(ErrorCode::shutting_down);
  if (e.role == LinkRole::parent && parent_) return turn_away(ErrorCode::busy);
  if (e.role == LinkRole::child && sessions_.size() >= config_.limits.links)
    return turn_away(ErrorCode::too_many_links);
  sessions_.set(e.link, std::make_unique<Session>(e.link, e.role, common_));
  Session& s = *find(e.link);
  s.credit = e.bytes_free;
  s.principal = config_.peers;
  s.up_at = s.heard_at = now_;
  s.heartbeat =
      std::clamp(e.heartbeat.value_or(config_.limits.heartbeat), kShortestHeartbeat, kLongestHeartbeat);
  if (e.role == LinkRole::parent) {
    parent_ = e.link;
    s.out.queue(codec::Hello{.protocol_min = kProtocol,
                             .protocol_max = kProtocol,
                             .node = tree_.node(),
                             .connection = ++connections_,
                             .heartbeat_ms = static_cast<std::uint32_t>(s.heartbeat.count()),
                             .name = config_.name.substr(0, 256),
                             .path = tree_.path(),
                             .codecs = config_.reads.names(),
                             .credentials = e.credentials});
    pending_.insert(s);
  }
  arm(s);
}

void Engine::Impl::on(const LinkDown& e) {
  end(e.link, ErrorCode::link_lost, {}, false);
}

/// Tells the peer why, then closes.
void Engine::Impl::refuse(Session& s, ErrorCode code, std::string detail) {
  // Past the credit on purpose: it is small, and the last word.
  std::vector<std::byte> bytes;
  codec::encode(codec::Close{code, detail.substr(0, 256)}, bytes);
  send(s.link, std::make_shared<const std::vector<std::byte>>(std::move(bytes)), false);
  end(s.link, code, detail, true);
}

void Engine::Impl::end(LinkId link, ErrorCode code, const std::string& detail, bool tell_transport) {
  if (!find(link)) return;
  const std::unique_ptr<Session> s = sessions_.take(link);
  pending_.erase(link);
  if (s->timer) timers_.erase(*s->timer, link);
  LinkTotals& gone = s->role == LinkRole::parent ? gone_parents_ : gone_children_;
  ++gone.links;
  gone.messages_in += s->messages_in;
  gone.messages_out += s->messages_out;
  gone.bytes_in += s->bytes_in;
  gone.bytes_out += s->bytes_out;
  gone.states_in += s->states_in;
  gone_oversized_ += s->in.oversized();
  gone.states_out += s->out.states_sent();
  if (parent_ == link) parent_.reset();
  if (auto c = children_by_node_.find(s->peer); c != children_by_node_.end() && c->second == link)
    children_by_node_.erase(c);
  if (s->ready) {
    if (s->role == LinkRole::parent)
      tree_.parent_down();
    else
      tree_.child_down(link);
    actions_->emplace_back(LinkLost{link, code});
  }
  if (tell_transport) actions_->emplace_back(CloseLink{link, code, detail});
}

bool Engine::Impl::on_hello(Session& s, const codec::Hello& m) {
  const auto no = [&](ErrorCode code) {
    refuse(s, code, {});
    return false;
  };
  if (s.role != LinkRole::child || s.ready) return no(ErrorCode::unexpected_frame);
  if (m.protocol_min > kProtocol || m.protocol_max < kProtocol) return no(ErrorCode::version_mismatch);
  if (m.node.value == 0) return no(ErrorCode::bad_frame);
  const auto& path = tree_.path();
  if (std::find(path.begin(), path.end(), m.node) != path.end()) return no(ErrorCode::would_loop);
  if (path.size() >= config_.limits.depth) return no(ErrorCode::too_deep);
  if (auto it = children_by_node_.find(m.node); it != children_by_node_.end()) {
    Session& present = *find(it->second);
    // A process that reconnects counts up, so it need not wait until its dead link is noticed here.
    if (m.connection <= present.peer_connection) return no(ErrorCode::duplicate_id);
    refuse(present, ErrorCode::replaced, {});
  }
  s.peer_connection = m.connection;
  children_by_node_[m.node] = s.link;
  s.out.queue(codec::Welcome{.protocol = kProtocol,
                             .node = tree_.node(),
                             .heartbeat_ms = static_cast<std::uint32_t>(s.heartbeat.count()),
                             .name = config_.name.substr(0, 256),
                             .path = tree_.path(),
                             .codecs = config_.reads.names()});
  s.out.far_side_reads(codec::Codecs::named(m.codecs));
  become_ready(s, m.node, m.heartbeat_ms, m.name);
  tree_.child_ready(s.link);
  return true;
}

bool Engine::Impl::on_welcome(Session& s, const codec::Welcome& m) {
  if (s.role != LinkRole::parent || s.ready || m.protocol != kProtocol || m.path.empty() ||
      m.path.back() != m.node) {
    refuse(s, m.protocol != kProtocol ? ErrorCode::version_mismatch : ErrorCode::unexpected_frame, {});
    return false;
  }
  s.out.far_side_reads(codec::Codecs::named(m.codecs));
  become_ready(s, m.node, m.heartbeat_ms, m.name);
  tree_.parent_ready(s.link, m.path);
  return true;
}

void Engine::Impl::become_ready(Session& s, NodeId peer, std::uint32_t heartbeat_ms,
                                const std::string& name) {
  s.ready = true;
  s.peer = peer;
  s.peer_name = name;
  s.peer_heartbeat =
      std::clamp(std::chrono::milliseconds(heartbeat_ms), kShortestHeartbeat, kLongestHeartbeat);
  s.ping_at = now_ + s.heartbeat;
  pending_.insert(s);
  arm(s);
  actions_->emplace_back(LinkReady{s.link, s.role, peer, name});
}

/// One timer a session. What was heard meanwhile is looked at when it fires, not on every message.
void Engine::Impl::arm(Session& s) {
  if (s.timer) timers_.erase(*s.timer, s.link);
  s.timer = s.ready ? std::min(s.ping_at, s.heard_at + kHeartbeatsUntilDead * s.peer_heartbeat)
                    : s.up_at + config_.limits.handshake;
  timers_.insert(*s.timer, s.link);
}

void Engine::Impl::beat(Session& s) {
  if (!s.ready) {
    if (now_ >= s.up_at + config_.limits.handshake) return refuse(s, ErrorCode::handshake_timeout, {});
  } else {
    if (mutant(Mutant::kSilenceIgnored)) s.heard_at = now_;
    if (now_ >= s.heard_at + kHeartbeatsUntilDead * s.peer_heartbeat)
      return refuse(s, ErrorCode::link_silent, {});
    if (now_ >= s.ping_at) {
      s.ping_at = now_ + s.heartbeat;
      if (!s.out.has_queued_ping()) {  // on a stalled link one is enough
        s.out.queue(codec::Ping{++s.ping_sequence});
        s.ping_sent_at = now_;
        pending_.insert(s);
      }
    }
  }
  arm(s);
}

}  // namespace mla::engine
