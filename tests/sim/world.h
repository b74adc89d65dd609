#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/core/tree.h"
#include "exchange/engine/engine.h"
#include "exchange/engine/workspace.h"
#include "tests/sim/confirmations.h"
#include "tests/sim/counts.h"
#include "tests/sim/model.h"
#include "tests/sim/node.h"
#include "tests/sim/profile.h"
#include "tests/sim/random.h"
#include "tests/sim/trace_hash.h"
#include "tests/sim/watched.h"

// A simulated world: exchanges in one thread under one event heap, joined by wires that delay, stall and
// break. All of it follows from the seed.
namespace mla::sim {

/// A promise or invariant does not hold.
struct Broken {
  std::string what;
};

std::string show(const std::vector<std::byte>& message);  ///< its frames in words

struct Options {
  std::uint64_t seed = 0;
  bool verbose = false;
  int nodes = 0;       // 0: from the seed
  // Seeds of before replay without what came later. First came clocks of different speed, hostile peers, user code that
  // opens and drops contracts from within and calm phases, then user code that answers every notice with anything, and
  // links that fail on one side.
  bool plain = false;    // without either
  bool earlier = false;  // without the second
  std::string_view never;  // leave this fault out: to show that it is missed
  const Profile* profile = &kAnyWorld;
};

struct Statistics {
  Counts counts;
  std::uint64_t events = 0;
  TraceHash trace;
};

class World {
 public:
  explicit World(Options options);
  ~World();
  /// Chaos, healing, quiet, cleaning up; throws Broken.
  void run();
  const Statistics& statistics() const { return stats_; }

 private:
  // time
  void at(Instant when, std::function<void()> what);
  void after(Duration d, std::function<void()> what) { at(now_ + d, std::move(what)); }
  void run_until(Instant end);
  void run_for(Duration d) { run_until(now_ + d); }

  /// With all that came later? Profiles are of before: what they make frequent would change.
  bool newest() const { return !options_.plain && !options_.earlier && options_.profile == &kAnyWorld; }

  // engines (engines.cc)
  void boot(Node& n);
  void hear(Node& n, LinkId link, const engine::Bytes& message);
  void feed(Node& n, const std::optional<engine::Event>& e);
  void feed_heard(Node& n);
  void feed_one(Node& n, const engine::Event& e);
  void step(Node& n, const engine::Event& e, engine::Actions& actions);
  void carry_out(Node& n, engine::Actions& actions);
  void arm(Node& n);

  // what user code is told and remembers (notices.cc)
  void notice(Node& n, const engine::Action& a);
  void told(Node& n, const engine::StateArrived& s);
  void told(Node& n, const engine::StandingChanged& s);
  void told(Node& n, const engine::ObjectEnded& e);
  void told(Node& n, const engine::Elected& e);
  void told(Node& n, const engine::TermChanged& t);
  void told(Node& n, const engine::Withdrawn& w);
  void told(Node& n, const engine::Published& p);
  void told(Node& n, const engine::Confirmed& c);
  void told(Node& n, const engine::SinkStale& s);
  void told(Node& n, const engine::LinkReady& r);
  void told(Node& n, const engine::LinkLost& l);
  void told(Node& n, const engine::ContractRefused& r);
  /// Differs once an exchange has forgotten the object.
  std::pair<std::uint64_t, std::uint64_t> memory(const Node& n, const std::string& object) const;
  void check_monotonic(const Node& n, const Observer& o, const std::string& object, const Seen& was, const Seen& now) const;
  SinkUser* user_of(Node& n, SinkId sink);

  // wires (wires.cc)
  void dial(Node& child, Node& parent);
  void send(Wire& w, Node& from, engine::Bytes message);
  void deliver(Wire& w, Node& to, LinkId link, const engine::Bytes& message);
  void freed(Wire& w, bool up, std::size_t left);
  void cut(Wire& w, bool silent);
  void lost(Wire& w, Node& side, Duration delay);
  void close(Wire& w, Node& from);
  void redial_later(Node& n);
  bool below(const Node* p, const Node* n) const;
  std::size_t room() const;  ///< of a wire's buffer

  // processes of several engines (processes.cc)
  bool threads() const { return profile_.threads.most > 1; }
  void make_processes();
  std::vector<Node*> process_of(Node& n) const;
  Node& landing(Node& p);
  bool may_dial(const Node& n, const Node& p) const;
  void link_up_inside(Node& n);
  void move_link(Node& n);
  void check_inside(const Wire& w, ErrorCode code) const;

