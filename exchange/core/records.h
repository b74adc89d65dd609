#pragma once
#include <mla/contract_options.h>
#include <mla/descriptor.h>
#include <mla/epoch.h>
#include <mla/standing.h>
#include <mla/state.h>
#include <mla/version.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "contracts/containers.h"
#include "contracts/ids.h"
#include "contracts/prefetch.h"
#include "exchange/codec/messages.h"
#include "exchange/core/child_record.h"
#include "exchange/core/confirming.h"
#include "exchange/core/few.h"
#include "exchange/core/seldom.h"
#include "exchange/core/tag_refs.h"
#include "exchange/names/name.h"

// What an exchange knows, as plain records. The rules that move them are in tree.h.
namespace mla::core {

using codec::Handle;

/// Of two that need an object, who asks for more.
std::optional<Interval> sooner(const std::optional<Interval>& least, Interval interval);

/// May a holder of `held` take `offered`? Versions rise within and across epochs; the same version only
/// counts with a newer epoch (then only its freshness is news).
bool newer(const std::optional<Stamp>& held, const Stamp& offered);
/// Is what came older than what the far side is known to have: was it on its way when a newer one was sent there? Then that
/// one is what it has, once both have arrived.
bool crossed(const Stamp& came, const std::optional<Stamp>& sent);

struct TagIndex {
  std::uint32_t value = 0;
  auto operator<=>(const TagIndex&) const = default;
};

/// Where a term's writer or a state's source is, seen from here: a contract of this exchange, or a link.
/// Ordered: none, here, links by their ids. *value*
class Target {
 public:
  Target() = default;
  static Target local() { return Target(1); }
  static Target link(LinkId l) { return Target(l.value + 2); }
  bool is_local() const { return code_ == 1; }
  bool is_link() const { return code_ > 1; }
  bool is(LinkId l) const { return *this == link(l); }
  LinkId link_id() const { return LinkId{code_ - 2}; }  ///< of a link only
  auto operator<=>(const Target&) const = default;

