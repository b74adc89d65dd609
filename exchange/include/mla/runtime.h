#pragma once
#include <chrono>
#include <memory>

namespace mla {

namespace runtime {
class RuntimeCore;
}

struct RuntimeOptions {
  unsigned workers = 1;  ///< threads that carry exchanges, 1…256
  /// How long a worker looks for more, without a rest, before it sleeps; 0…1 s. While it looks it takes its whole processor, and
  /// what arrives need not wait for one to wake up.
  std::chrono::nanoseconds busy_poll{0};
};

/// For Runtime(mla::manual).
struct Manual {};
inline constexpr Manual manual{};

/// The threads on which exchanges live. Any number of exchanges share one; each stays on one worker. User
/// callbacks run on further threads, so that a slow one never delays an exchange. The threads end when the
/// Runtime and the last exchange made with it are gone.
///
/// A manual one has no thread: its exchanges move, and their callbacks run, inside poll_for(), and inside any
/// call that waits (next(), wait_linked_for(), Exchange::info(), closing …), which does the same until its wait
/// is over. Several threads may do so; one of them does the work at a time. *thread-safe*
class Runtime {
 public:
  explicit Runtime(RuntimeOptions options = {});  ///< throws Error: bad_option
  explicit Runtime(Manual);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// Manual: does what is due, callbacks included; when that is nothing, waits up to `limit` for it. What comes over the network
  /// meanwhile is for the next call, so that it returns however much comes. True when something was done. Throws
  /// Error: bad_option (this runtime has threads), would_deadlock (in a callback).
  bool poll_for(std::chrono::nanoseconds limit);
  /// Manual: for a loop of your own, readable when poll_for(0s) would do something (poll it for reading only; it
  /// belongs to the runtime). Throws Error: bad_option.
  int fd() const;

 private:
  friend class Exchange;
  std::shared_ptr<runtime::RuntimeCore> core_;
};

}  // namespace mla
