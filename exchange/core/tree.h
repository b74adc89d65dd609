#pragma once
#include <mla/limits.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "contracts/apart.h"
#include "contracts/containers.h"
#include "contracts/mutant.h"
#include "exchange/core/explain.h"
#include "exchange/core/notices.h"
#include "exchange/core/outbox.h"
#include "exchange/core/pace.h"
#include "exchange/core/records.h"
#include "exchange/names/names.h"

namespace mla::core {

/// Counted for /varz and for tests: what the fences did.
struct Counters {
  std::uint64_t states_accepted = 0;
  std::uint64_t epochs_minted = 0;
  std::uint64_t states_fenced = 0;  // of a term that is not or no longer served
  std::uint64_t states_not_newer = 0;
  std::uint64_t handovers = 0;  // ended by the successor's first state
  std::uint64_t handover_timeouts = 0;
  std::uint64_t pulls = 0;
  std::uint64_t moves = 0;              // begun to even out load
};

/// One exchange's part of the tree: interest, liveness, election, epochs, routing of states. It is told what
/// happened (user commands, messages of ready links, time) and answers through Outbox and Notices. It knows
/// no sessions, frames on the wire, sockets or clocks. Call settle() after every event: decisions are taken
/// there, for all that was touched. *loop-confined*
class Tree {
 public:
  Tree(NodeId node, const Limits& limits, names::Names& names, Outbox& outbox, Notices& notices);
  ~Tree();
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  void set_now(Instant now) { now_ = now; }
  /// The limits that it was made with, and refers to, have other values.
  void limits_changed();

  // ---- user commands (contracts.cc, publish.cc)
  /// `object`: of an object contract, else none.
  void open(ContractId id, ContractKind kind, names::Name* object, const TagDescriptor& tag,
            const ContractOptions& options);
  void drop(ContractId id, EndReason reason = EndReason::contract_dropped);
  void set_capacity(ContractId id, std::uint32_t capacity);
  void set_min_interval(ContractId id, Interval interval);
  static constexpr std::size_t kFarthestExpected = 3;
  /// A state of this sink is published `ahead` events from now, 1 to kFarthestExpected: of what that touches, the part whose place
  /// is known by then is asked for, for the processor's caches.
  void expect_publish(SinkId sink, std::size_t ahead) const;
  void publish(SinkId sink, PayloadPtr payload, std::optional<Version> version, bool own_version,
               std::uint64_t sends);
  void decline(SinkId sink, std::string reason, std::chrono::milliseconds retry_after);

  // ---- links (links.cc)
  void child_ready(LinkId link);
  void child_down(LinkId link);
  /// `path`: from the root to the parent. Returns false when the link would close a loop through this
  /// exchange.
  void parent_ready(LinkId link, const std::vector<NodeId>& path);
  void parent_down();
  void set_node(NodeId node);

  // ---- what a ready link said (from_child.cc, from_parent.cc); object frames with the object resolved
  void on_tag(LinkId link, const codec::Tag& m);
  void on_interest(LinkId link, names::Name& name, const codec::Interest& m);
  void on_giveup(LinkId link, names::Name& name, const codec::Giveup& m);
  void on_started(LinkId link, names::Name& name, const codec::Started& m);
  /// Would on_child_state() keep this state, which cannot be read?
  bool takes_from_child(LinkId link, const names::Name& name, const Stamp& stamp) const;
  void on_child_state(LinkId link, names::Name& name, const Stamp& stamp, std::uint64_t nth,
                      PayloadPtr payload, std::optional<Instant> synced_at, bool carry, bool confirm);
  void on_child_fresh(LinkId link, names::Name& name, const Stamp& stamp,
                      std::optional<Instant> synced_at);
  void on_child_need(LinkId link, names::Name& name);
  void on_child_release(LinkId link, names::Name& name);
  void on_path(const std::vector<NodeId>& path);
  void on_assign(names::Name& name, const codec::Assign& m);
  void on_want(names::Name& name, const codec::Want& m);
  void on_floor(names::Name& name, const codec::Floor& m);
  void on_withdraw(names::Name& name, const codec::Withdraw& m);
  void on_end(names::Name& name);
  void on_pull(names::Name& name);
  void on_standing(names::Name& name, const codec::StandingTold& m);
  /// Would on_parent_state() keep this state, which cannot be read?
  bool takes_from_parent(names::Name& name, const Stamp& stamp);
  void on_parent_state(names::Name& name, const Stamp& stamp, std::uint64_t nth, PayloadPtr payload,
                       std::optional<Instant> synced_at, bool confirm);
  void on_parent_fresh(names::Name& name, const Stamp& stamp, std::optional<Instant> synced_at);
  void on_parent_need(names::Name& name);
  void on_parent_release(names::Name& name);
  /// From a child or the parent: against the way of the states.
  void on_confirmed(LinkId link, names::Name& name, const codec::Confirmed& m);

