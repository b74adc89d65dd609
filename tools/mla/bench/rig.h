#pragma once
#include <mla/connector.h>
#include <mla/exchange.h>

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/mla/bench/router_process.h"
#include "tools/mla/exit_code.h"
#include "tools/mla/options.h"

namespace mla::cli::bench {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

inline nanoseconds seconds(double s) {
  return std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(s));
}
inline double in_seconds(nanoseconds d) {
  return std::chrono::duration<double>(d).count();
}

/// An exchange of the generator, with its own link. *loop-confined*
struct Peer {
  Exchange exchange;
  std::string url;
  std::unique_ptr<WebsocketConnector> connector;
  bool linked = false;
  Clock::time_point linked_at{};
};

/// Descriptors of some of the generator's ends of links; none unless all of them are TCP.
using Sockets = std::vector<int>;

/// The generator: routers that it started, and any number of linked exchanges on one thread. Whoever measures
/// calls turn() again and again; nothing moves otherwise. *loop-confined*
class Rig {
 public:
  explicit Rig(const Options& options);
  ~Rig();
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  /// Starts one, unless there is one to be used: --url. Returns where to link to. Call it before add().
  std::string router(const BenchOptions& bench, const Limits& limits);
  /// Starts one in any case.
  std::string own_router(const BenchOptions& bench, const Limits& limits, const std::string& parent = {});
  /// Whose CPU is to be told, in the order in which they were asked for; none when it is not ours and nobody
  /// said it.
  const std::vector<std::optional<pid_t>>& routers() const { return router_pids_; }
  std::optional<pid_t> router_pid() const { return router_pids_.front(); }

  /// Begins to dial. `apart`: on a second runtime, which can be paused.
  Peer& add(const std::string& url, const std::string& name, const Limits& limits, bool apart = false);
  /// Until all that were added are linked. Returns the ends of links that were made since the last call: who
  /// wants to tell some from others adds and links them by themselves. Throws Failed: cannot_connect, denied.
  Sockets link_all();
  std::size_t linked() const { return linked_; }
  /// While paused, exchanges apart neither read nor write nor say that they live.
  void pause(bool paused) { paused_ = paused; }

  /// Does what is due, else sleeps until then. Throws Failed when that makes no sense any more: interrupted,
  /// a link lost, a router gone.
  void turn(Clock::time_point until);
  /// False when it does not hold in time.
  bool turn_until(const std::function<bool()>& condition, nanoseconds limit);

 private:
  Runtime& apart();
  void on_status(Peer& peer, const ConnectorStatus& status);
  void watch(nanoseconds limit);
  [[noreturn]] void lost_link();

  const Options& options_;
  int signal_fd_ = -1;
  std::list<RouterProcess> routers_;
  std::vector<std::optional<pid_t>> router_pids_;
  std::unique_ptr<Runtime> runtime_, apart_;  // after routers: a process with threads does not fork
  bool paused_ = false;
  std::list<Peer> peers_;
  std::size_t linked_ = 0;
  Sockets known_;         // ascending
  std::size_t told_ = 0;  // of peers_, by link_all()
  Clock::time_point watched_{};
  std::string why_;  // the last attempt to link failed
  std::optional<Failed> failed_;
};

}  // namespace mla::cli::bench