  // user code (users.cc)
  void add_contract(Node& n);
  void observe_all(Node& n);
  engine::OpenContract new_contract(Node& n, Random& random);
  void new_rules(engine::OpenContract& open);  // rules.cc
  void change_interval(Node& n);
  Interval some_interval();
  static bool rare(Interval interval) { return interval > std::chrono::minutes(1); }
  void watch_rules(const Node& n, const engine::Action& a);
  bool somebody_takes_over(const std::string& object, const Exposer& from) const;
  void check_shares(const Node& n) const;
  void drop_contract(Node& n);
  void drop_contract(Node& n, std::uint64_t id);
  void forget(Node& n, std::uint64_t id);
  engine::SetCapacity capacity(Node& n, std::uint64_t id, Random& random);
  void publish_now(Node& n, Exposer& x, SinkId sink);
  void publish(Node& n, Exposer& x, SinkId sink);
  void produce(Node& n);
  bool hears_late() const { return profile_.longest_ear.count() > 0; }
  std::chrono::milliseconds slowest_ear() const;
  const std::map<SinkId, SinkUser>& known(const Exposer& x) const;  ///< what user code goes by
  void hear_of_sinks(Node& n, std::uint64_t contract);
  void hear_of_sinks(Node& n, SinkId sink);

  int some(const Profile::Range& range);

  // faults (faults.cc, link_faults.cc)
  void chaos(Duration d);
  void fault();
  void another_parent(Node& n);
  void dial_in_a_circle();
  std::vector<Wire*> standing_wires() const;
  void link_fault();
  void lose_one_side(Wire& w);
  void spoilt(Wire& w, Node& to, LinkId link, const engine::Bytes& message);
  void crash(Node& n);
  void shut_down(Node& n);
  void start_again(Node& n);
  void let_go_of_parent(Node& n);
  void pause(Node& n, Duration d);
  void heal(bool whole);
  void quiet();
  void silence();
  void clean_up();
  void end_by_tag();
  void stop_observing();

  // what must hold: after every event (node_checks.cc), at quiet by the model and by the records (quiet_checks.cc)
  void check_node(Node& n);
  void check_state(const std::string& key, const core::Held& held, const std::string& text);
  void checks_at_quiet();
  void check_by_model(const ObjectDescriptor& o, const std::vector<Node*>& members, bool kept, const Model::Expected& e);
  void check_written(const ObjectDescriptor& o, const std::vector<Node*>& members);
  void check_orphans(const ObjectDescriptor& o, const std::vector<Node*>& members, const Model::Expected& e);
  void check_records(const ObjectDescriptor& o, const std::vector<Node*>& members, const Model::Expected& e);

  // what is only counted (transitions.cc)
  void watch_record(Node& n, const std::string& object, const core::ObjectRecord* r);
  void watch_frame(Wire& w, const Node& from, const codec::Frame& frame);
  void watch_end(Wire& w);
  void watch_election(const Node& n, const engine::Elected& e);
  void watch_fail_over(const Seen& was, const Seen& now);
  void watch_merge(const Node& child);
  std::vector<const Node*> tree_of(const Node& n) const;
  void sum_up(const Node& n);
  void sum_up_frames();

  // a tree in which nothing breaks (calm.cc)
  void calm();
  void check_calm(const Node& n, const Observer& o, const std::string& object, const Seen& was, bool sync) const;

  // subtrees that are cut off from a healthy tree, and come back (autonomy.cc)
  void autonomy();
  void find_islanders(const Node& top);
  void pass_through(const Node& top);
  void check_island(const Node& n, const engine::Action& a);

  // peers that do not keep to the protocol (hostile.cc)
  void hostile(Node& n);
  std::vector<std::byte> unasked(const Node& n, NodeId id);

  // what cannot be judged by one moment alone (watch_*.cc)
  void watch_event(const engine::Event& e);
  void watch_notice(Node& n, const engine::Action& a);
  void watch_step(Node& n);
  void watch_silence(Wire& w);
  void watch_ages(Node& n);
  void watch_moves(Node& n);
  void watch_epochs(Node& n);
  void watch_reader(const Node& n, const engine::Action& a);
  void check_age(const Node& n, const engine::StateArrived& s);
  void check_choice(const Node& n, const engine::Action& a);