  // ---- time and decisions
  void on_deadline();
  void settle() {
    if (unsettled_) settle_all();
  }
  std::optional<Instant> next_deadline() const;

  /// The state (or freshness) to send on this link for this object, if it may be sent now (may_send.cc). What
  /// is returned counts as sent. `last`: a state that was taken for another link, if any.
  codec::Taken take_state(LinkId link, const names::Name& name, const codec::Outgoing* last = nullptr);

  std::uint64_t counter() const { return counter_; }  ///< the greatest of all epochs heard of and minted
  void raise_counter(std::uint64_t counter) { counter_ = std::max(counter_, counter); }

  bool is_root() const { return !parent_; }
  NodeId node() const { return node_; }
  const std::vector<NodeId>& path() const { return path_; }
  const Counters& counters() const { return counters_; }
  /// Without those by which the system describes itself.
  std::size_t object_count() const { return objects_.size() - reserved_objects_; }
  std::size_t tag_count() const { return tags_.size() - reserved_tags_; }
  std::size_t contract_count() const { return contracts_.size(); }

  std::size_t tags_of(LinkId link) const;  ///< tags that this child holds records of
  bool has_tag(LinkId link, const std::string& canonical) const;

  // ---- what it can say about itself (explain.cc)
  Explanation explain(const ObjectDescriptor& object) const;
  /// Calls `f` for each record in the order of handles, or of tags' numbers, those behind `after`; ends
  /// early when it says no. True: none was left out.
  bool visit_objects(std::optional<Handle> after,
                     const std::function<bool(const ObjectLine&)>& f) const;
  bool visit_tags(std::optional<TagIndex> after, const std::function<bool(const TagLine&)>& f) const;

  // ---- for the simulation's checks
  std::size_t waiting_count() const;  ///< what is kept for objects that wait at a limit
  const ObjectRecord* find(std::string_view canonical) const;
  bool needs(const ObjectRecord& o) const { return need(o, std::nullopt); }
  bool link_needs(LinkId link, const ObjectRecord& o) const { return child_needs(link, o); }
  /// Least time between two states on this link, as this exchange sees it; zero where its own feed sees to
  /// it.
  Interval interval_on(LinkId link, const ObjectRecord& o) const;
  std::size_t paced() const { return pace_.size(); }

 private:
  struct Liveness {
    bool observed = false;  // by an object-observe contract here or below
    bool exposed = false;   // by an object-expose contract here or below
    bool by_tag = false;    // by a tag-observe contract here or below
    bool live() const {
      return observed || (exposed && by_tag) || (mutant(Mutant::kLiveByEither) && (exposed || by_tag));
    }
    bool need() const { return observed || by_tag; }
  };

