#pragma once
#include <mla/contract.h>

#include <deque>
#include <vector>

#include "tools/mla/bench/histogram.h"
#include "tools/mla/bench/payload.h"
#include "tools/mla/bench/rig.h"

namespace mla::cli::bench {

/// What some of the observers had, since begin(). A state is counted once for each of them that observes it:
/// as a delivery, as skipped, or, until it or a newer one is there, as outstanding. *value*
struct Tally {
  std::uint64_t offered = 0, deliveries = 0;
  std::uint64_t skipped = 0;       ///< by the sequence numbers in the states
  std::uint64_t skipped_told = 0;  ///< by State::skipped()
  bool told_exactly = true;
  /// Nanoseconds from when a state was to be sent until its observer had it or a newer one: who skips states
  /// waits, too.
  Histogram latency;
  std::uint64_t outstanding() const { return offered - deliveries - skipped; }
};

/// One producer of objects of a tag of its own, and observers of some of them each. *loop-confined*
class Load {
 public:
  struct Observer {
    Peer* peer;
    std::vector<std::uint32_t> objects;
    std::size_t group = 0;  ///< whose tally it counts for
  };

  Load(Rig& rig, Peer& producer, const std::vector<Observer>& observers, std::uint32_t objects,
       Payload payload);

  /// Until every observer has a state of each of its objects. Throws Failed.
  void establish();
  /// Counts from here on; nothing may be outstanding.
  void begin();
  /// The next state of the object; `intended`: when it should have been sent.
  void send(std::uint32_t object, Clock::time_point intended);
  void turn(Clock::time_point until);
  /// Until nothing is outstanding; false when that takes longer.
  bool settle(nanoseconds limit);

  std::uint32_t objects() const { return static_cast<std::uint32_t>(exposed_.size()); }
  std::uint64_t subscriptions() const { return observed_.size(); }
  std::uint64_t outstanding() const;
  std::uint64_t states() const { return states_; }
  Clock::time_point began() const { return began_; }
  Clock::time_point last_delivery() const { return last_delivery_; }
  const Tally& tally(std::size_t group = 0) const { return tallies_[group]; }
  /// Nanoseconds by which states were sent too late.
  const Histogram& send_lag() const { return send_lag_; }
  /// Of the object, by number: sent last, and held by the least of those in the group.
  std::uint64_t newest(std::uint32_t object) const { return exposed_[object].sequence; }
  std::uint64_t held(std::uint32_t object, std::size_t group) const;

 private:
  struct Exposed {
    std::optional<StateSink> sink;
    std::uint64_t sequence = 0;
    std::vector<std::uint64_t> observers;    // by group
    std::deque<Clock::time_point> intended;  // of the states after `settled`
    std::uint64_t settled = 0;
  };
  struct Observed {
    std::uint32_t object = 0;
    std::size_t group = 0;
    std::optional<ObserveContract> contract;
    std::uint64_t held = 0;
  };
  void take_elections();
  void take_states(Observed& observed);
  void take(Observed& observed, const State& state);

  Rig& rig_;
  Payload payload_;
  std::deque<Exposed> exposed_;
  std::deque<Observed> observed_;
  std::vector<Tally> tallies_;
  Histogram send_lag_;
  std::optional<ExposeContract> exposing_;
  std::optional<Failed> failed_;  // within a callback, which must not throw
  bool elections_ = false;
  std::uint64_t states_ = 0;
  Clock::time_point began_{}, last_delivery_{};
};

}  // namespace mla::cli::bench
