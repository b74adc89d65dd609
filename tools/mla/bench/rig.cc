#include "tools/mla/bench/rig.h"

#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "contracts/quantity.h"
#include "tools/mla/bench/sockets.h"
#include "tools/mla/session.h"

namespace mla::cli::bench {
namespace {

using namespace std::chrono_literals;

// How often a generator that is never idle looks whether it should end.
constexpr auto kLook = 10ms;
// A process that is killed closes its sockets before it has ended, in milliseconds.
constexpr int kMoment = 200;

[[noreturn]] void router_ended(RouterProcess& router) {
  throw Failed(ExitCode::failed, "the router ended while measuring, with " + router.how_it_ended());
}

}  // namespace

Rig::Rig(const Options& options)
    : options_(options), signal_fd_(open_ending_signals()), known_(tcp_connections()) {
  ::prctl(PR_SET_TIMERSLACK, 1000);  // 50 µs otherwise, which would be part of each latency
}

Rig::~Rig() {
  // Nobody reads what they still have to say, and the router is about to end.
  for (Peer& peer : peers_) {
    if (!peer.connector) continue;  // its URL was refused
    peer.connector->on_status({});
    peer.connector->close();
    peer.exchange.close();
  }
  peers_.clear();
  ::close(signal_fd_);
}

std::string Rig::router(const BenchOptions& bench, const Limits& limits) {
  if (!options_.url_given) return own_router(bench, limits);
  router_pids_.push_back(bench.router_pid);
  return options_.url;
}

std::string Rig::own_router(const BenchOptions& bench, const Limits& limits, const std::string& parent) {
  const RouterProcess& router = routers_.emplace_back(find_router(bench.router), limits, parent);
  router_pids_.emplace_back(router.pid());
  return router.url();
}

Runtime& Rig::apart() {
  if (!apart_) apart_ = std::make_unique<Runtime>(manual);
  return *apart_;
}

Peer& Rig::add(const std::string& url, const std::string& name, const Limits& limits, bool apart) {
  if (!runtime_) runtime_ = std::make_unique<Runtime>(manual);
  Runtime& runtime = apart ? this->apart() : *runtime_;
  Peer& peer =
      peers_.emplace_back(Peer{Exchange(runtime, ExchangeOptions{.name = name, .limits = limits}), url, {}});
  peer.connector = std::make_unique<WebsocketConnector>(peer.exchange, url);
  peer.connector->on_status([this, &peer](const ConnectorStatus& status) { on_status(peer, status); });
  return peer;
}

void Rig::on_status(Peer& peer, const ConnectorStatus& status) {
  if (status.status == LinkStatus::linked) {
    if (peer.linked) return;
    ++linked_;
    peer.linked = true;
    peer.linked_at = Clock::now();
    return;
  }
  if (status.error == ErrorCode::ok && !peer.linked) return;
  std::string why = status.detail.empty() ? std::string(describe(status.error)) : status.detail;
  if (why.starts_with(peer.url + ": ")) why.erase(0, peer.url.size() + 2);
  if (failed_) return;
  if (peer.linked)
    failed_ = Failed(ExitCode::failed, "lost the link to " + peer.url + " while measuring: " + why);
  else if (group(status.error) == ErrorGroup::denied)
    failed_ = Failed(ExitCode::denied, "cannot connect to " + peer.url + ": " + why);
  else if (options_.timeout)  // it is tried again
    why_ = ": " + why;
  else
    failed_ = Failed(ExitCode::cannot_connect, "cannot connect to " + peer.url + ": " + why);
}

Sockets Rig::link_all() {
  const nanoseconds limit = options_.timeout.value_or(10s + 2ms * peers_.size());
  if (!turn_until([this] { return linked_ == peers_.size(); }, limit))
    throw Failed(ExitCode::cannot_connect, "cannot connect: " + std::to_string(linked_) + " of " +
                                               std::to_string(peers_.size()) + " links are up after " +
                                               format_duration(limit) + why_);
  Sockets all = tcp_connections(), added;
  std::set_difference(all.begin(), all.end(), known_.begin(), known_.end(), std::back_inserter(added));
  known_ = std::move(all);
  if (added.size() != peers_.size() - told_) added.clear();
  told_ = peers_.size();
  return added;
}

/// Sleeps while nothing is to do, and ends what makes no sense any more.
void Rig::watch(nanoseconds limit) {
  std::vector<pollfd> fds{{signal_fd_, POLLIN, 0}};
  for (const RouterProcess& router : routers_) fds.push_back({router.pid_fd(), POLLIN, 0});
  if (runtime_) fds.push_back({runtime_->fd(), POLLIN, 0});
  if (apart_ && !paused_) fds.push_back({apart_->fd(), POLLIN, 0});
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(limit);
  const timespec wait{whole.count(), static_cast<long>((limit - whole).count())};
  ::ppoll(fds.data(), fds.size(), &wait, nullptr);
  watched_ = Clock::now();
  if (fds[0].revents != 0) throw Failed(ExitCode::interrupted, "interrupted");
  std::size_t i = 1;
  for (RouterProcess& router : routers_)
    if (fds[i++].revents != 0) router_ended(router);
}

void Rig::lost_link() {
  // That the router ended says more, and may be known a moment later.
  for (RouterProcess& router : routers_)
    if (pollfd fd{router.pid_fd(), POLLIN, 0}; ::poll(&fd, 1, kMoment) > 0) router_ended(router);
  throw *failed_;
}

void Rig::turn(Clock::time_point until) {
  bool did = runtime_ && runtime_->poll_for(0ns);
  if (apart_ && !paused_) did = apart_->poll_for(0ns) || did;
  if (failed_) lost_link();
  const auto now = Clock::now();
  if (!did)
    watch(std::max<nanoseconds>(until - now, 0ns));
  else if (now - watched_ > kLook)
    watch(0ns);
}

bool Rig::turn_until(const std::function<bool()>& condition, nanoseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (!condition()) {
    if (Clock::now() >= deadline) return false;
    turn(deadline);
  }
  return true;
}

}  // namespace mla::cli::bench
