#pragma once
#include <mla/contract_options.h>
#include <mla/descriptor.h>
#include <mla/epoch.h>
#include <mla/standing.h>
#include <mla/state.h>
#include <mla/version.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "contracts/ids.h"
#include "exchange/codec/messages.h"
#include "exchange/core/confirming.h"

// What an exchange knows, as plain records. The rules that move them are in tree.h.
namespace mla::core {

using codec::Exposure;
using codec::Handle;
using codec::Stamp;

/// Of two that need an object, who asks for more.
std::optional<Interval> sooner(const std::optional<Interval>& least, Interval interval);

/// May a holder of `held` take `offered`? Versions rise within and across epochs; the same version only
/// counts with a newer epoch (then only its freshness is news).
bool newer(const std::optional<Stamp>& held, const Stamp& offered);

struct TagIndex {
  std::uint32_t value = 0;
  auto operator<=>(const TagIndex&) const = default;
};

/// Where a term's writer or a state's source is, seen from here: a contract of this exchange, or a link.
/// *value*
struct Target {
  enum class Kind : std::uint8_t { none, local, link };
  Kind kind = Kind::none;
  LinkId id;
  static Target local() { return {Kind::local, {}}; }
  static Target link(LinkId l) { return {Kind::link, l}; }
  bool is_local() const { return kind == Kind::local; }
  bool is(LinkId l) const { return kind == Kind::link && id == l; }
  auto operator<=>(const Target&) const = default;
};

/// The interest an assignment is charged to: one tag's, or all object-expose contracts of the target taken
/// together.
struct Charge {
  std::optional<TagIndex> tag;
  bool operator==(const Charge&) const = default;
  bool operator<(const Charge& other) const { return tag < other.tag; }
};

struct Term {
  Epoch epoch;
  Target target;
  Charge charge;
  Target charged;  // whose load it counts as: the target, or where it was asked to move
  Instant since{};  // it is current
};

struct Candidate {
  Target target;
  Exposure exposure;
  Charge charge;
};

struct Held {
  Stamp stamp;
  std::uint64_t nth = 0;
  PayloadPtr payload;
  bool received = false;  // over a link: the payload is the exchange's own
};

/// What is known about one child link and one object.
struct ChildRecord {
  LinkId link;
  bool told = false;  // an interest record of the child stands
  bool observes = false;
  bool holds = false;  // a writer below goes on, but takes nothing new
  std::optional<Exposure> exposes;
  std::optional<Epoch> active;  // the child's subtree goes on under this term of another root
  std::optional<Stamp> avail;   // the best its subtree holds
  std::optional<Epoch> again;   // it wishes a new term instead of this one
  Epoch heard;                  // what the child has told of epochs and versions
  Version floor;
  std::optional<Stamp> peer;      // newest known at the far side: sent, received, or told as have
  std::optional<bool> told_sync;  // freshness told with it
  Interval interval{0};           // asked for
  Interval want_interval{0};      // told with want
  std::optional<codec::AtWork> at_work;  // the writer below, when it is not just the best of those who expose
  std::optional<bool> want;       // last told with ASSIGN or WANT
  std::optional<Version> floor_told;
  std::optional<Stamp> pulled;  // asked for with PULL
  bool end_due = false;         // to be answered END if the object turns out not to be live
  std::optional<StandingKind> standing_told;
  std::string standing_reason_told;
};

/// A target that is left out for an object for a while.
struct Exclusion {
  Target target;
  Instant until;
  std::uint32_t times = 1;
};
struct Refusal {
  Target target;  // a link, or local with `contract`
  ContractId contract;
  Instant until;
  std::string reason;
  std::optional<std::uint64_t> room;  // its link was at a limit, and has made no room since
};

/// The contract of this exchange that holds the local term of an object.
struct LocalSink {
  ContractId contract;
  SinkId sink;
  PayloadPtr last;  // what it published last in this election
  Version first_version, last_version;
  bool own_version = false;
  std::optional<Version> stale;  // told that it must exceed this
  std::vector<ContractId> slot;  // to whom it was told that it may send straight
  bool slot_alone = false;       // … and that nobody else needs them
  std::optional<Epoch> slot_epoch;  // … in which term; none: to be told anew
};

/// The contract that had the object before another of this exchange: it goes on until that one has sent.
struct Former {
  LocalSink sink;
  Instant until;
};

/// What the parent knows of an object, for the session that is up.
struct ParentRecord {
  bool told = false;  // an interest record of ours stands there
  bool observes = false;
  bool holds = false;
  std::optional<Exposure> exposes;
  bool active = false;
  std::optional<Epoch> again;
  Interval interval{0};
  std::optional<codec::AtWork> at_work;
  Interval want_interval{0};
  Epoch heard;  // epochs and versions the parent knows of
  Version floor;
  std::vector<Epoch> terms;  // assigned by this session and not yet ended
  bool want = false;
  std::optional<Epoch> started;  // told with STARTED, or by the state itself
  std::optional<Stamp> peer;
  std::optional<bool> told_sync;
  StandingKind standing = StandingKind::waiting;  // what the parent said of the object's production
  std::string standing_reason;
};

/// What was last told to one local observer of an object.
struct Delivered {
  ContractId contract;
  std::optional<Stamp> stamp;
  bool sync = false;
  std::optional<Standing> standing;
};

struct TagRecord;

struct ObjectRecord {
  ObjectPtr descriptor;
  Handle handle;
  bool reserved = false;  // by such objects the system describes itself
  std::vector<TagRecord*> tags;  // sorted by canonical text, as in the descriptor

