#pragma once
#include <mla/descriptor.h>
#include <mla/epoch.h>
#include <mla/standing.h>
#include <mla/state.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "contracts/ids.h"
#include "contracts/machines/tickets.h"

namespace mla::machines {

enum class SendAnswer : std::uint8_t { accepted, stale, ended };

struct SendReply {
  SendAnswer answer = SendAnswer::ended;
  Version version;      // accepted: what it was given; stale: the floor
  bool leaves = false;  // a state has become pending where none was: somebody must fetch it
};

/// One state on its way to the engine, standing for `sends` that were sent.
struct PendingState {
  PayloadPtr payload;
  Version version;
  bool own_version = false;
  std::uint64_t sends = 1;
};

/// One election of one object: answers send() on the spot, from the floor as known here, and keeps the newest
/// state until it is fetched. The engine may know of a greater floor by then; what it says about that comes
/// back through raise_floor(). *loop-confined*
class SinkMachine {
 public:
  enum class Confirmation : std::uint8_t { not_asked, asked };
  SinkMachine(ObjectPtr object, Epoch epoch, Version floor, std::optional<State> current,
              Confirmation confirmation = Confirmation::not_asked)
      : object_(std::move(object)), epoch_(epoch), floor_(std::move(floor)), current_(std::move(current)) {
    if (confirmation == Confirmation::asked) tickets_.emplace();
  }

  /// `state.has_version()`: accepted above the floor, or at it as the first of a term. Without one: the
  /// greater of [epoch counter, 0] and the floor's successor.
  SendReply send(const State& state, std::uint64_t nth = 0);  ///< `nth`: what current() shows, if it is known
  std::optional<PendingState> fetch();

  void term_changed(Epoch epoch, const Version& floor);
  void raise_floor(const Version& floor);
  /// What the engine says of the state that was fetched, and of those before. Nothing happens unless confirmation was
  /// asked for.
  void published(SendAnswer answer, const Version& version);
  void published_again(const Version& version);
  void stale(const Version& floor);
  /// True: that is news to a reader.
  bool confirmed(const Version& version, std::uint64_t observers);
  /// The first reason stays. What is pending can still be fetched.
  void end(EndReason reason);

  const ObjectPtr& object() const { return object_; }
  Epoch epoch() const { return epoch_; }
  const Version& floor() const { return floor_; }
  const std::optional<State>& current() const { return current_; }
  EndReason end_reason() const { return end_; }
  const std::optional<Tickets>& tickets() const { return tickets_; }  ///< none: confirmation was not asked for
  std::uint64_t unfetched_sends() const { return unfetched_sends_; }

 private:
  ObjectPtr object_;
  Epoch epoch_;
  Version floor_;
  bool first_of_term_ = true;
  std::optional<State> current_;
  bool pending_ = false;  // current_ has not been fetched
  bool own_version_ = false;
  std::uint64_t unfetched_sends_ = 0;
  EndReason end_ = EndReason::none;
  std::optional<Tickets> tickets_;
};

}  // namespace mla::machines