  // records (records.cc)
  ObjectRecord& object(names::Name& name);
  ObjectRecord* find(Handle handle) const;
  TagRecord& tag(const std::string& canonical);
  void touch(ObjectRecord& o);
  void touch(TagRecord& t);
  void erase(ObjectRecord& o);
  void erase_if_idle(TagRecord& t);
  ChildRecord& child(ObjectRecord& o, LinkId link);
  ChildRecord* find_child(ObjectRecord& o, LinkId link) const;
  const ChildRecord* find_child(const ObjectRecord& o, LinkId link) const;
  const ChildTag* find_child(const TagRecord& t, LinkId link) const;
  template <class Children>
  auto place_among(Children& children, LinkId link) const;
  void erase_child(ObjectRecord& o, LinkId link);

  // interest (interest.cc)
  bool child_needs(LinkId link, const ObjectRecord& o) const;
  bool need(const ObjectRecord& o, std::optional<LinkId> except) const;
  std::optional<Interval> interval_behind(LinkId link, const ObjectRecord& o) const;
  std::optional<Interval> interval_behind(LinkId link, const ObjectRecord& o, const ChildRecord* by_object) const;
  std::optional<Interval> wanted_from(const ObjectRecord& o, LinkId target) const;
  Interval interval_upward(const ObjectRecord& o) const;
  Interval interval_of_feed(const ObjectRecord& o) const;
  bool observed_locally(const ObjectRecord& o) const;
  Liveness liveness(const ObjectRecord& o) const;
  std::vector<Candidate> candidates(const ObjectRecord& o) const;
  bool stands(const Refusal& r) const;
  bool refused(const ObjectRecord& o, const Target& target, ContractId contract) const;
  bool may_have(const ObjectRecord& o, ContractId id) const;
  std::optional<Exposure> object_exposure(const ObjectRecord& o) const;
  bool held_without_capacity(const ObjectRecord& o) const;
  void needing_children(const ObjectRecord& o, std::vector<LinkId>& links) const;

  // confirmation (confirm.cc)
  void confirm_taken(ObjectRecord& o, bool confirm, const std::optional<Stamp>& before);
  void find_confirming(ObjectRecord& o, const std::optional<Stamp>& as_of);
  void unconfirm(ObjectRecord& o, LinkId link);
  static void confirm_again(ObjectRecord& o);
  void tell_confirmed(ObjectRecord& o);

  // election (election.cc)
  const Candidate* choose(const ObjectRecord& o, const std::vector<Candidate>& c) const;
  bool better(const ObjectRecord& o, const std::vector<Candidate>& c, const Candidate& to) const;
  const Candidate* settled(const ObjectRecord& o, const std::vector<Candidate>& c) const;
  std::int32_t priority_there(const ObjectRecord& o, const Candidate& c) const;
  std::int64_t rank(const ObjectRecord& o, const Candidate* settled, const Candidate& c) const;
  codec::AtWork at_work(const ObjectRecord& o, const Target& target) const;
  double load(const Candidate& c) const;
  bool avoided(const ObjectRecord& o, const Target& target) const;
  void avoid(ObjectRecord& o, const Target& target);
  Epoch mint(ObjectRecord& o);
  void start(ObjectRecord& o, const Epoch& epoch, const Candidate& target);
  void end_term(ObjectRecord& o, const Term& term, EndReason reason);
  void set_cur(ObjectRecord& o, const MaybeTerm& term);
  void drop_roles(ObjectRecord& o, EndReason reason);
  void drain_over(ObjectRecord& o);
  void end_drain(ObjectRecord& o, EndReason reason);
  void end_drains(ObjectRecord& o, EndReason reason = EndReason::handed_over);
  void withdraw(ObjectRecord& o, const Term& term, EndReason reason);
  void freshness_unknown(ObjectRecord& o, LinkId link);
  void supersede_below(ObjectRecord& o, const Epoch& epoch);
  bool asked(const ObjectRecord& o) const;

  void charge(const ObjectRecord& o, bool add);
  void recharge(ObjectRecord& o, const Candidate& to);

  // load (balance.cc)
  void request_balance();
  void exposers_changed();
  void from_above();
  bool waits_for_those_above() const;
  std::chrono::milliseconds pause_for_those_above() const;
  Handle far_from(Handle handle) const;
  void balance();
  std::optional<ContractId> lighter_contract(const ObjectRecord& o) const;
  const Candidate* lighter(const ObjectRecord& o, const std::vector<Candidate>& c) const;

