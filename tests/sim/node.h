#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "exchange/core/records.h"
#include "exchange/engine/engine.h"
#include "tests/sim/random.h"

// What a simulated world is made of: exchanges with their user code, and the wires between them. Plain values.
namespace mla::sim {

using engine::Instant;

struct Wire;

/// What user code at one exchange knows: written by notices only.
struct Seen {
  Epoch epoch;
  Version version;
  bool sync = false;
  std::string data;
};
struct Observer {
  ContractId id;
  ContractKind kind;
  std::string key;                 // canonical object or tag
  std::map<std::string, Seen> at;  // by object
  std::map<std::string, Standing> standing;
  Instant since{};      // when it began
  bool rarely = false;  // it asked for states so rarely that it need not hold the newest
};
struct SinkUser {
  std::string object;
  Epoch epoch;
  Version floor;
  bool sent = false;
  bool stale = false;
};
struct Exposer {
  ContractId id;
  ContractKind kind;
  std::string key;
  bool own_version = false;
  ContractOptions options;
  std::map<SinkId, SinkUser> sinks;  // as its exchange told it
  std::map<SinkId, SinkUser> heard;  // as it has come to hear of them, where that takes a while
};

/// The record of one object as it was before an event, for transitions.cc.
struct Was {
  std::optional<Epoch> cur, drain, again;
  bool sent = false, assigned = false, kept = false;
  std::size_t avoided = 0;
  bool regent = false;
};

struct Node {
  std::string name;
  int index = 0;
  std::uint64_t life = 0;  // counts restarts; part of what it publishes
  std::unique_ptr<engine::Engine> engine;
  std::map<LinkId, Wire*> wires;
  Wire* up = nullptr;      // towards the parent
  Node* parent = nullptr;  // whom it dials
  Node* last = nullptr;    // whom it dialled last
  Node* first = nullptr;   // of its process, whose engines are a tree: itself, or the parent for good
  Duration lag{};          // what arrives waits so long, as its loop is that busy
  bool inner() const { return first && first != this; }
  std::map<std::uint64_t, Observer> observers;
  std::map<std::uint64_t, Exposer> exposers;
  std::vector<std::pair<LinkId, engine::Bytes>> heard;  // in this turn of its loop, and not told to the engine yet
  std::set<LinkId> hearing;  // whose messages the step under way is of, when it is of several
  std::optional<Instant> paused_until;
  Instant paused_at{};  // when it last woke
  std::deque<std::function<void()>> backlog;  // what happened while paused
  bool parent_ready = false;
  Instant started{};  // its clock has gone at its own rate since
  double rate = 1;
  struct Checked {
    core::Stamp stamp;
    std::uint64_t nth = 0;
    std::string text;  // how its data began
  };
  std::vector<Checked> checked;  // by object: what it held when it was looked at last
  std::map<std::uint64_t, std::string> named;  // by handle: the objects it has defined on any link
  std::uint64_t timer = 0;             // generation of the armed deadline
  std::deque<engine::Event> commands;  // of user code that was called back
  Instant hears_at{};                  // what it was told last, where that takes a while
  std::map<std::string, Was> was;      // by object
};

/// One connection. Each direction is a queue with latency and rate.
struct Wire {
  std::uint64_t id = 0;
  Node* child = nullptr;
  Node* parent = nullptr;
  LinkId child_link, parent_link;
  std::uint64_t child_life = 0, parent_life = 0;
  bool inner = false;  // within a process: it never fails
  bool cut = false;  // nothing gets through any more
  bool ended = false;  // and it has been counted
  bool open_child = true, open_parent = true;
  Duration latency{};
  double bytes_per_second = 0;
  std::optional<Instant> stalled_until;
  struct Direction {
    std::size_t unsent = 0;  // bytes taken from the engine that have not left
    Instant free_at{};
    Instant last_arrival{};
    bool deaf = false;   // what is said is lost, though the wire stands
    bool spoilt = false;  // the next message is malformed when it arrives
    std::set<std::uint64_t> parts;  // states of which some pieces have left, but not the last
  } up, down;
};

}  // namespace mla::sim