  // what user code does from within a notice (users.cc, call_back.cc)
  void call_back(Node& n);
  void answer(Node& n, const engine::Action& action);

  // what links carry (wire_checks.cc)
  void check_message(Wire& w, Node& from, const std::vector<std::byte>& message);
  void check_bounds(const Node& n) const;
  void check_slot(const Wire& w, const Node& from, const codec::Frame& frame,
                  std::map<std::uint64_t, std::optional<Version>>& told) const;
  void check_pace(const Wire& w, const Node& from, const std::vector<std::byte>& message);  // rules.cc

  // P3: the numbers of states (wire_checks.cc)
  struct Numbered {
    std::string object;
    Epoch epoch;
    std::uint64_t nth = 0;
  };
  std::optional<Numbered> numbered(const Node& n, SinkId sink) const;
  void check_numbers(const Node& n, const engine::Publish& p, const Numbered& before,
                     const engine::Actions& actions) const;

  Instant local(const Node& n) const;             ///< what its clock says now
  Instant global(const Node& n, Instant t) const;  ///< when its clock will say t, or just after
  struct ByIndex {
    bool operator()(const Node* a, const Node* b) const { return a->index < b->index; }
  };
  std::map<Node*, std::vector<Node*>, ByIndex> components() const;  ///< by root

  void log(const std::string& text);
  void count(const std::string& what, std::uint64_t by = 1) { stats_.counts[what] += by; }
  std::string stamp(const Epoch& e, const Version& v) const;

  struct Scheduled {
    Instant when;
    std::uint64_t order;
    std::function<void()> what;
    bool operator<(const Scheduled& o) const { return std::tie(when, order) > std::tie(o.when, o.order); }
  };

  Options options_;
  const Profile& profile_;
  const std::shared_ptr<engine::Workspace> room_ = std::make_shared<engine::Workspace>();
  Random random_;
  Random more_;  // for what `plain` leaves out, so that the rest stays as it was
  Random most_;  // for what `earlier` leaves out
  Random rules_;  // for what came later still
  Instant now_{};
  std::priority_queue<Scheduled> heap_;
  std::uint64_t order_ = 0;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::unique_ptr<Wire>> wires_;
  std::uint64_t next_id_ = 1;
  std::uint32_t next_link_ = 1;
  std::uint64_t sequence_ = 0;
  bool producing_ = true;  // exposers send on and on; else only when they must
  bool redialing_ = true;
  bool chaotic_ = false;   // faults happen
  bool calm_ = false;      // nothing breaks, nobody who exposes goes
  bool islands_ = false;   // but that whole subtrees are cut off
  bool silent_ = false;    // nothing may be said but heartbeats
  std::vector<LinkId> closed_;  // by the engine that was fed last, for hostile()
  struct Features {
    bool user_versions, tags, crashes, loops, priorities, slow, pauses, big;
  } features_{};
  std::vector<ObjectPtr> objects_;
  std::map<std::string, ObjectPtr> by_canonical_;
  std::vector<std::string> tags_;
  std::map<std::pair<std::string, Epoch>, std::string> writer_;
  std::map<std::pair<std::string, std::pair<Epoch, std::vector<std::int64_t>>>,
           std::pair<std::string, std::uint64_t>>
      identity_;  // data and number
  Model model_;
  std::string sending_;                         // by the publication that is being carried out
  std::map<std::string, Instant> last_sent_;    // by object: when anything was accepted
  struct PublishedState {
    std::string object;
    std::pair<std::uint64_t, std::uint64_t> memory;
  };
  std::vector<PublishedState> published_;       // by number
  std::map<std::pair<int, std::string>, std::uint64_t> unwanted_;  // how often a writer's object was asked for by nobody
  std::array<std::uint64_t, 32> frames_{};      // sent, by kind
  Confirmations confirmations_;
  Watched watched_;
  struct Carried {
    Epoch epoch;
    Instant at, global;
    Interval interval{0};
  };
  std::map<std::tuple<std::uint64_t, bool, std::string>, Carried> carried_;  // by wire, upward, object
  std::map<std::pair<std::uint64_t, bool>, Instant> control_sent_;           // by wire, upward
  Statistics stats_;
};

}  // namespace mla::sim