  // the local exposer (publish.cc)
  std::vector<ContractId> local_choices(const ObjectRecord& o) const;
  bool pick_local(ObjectRecord& o,
                  std::optional<ContractId> preferred = {});  // true: the same contract goes on
  void end_sinks(ObjectRecord& o, EndReason reason);
  void end_sink(ObjectRecord& o, EndReason reason);
  void retire_sink(ObjectRecord& o);
  void resume_former(ObjectRecord& o);
  void end_former(ObjectRecord& o, EndReason reason);
  void check_former(ObjectRecord& o);
  LocalSink& producer(ObjectRecord& o);
  static const Term* local_term(const ObjectRecord& o);
  PublishOutcome publish_local(ObjectRecord& o, LocalSink& s, PayloadPtr payload,
                               std::optional<Version> version, bool own_version, std::uint64_t sends,
                               bool again);
  bool runs_undisturbed(const ObjectRecord& o, const LocalSink& s) const;
  void note_stale(LocalSink& s, const Version& floor);
  void tell_slot(ObjectRecord& o);
  void close_slot(LocalSink& s, std::uint64_t nth);

  // limits (room.cc)
  bool waits_for_room(const ObjectRecord& o) const;
  bool at_limit(LinkId link, const Charge& charge) const;
  void note_waiting(ObjectRecord& o);
  void found_full(ObjectRecord& o, LinkId link, Instant until);
  void forget_refusals(ObjectRecord& o, std::optional<LinkId> of);
  void room_made(LinkId link);
  bool serve_waiting();
  void has_room(ContractId contract);
  void wait_no_more(ObjectRecord& o);

  // states (states.cc)
  static bool gave(const ObjectRecord& o, LinkId link, const Epoch& epoch);
  bool only_newer(const ObjectRecord& o, const Stamp& stamp, bool synchronized) const;
  void hear(ObjectRecord& o, const Epoch& epoch, const Version& version);
  void unhear(ObjectRecord& o);
  bool goes_on(const ObjectRecord& o, const Epoch& epoch, const Target& source) const;
  void take(ObjectRecord& o, Held&& held, bool confirm, std::optional<Instant> synced_at, const Target& source);
  void take_from(ObjectRecord& o, LinkId child_link, Held&& held, bool confirm, std::optional<Instant> synced_at);
  static void answered(ObjectRecord& o, const Target& target);
  void late_came(ObjectRecord& o, const Epoch& epoch);
  void first_state_came(ObjectRecord& o);
  void unsync(ObjectRecord& o, const Target& source);
  void set_sync(ObjectRecord& o, std::optional<Instant> synced_at);
  void drop_state(ObjectRecord& o);
  void mark(ObjectRecord& o);
  void take_up(codec::Taken& out, ObjectRecord& o);
  void take_down(codec::Taken& out, ObjectRecord& o, LinkId link, const codec::Outgoing* last);
  bool held_back(const ObjectRecord& o, LinkId link, Interval interval);
  bool goes_on_below(const ObjectRecord& o, const ChildRecord& c) const;
  void hurry(const ObjectRecord& o, LinkId link);
  void deliver(ObjectRecord& o);
  void deliver_to(ObjectRecord& o, ContractId contract);
  void tell_standing(ObjectRecord& o);
  Standing standing(const ObjectRecord& o) const;
  std::pair<StandingKind, std::string> production(const ObjectRecord& o) const;
  State state_of(const ObjectRecord& o) const;
  Delivered& delivered(ObjectRecord& o, ContractId contract);

