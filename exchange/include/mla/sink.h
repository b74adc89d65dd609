#pragma once
#include <mla/descriptor.h>
#include <mla/epoch.h>
#include <mla/error.h>
#include <mla/standing.h>
#include <mla/state.h>
#include <mla/version.h>
#include <mla/wait.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mla {

namespace facade {
class SinkHandle;
}

enum class SendOutcome : std::uint8_t {
  accepted,
  stale,    ///< the producer's own version is not newer than one known in the tree
  ended,    ///< the sink has ended
  refused,  ///< the state itself cannot be sent: see SendResult::error
};
std::string_view to_string(SendOutcome outcome);

struct SendResult {
  SendOutcome outcome = SendOutcome::ended;
  Version version;                  ///< accepted: the one it has; stale: the one it must exceed
  ErrorCode error = ErrorCode::ok;  ///< refused: state_too_large, bad_format, bad_version; stale; ended
  explicit operator bool() const { return outcome == SendOutcome::accepted; }
};

enum class ConfirmOutcome : std::uint8_t {
  confirmed,  ///< all who observe hold the state or a newer one
  timed_out,  ///< not all, yet
  stale,      ///< the producer's own version is behind what others hold, so it never will be
  ended,      ///< the sink has ended before
  refused,    ///< see ConfirmResult::error
};
std::string_view to_string(ConfirmOutcome outcome);

struct ConfirmResult {
  ConfirmOutcome outcome = ConfirmOutcome::refused;
  /// Exchanges that observe the object and hold it, at last count; this process's own is one if it observes, too.
  std::uint64_t observers = 0;
  /// timed_out, stale, ended; refused: bad_option (the contract was made without with_confirmation()), bad_version (never
  /// sent by this sink), busy, would_deadlock.
  ErrorCode error = ErrorCode::ok;
  explicit operator bool() const { return outcome == ConfirmOutcome::confirmed; }
};

/// Where an elected exposer puts the states of one object. Lasts from election to its end, whether or not the
/// handle is kept: letting go of it neither ends the election nor makes the contract hand out another.
/// *thread-safe*
class StateSink {
 public:
  const ObjectDescriptor& object() const;
  const ObjectPtr& object_ptr() const;
  Epoch epoch() const;  ///< the present term; may rise while the sink goes on

  /// Answers at once and never blocks: a newer state takes the place of one that has not left yet. Without an
  /// own version (State::with_version) the default one is made: the greater of [epoch counter, 0] and the
  /// floor's successor. A default version may be replaced by a greater one when another exposer's state
  /// became known meanwhile.
  SendResult send(State state);

  /// The newest state known, of this or another exposer, for producers that go on from it. Only what was
  /// known here at election if the contract was made with_current(); what was sent since in any case.
  std::optional<State> current() const;

  /// Waits until every exchange that observes the object and is linked holds the state that send() answered with
  /// `version`, or a newer one, complete. Those that are cut off are not waited for, nor those that begin to observe
  /// later. For contracts made with_confirmation(). Beside wait_end_for(), one thread waits at a time.
  ConfirmResult confirm(const Version& version, std::chrono::nanoseconds limit = std::chrono::seconds(10));
  /// How many exchanges hold the newest confirmed state; follows those that come and go. nullopt: none is confirmed yet,
  /// or the contract was made without with_confirmation().
  std::optional<std::uint64_t> observers() const;

  /// Gives the object back: others are tried, this contract is left out for it for `retry_after`. The sink
  /// ends at once.
  void decline(std::string_view reason, std::chrono::milliseconds retry_after = std::chrono::seconds(1));

  EndReason end_reason() const;  ///< none while it lasts
  /// Waits for the end; true when it has come. Throws Error: busy, would_deadlock.
  bool wait_end_for(std::chrono::nanoseconds limit) const;
  /// The same for coroutines (<mla/asio.h>); completes with a Next<EndReason>.
  template <class Token>
  auto async_end(Token&& token);

  // For the exchange's own layers.
  explicit StateSink(std::shared_ptr<facade::SinkHandle> handle);

 private:
  detail::AsyncSource<EndReason> source();
  std::shared_ptr<facade::SinkHandle> handle_;
};

}  // namespace mla