 private:
  explicit Target(std::uint32_t code) : code_(code) {}
  std::uint32_t code_ = 0;
};

/// The interest an assignment is charged to: one tag's, or all object-expose contracts of the target taken
/// together.
struct Charge {
  TagIndex tag;  // numbered from 1; 0: by object
  bool operator==(const Charge&) const = default;
  bool operator<(const Charge& other) const { return tag < other.tag; }
};

struct Term {
  Epoch epoch;
  Target target;
  Charge charge;
  Instant since{};  // it is current
  static Term nothing() { return {}; }
  bool is_nothing() const { return target == Target{}; }
  bool operator==(const Term&) const = default;
};
using MaybeTerm = Compact<Term>;

struct Candidate {
  Target target;
  Exposure exposure;
  Charge charge;
};

struct Held {
  Stamp stamp;
  std::uint64_t nth = 0;
  PayloadPtr payload;  // always there when a state is
  static Held nothing() { return {}; }
  bool is_nothing() const { return payload == nullptr; }
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
  // What every state has to do with comes first.
  Version floor;  // versions the parent knows of
  std::optional<bool> synced_told;  // freshness told with the state it is known to have
  std::optional<Stamp> peer;
  std::vector<Epoch> terms;  // assigned by this session and not yet ended
  bool told = false;  // an interest record of ours stands there
  bool observes = false;
  bool holds = false;
  bool avail = false;  // that a state can be had from here
  std::optional<Exposure> exposes;
  bool active = false;
  std::optional<Epoch> again;
  Interval interval{0};
  std::optional<codec::AtWork> at_work;
  Interval want_interval{0};
  Epoch heard;  // epochs the parent knows of
  bool want = false;
  std::optional<Epoch> started;  // told with STARTED, or by the state itself
  StandingKind standing = StandingKind::waiting;  // what the parent said of the object's production
  std::string standing_reason;
  // As a child's record has it.
  std::optional<bool> told_sync() const { return synced_told; }
  void set_told_sync(std::optional<bool> value) { synced_told = value; }
};

/// What was last told to one local observer of an object.
struct Delivered {
  ContractId contract;
  std::optional<Stamp> stamp;
  bool sync = false;
  std::optional<Standing> standing;
};

/// An object's contracts of this exchange, and what they were told.
struct Here {
  ObjectPtr descriptor;  // as contracts are told of the object
  ShortVector<ContractId, 2> observers;   // object contracts
  ShortVector<Delivered, 1> delivered;    // object and tag contracts
  ShortVector<ContractId, 2> exposers;    // object contracts
  std::optional<LocalSink> sink;
  std::unique_ptr<Former> former;
  Epoch nth_epoch;  // numbering of locally published states
  std::uint64_t nth = 0;
  /// Is it this contract's, be it that a successor is chosen?
  bool written_by(ContractId id) const {
    return (sink && sink->contract == id) || (former && former->sink.contract == id);
  }
  bool idle() const { return observers.empty() && exposers.empty() && delivered.empty() && !sink && !former; }
};

/// What an object has for a while only: while it moves, waits, is not synchronized or is confirmed. When very many begin at once
/// all have it for a moment: of another size than a record, so that what it leaves is whole pages, not holes between records.
struct Passing {
  MaybeTerm drain;
  /// Superseded before they had sent, while `drain` is there: newer than that one, older than the current term, in their order. A
  /// writer of theirs may have sent before it hears of that, and then its observers have a state that only one of the next is above.
  std::vector<Term> late;
  std::optional<Epoch> again;         // own wish for a new term instead of the current one
  std::optional<Target> move_to;      // where balancing wants it; preferred by the next election
  std::optional<Target> charged;      // whose load the current term counts as, asked to move there; none: its target's
  std::optional<Instant> linger_until;  // nobody observes any more, but the writer is kept
  std::optional<Instant> handover_by;
  std::optional<Instant> armed;  // its entry in the table of deadlines
  Instant synced_at{};           // when it last was synchronized; counts while it is not
  std::vector<Exclusion> avoid;
  std::vector<Refusal> refusals;
  std::unique_ptr<Confirming> confirming;  // exactly while the state held asks for it
  bool idle() const {
    return !drain && !again && !move_to && !charged && !linger_until && !handover_by && !armed && synced_at == Instant{} &&
           avoid.empty() && refusals.empty() && !confirming;
  }
};

/// What was heard of epochs and versions, where it is not just the state held.
struct HighWater {
  Epoch heard;
  Version floor;
};

/// What a router at the top has of no object, or of few.
struct Beside {
  Seldom<Here> here;
  Seldom<ParentRecord> up;
  Seldom<HighWater> above;
  bool idle() const { return !here && !up && !above; }
};

/// One object as an exchange keeps it. There may be very many: what only some have, or for a while, is kept apart.
class ObjectRecord {
 public:
  explicit ObjectRecord(names::Name& of) : name(of) {}
  names::Name& name;
  TagRefs tags;  // sorted by canonical text, as in the descriptor

  Compact<Term> cur;
  Target source;

 private:
  std::uint32_t number_ = 0;  // of the state held, among all that were

 public:
  bool reserved : 1 = false;  // by such objects the system describes itself
  bool sync : 1 = false;
  bool sent : 1 = false;      // cur has its first state, or STARTED came
  bool assigned : 1 = false;  // cur was given by the parent's present session
  bool remint : 1 = false;
  bool report : 1 = false;  // what was heard must be told to the parent
  bool kept : 1 = false;    // state outlived the parent link
  bool pulled : 1 = false;
  bool touched : 1 = false;
  bool received : 1 = false;  // what is held came over a link: the payload is the exchange's own

  Few<ChildRecord> children;  // sorted by link
  Seldom<Passing> passing;

  const Seldom<Here>& here() const { return beside_->here; }
  Here& edit_here() { return beside_.edit().here.edit(); }
  void tidy_here();
  const Seldom<ParentRecord>& up() const { return beside_->up; }
  ParentRecord& edit_up() { return beside_.edit().up.edit(); }
  void clear_up();