  // decisions (settle.cc)
  void settle_all();
  void settle(ObjectRecord& o);
  bool settle_once(ObjectRecord& o);
  bool lingers(ObjectRecord& o, bool wanted);
  void lose_targets(ObjectRecord& o, const std::vector<Candidate>& c);
  void decide_as_root(ObjectRecord& o, const std::vector<Candidate>& c, const Liveness& live);
  void decide_as_child(ObjectRecord& o, const std::vector<Candidate>& c, const Liveness& live);
  void check_handover(ObjectRecord& o, const std::vector<Candidate>& c);
  void tell_targets(ObjectRecord& o);
  void republish_above_floor(ObjectRecord& o);
  void end_regents(ObjectRecord& o);
  void pull_orphans(ObjectRecord& o);
  void tidy(ObjectRecord& o);
  static void set_want_interval(ChildRecord& r, Interval interval);
  bool clean_up(ObjectRecord& o);
  void tell_end(ObjectRecord& o);
  void forget(ObjectRecord& o);

  // explanations (explain.cc)
  std::optional<Explanation::Term> current_term(const ObjectRecord& o) const;
  void explain_left_out(const ObjectRecord& o, Explanation& e) const;

  // upward (upward.cc)
  std::optional<Stamp> available(const ObjectRecord& o) const;
  void tell_interest(ObjectRecord& o, const Liveness& live);
  void tell_tag(TagRecord& t);
  void give_up(ObjectRecord& o, const Epoch& epoch);
  void lost_current(ObjectRecord& o, const Epoch& epoch);
  void lost_former(ObjectRecord& o, const Epoch& epoch);
  bool has_term(const ObjectRecord& o, const Epoch& epoch) const;
  std::int32_t offered_above(const ObjectRecord& o, const std::optional<Exposure>& by_object) const;
  std::optional<codec::AtWork> at_work_below(const ObjectRecord& o,
                                             const std::optional<Exposure>& by_object) const;
  void set_path(std::vector<NodeId> path);

  void arm(std::optional<Instant> at, ObjectRecord& o);
  void disarm_idle(ObjectRecord& o);
  bool due(const ObjectRecord& o) const;
  void arm_next(ObjectRecord& o);
  void disarm(ObjectRecord& o);

  // What every state has to do with comes first, in few lines: of a thousand exchanges none is in the processor's near caches.
  Outbox& outbox_;
  Notices& notices_;
  Instant now_{};
  std::uint64_t counter_ = 0;  // one for all objects
  std::optional<LinkId> parent_;
  using Deadline = std::pair<Instant, Handle>;
  OrderedSet<Deadline, std::less<Deadline>, ApartAllocator<Deadline>> deadlines_;  // at most one per object
  bool unsettled_ = false;  // one of the three below is not empty
  std::vector<LinkId> links_;  // room for mark()
  Counters counters_;
  std::optional<Instant> balance_at_;
  Pace pace_;
  std::vector<Handle> touched_;
  std::vector<TagIndex> touched_tags_;
  std::vector<ContractId> roomy_;  // they were at their limit, and have let go of an object
  NodeId node_;
  const Limits& limits_;
  names::Names& names_;
  std::vector<NodeId> path_;
  std::map<LinkId, ChildLink> children_;
  std::map<Charge, std::uint64_t> charged_locally_;
  std::map<ContractId, Contract> contracts_;
  ObjectsByHandle objects_;  // its own; each is also found by its name
  FlatMap<std::string, std::unique_ptr<TagRecord>> tags_;
  std::uint32_t next_tag_ = 1;
  std::map<std::uint32_t, TagRecord*> tags_by_index_;
  mutable std::size_t near_ = 0;        // where a child was found last
  FlatMap<SinkId, ObjectRecord*> sinks_;
  Instant from_above_at_{}, from_above_since_{};  // when those above last moved something, and since when again and again
  std::size_t balance_left_ = 0;              // objects to look at until all was found even
  Handle balance_cursor_;                     // looked at last
  double moves_allowed_ = 0;
  Instant moves_counted_at_{};
  std::uint64_t next_sink_ = 1;
  std::size_t reserved_objects_ = 0, reserved_tags_ = 0;
};

}  // namespace mla::core
