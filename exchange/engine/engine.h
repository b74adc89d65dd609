#pragma once
#include <mla/limits.h>
#include <mla/permission.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "exchange/codec/outgoing.h"
#include "exchange/codec/traffic.h"
#include "exchange/core/explain.h"
#include "exchange/engine/event.h"

namespace mla::core {
class Tree;
}

namespace mla::engine {

struct Config {
  NodeId node;             // 64 random bits, drawn by the caller at process start; never 0
  std::uint64_t seed = 0;  // for every other random choice (a new id after duplicate_id, jitter)
  std::string name;        // a label that peers show
  Limits limits;
  codec::Codecs reads = codec::Codecs::all();  // differences and compressions that peers may send us
  /// Whom local contracts, and peers, are taken for. Until credentials are checked everybody may do everything.
  Principal local{.name = {}, .admin = true};
  Principal peers{.name = {}, .admin = true};
};

/// Numbers for /varz and tests.
struct LinkInfo {
  LinkId link;
  LinkRole role = LinkRole::child;
  bool ready = false;
  NodeId peer;
  std::string peer_name;
  std::chrono::microseconds round_trip{0};
  std::uint64_t messages_in = 0, messages_out = 0, bytes_in = 0, bytes_out = 0, states_in = 0, states_out = 0,
                differences_in = 0, differences_out = 0;  // of the states, those that came or went as a difference
  std::size_t queued_bytes = 0, pending_objects = 0;
  codec::TrafficByKind heard{}, said{};  ///< the last word of a link that ends is not in `said`
};
/// Sums over links that are gone, so that sums over all links of a role never fall.
struct LinkTotals {
  std::uint64_t links = 0, messages_in = 0, messages_out = 0, bytes_in = 0, bytes_out = 0, states_in = 0,
                states_out = 0;
};
struct EngineInfo {
  NodeId node;
  std::vector<NodeId> path;  // root … self
  std::size_t objects = 0, tags = 0, contracts = 0;
  std::uint64_t epochs_minted = 0, states_accepted = 0, states_fenced = 0, states_not_newer = 0,
                states_oversized = 0, states_unnamed = 0, frames_skipped = 0,
                bases_missed = 0;  // differences to what was not here
  std::vector<LinkInfo> links;
  LinkTotals gone_parents, gone_children;
};

/// Takes the place of SendFrames among an engine's actions: messages are taken some at a time, as they are made, so that what the
/// first of a thousand links is told has left when the last one's is made.
class Outlet {
 public:
  struct Leaving {
    LinkId link;
    Bytes message;
    bool more;  // the next one comes at once, for the same link
  };
  /// In order; the messages may be moved from. Within Engine::step(), which must not be called from here.
  virtual void send(std::span<Leaving> messages) = 0;

 protected:
  ~Outlet() = default;
};

struct Workspace;

/// The exchange as a function: one event and the time in, actions out. All rules of the tree live below here;
/// no sockets, threads, clocks, files or logs. *loop-confined*
class Engine {
 public:
  /// `outlet` outlives it; none: messages are among the actions. `room`: what engines of one loop share (workspace.h); none: its own.
  explicit Engine(Config config, Outlet* outlet = nullptr, std::shared_ptr<Workspace> room = nullptr);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Carries out one event; `now` never decreases. Actions are appended in order. Not re-entrant: code that
  /// is told of an action feeds its commands as the next events.
  void step(Instant now, const Event& event, Actions& actions) { step(now, std::span(&event, 1), actions); }
  /// The same for events that come at once: what they give each link leaves together, in as few messages as it takes.
  void step(Instant now, std::span<const Event> events, Actions& actions);

  /// When to call step(DeadlineReached) at the latest; none: nothing to wait for.
  std::optional<Instant> next_deadline() const;

  NodeId node() const;  ///< changes when a parent refuses the id as duplicate
  EngineInfo info() const;
  /// Why an object is produced by whom it is, as far as this exchange can see.
  core::Explanation explain(const ObjectDescriptor& object) const;
  const core::Tree& tree() const;  ///< to read: listings, the simulation's checks

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mla::engine