  Handle handle() const { return name.handle(); }
  /// Towards the processor, for soon; then what hangs on it, which is read to know where that is; then what hangs on that.
  void fetch_early() const { prefetch(this); }
  void fetch_what_hangs_on() const {
    __builtin_prefetch(children.begin());
    __builtin_prefetch(held_.payload.get());
    __builtin_prefetch(&name);
    __builtin_prefetch(&*beside_);
  }
  void fetch_beside() const {
    prefetch(&*here());
    prefetch(&*up());
  }
  /// Is it so of a term that is served here: the current one, or one of those it takes over from?
  bool any_term(const auto& is) const { return (cur && is(*cur)) || any_former(is); }
  bool any_former(const auto& is) const {
    return (passing->drain && is(*passing->drain)) || std::any_of(passing->late.begin(), passing->late.end(), is);
  }
  bool writes(const Target& target) const {
    return any_term([&](const Term& t) { return t.target == target; });
  }
  /// For what contracts are told.
  const ObjectPtr& descriptor();

  const Held& held() const { return held_; }  // newest accepted state
  bool has_state() const { return !held_.is_nothing(); }
  std::optional<Stamp> stamp() const { return has_state() ? std::optional(held_.stamp) : std::nullopt; }
  /// Joined of all epochs, and the greatest of all versions, heard of.
  const Epoch& heard() const { return has_above() ? beside_->above->heard : held_.stamp.epoch; }
  const Version& floor() const { return has_above() ? beside_->above->floor : held_.stamp.version; }
  void set_heard(Epoch heard, Version floor);
  /// Takes the next state; `heard` has its epoch joined in. Answers the payload of the one before.
  PayloadPtr hold(Held&& newer, const Epoch& heard);
  void let_go();  ///< of the state held; what was heard of stays

  /// What a child is known to have of the object: sent to it, received from it, or told as have.
  struct Known {
    bool held = false;           // just the state held
    bool older = true;           // the state held is newer than that
    std::optional<Stamp> stamp;  // none: nothing, or something older that was held here
  };
  Known known_by(const ChildRecord& c) const;
  void set_known(ChildRecord& c, const std::optional<Stamp>& stamp) const;
  /// The state held. `exactly`: its stamp will be asked for when it is not held any more.
  void set_known_held(ChildRecord& c, bool exactly = false) const;
  void remember_known();  ///< exactly, of all children that have the state held

 private:
  bool has_above() const { return beside_ && beside_->above; }
  template <class T>
  void clear(Seldom<T> Beside::*which) {
    if (!((*beside_).*which)) return;
    (beside_.edit().*which).clear();
    beside_.tidy();
  }

  Seldom<Beside> beside_;
  Held held_;
};

// Allocators keep these apart: up to 160 bytes, and from 193 to 224.
static_assert(sizeof(void*) < 8 || (sizeof(ObjectRecord) <= 160 && sizeof(Passing) > 192 && sizeof(Passing) <= 224));

/// Records in the order of their handles.
struct ByHandle {
  using is_transparent = void;
  bool operator()(const ObjectRecord* a, const ObjectRecord* b) const { return a->handle() < b->handle(); }
  bool operator()(const ObjectRecord* a, Handle b) const { return a->handle() < b; }
  bool operator()(Handle a, const ObjectRecord* b) const { return a < b->handle(); }
};
using ObjectsByHandle = OrderedSet<ObjectRecord*, ByHandle>;

struct ChildTag {
  LinkId link;
  bool observes = false;
  Interval interval{0};
  std::optional<Exposure> exposes;
};

struct TagRecord {
  std::vector<ContractId> observers;
  std::vector<ChildTag> children;                  // sorted by link
  std::string canonical;
  TagIndex index;
  bool reserved = false;
  std::vector<ContractId> exposers;
  ObjectsByHandle objects;
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
  std::set<Handle> waiting{};  // handles of those that found it at its limit

  bool full() const { return options.limit && assigned + leaving >= *options.limit; }
};

struct ChildLink {
  LinkId id;
  std::map<Charge, std::uint64_t> charged;
  std::size_t tags = 0;  // that it holds records of
  std::uint64_t room = 0;  // how often a term has ended there
  std::map<Charge, std::uint64_t> full{};  // at their limit, since room was that
  std::set<Handle> waiting{};       // handles of those that were given back for it
};

}  // namespace mla::core