  std::optional<Held> held;  // newest accepted state
  Target source;
  bool sync = false;
  Instant synced_at;  // when it last was synchronized; counts while !sync

  std::optional<Term> cur, drain;
  bool sent = false;      // cur has its first state, or STARTED came
  bool assigned = false;  // cur was given by the parent's present session
  Epoch heard;
  Version floor;
  std::optional<Epoch> again;  // own wish for a new term instead of this one
  bool remint = false;
  std::optional<Target> move_to;     // where balancing wants it; preferred by the next election
  bool report = false;  // what was heard must be told to the parent
  bool kept = false;    // state outlived the parent link
  bool pulled = false;
  std::optional<Instant> linger_until;  // nobody observes any more, but the writer is kept
  std::optional<Instant> handover_by;
  std::optional<Instant> armed;  // its entry in the table of deadlines
  std::vector<Exclusion> avoid;
  std::vector<Refusal> refusals;

  std::optional<LocalSink> sink;
  std::unique_ptr<Former> former;
  Epoch nth_epoch;  // numbering of locally published states
  std::uint64_t nth = 0;

  std::vector<ContractId> observers, exposers;  // object contracts
  std::vector<Delivered> delivered;             // object and tag contracts
  std::unique_ptr<Confirming> confirming;       // exactly while the state held asks for it
  std::vector<ChildRecord> children;            // sorted by link
  ParentRecord up;
  bool touched = false;

  std::optional<Stamp> stamp() const { return held ? std::optional(held->stamp) : std::nullopt; }
};

struct ChildTag {
  LinkId link;
  bool observes = false;
  Interval interval{0};
  std::optional<Exposure> exposes;
};

struct TagRecord {
  std::string canonical;
  TagIndex index;
  bool reserved = false;
  std::vector<ContractId> observers, exposers;
  std::vector<ChildTag> children;                  // sorted by link
  std::map<std::uint64_t, ObjectRecord*> objects;  // by handle
  bool told_observes = false;                      // to the parent
  std::optional<Exposure> told_exposes;
  Interval told_interval{0};
  bool touched = false;
};

struct Contract {
  ContractId id;
  ContractKind kind = ContractKind::object_observe;
  ObjectRecord* object = nullptr;
  TagRecord* tag = nullptr;
  ContractOptions options;
  std::uint64_t assigned = 0;  // objects it is elected for
  std::uint64_t leaving = 0;   // and those it still writes until another contract here has sent
  std::set<std::uint64_t> waiting{};  // handles of those that found it at its limit

  bool full() const { return options.limit && assigned + leaving >= *options.limit; }
};

struct ChildLink {
  LinkId id;
  std::map<Charge, std::uint64_t> charged;
  std::size_t tags = 0;  // that it holds records of
  std::uint64_t room = 0;  // how often a term has ended there
  std::map<Charge, std::uint64_t> full{};  // at their limit, since room was that
  std::set<std::uint64_t> waiting{};       // handles of those that were given back for it
};

}  // namespace mla::core
