#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <list>
#include <mutex>
#include <utility>

#include "exchange/transport/tcp_listener.h"
#include "exchange/transport/unix_listener.h"
#include "exchange/transport/websocket.h"
#include "exchange/transport/websocket_upgrade.h"

namespace mla::transport {
namespace {

using Clock = std::chrono::steady_clock;

/// What all loops of a listener have seen together. *thread-safe*
class Tally {
 public:
  void add(std::uint64_t AcceptCounters::* counter) {
    std::lock_guard lock(mutex_);
    ++(counters_.*counter);
  }
  AcceptCounters get() const {
    std::lock_guard lock(mutex_);
    AcceptCounters result = counters_;
    result.links_now = links_now_;
    return result;
  }
  /// A place among the links, kept as long as what is returned; none is left: null.
  static std::shared_ptr<void> admit(const std::shared_ptr<Tally>& tally, std::uint64_t limit) {
    if (tally->links_now_.fetch_add(1) >= limit) {
      --tally->links_now_;
      return nullptr;
    }
    return std::shared_ptr<void>(tally.get(), [tally](void*) { --tally->links_now_; });
  }

 private:
  mutable std::mutex mutex_;
  AcceptCounters counters_;
  std::atomic<std::size_t> links_now_{0};
};

/// Connections and links that a loop has of a listener.
using Load = std::shared_ptr<std::atomic<std::size_t>>;

/// A connection on its way to another loop. It is closed when it does not arrive.
template <class Socket>
class Parcel {
 public:
  explicit Parcel(Socket socket) {
    boost::system::error_code error;
    protocol_ = socket.local_endpoint(error).protocol();
    if (!error) descriptor_ = socket.release(error);
    if (error) descriptor_ = -1;
  }
  ~Parcel() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Parcel(const Parcel&) = delete;
  Parcel& operator=(const Parcel&) = delete;

  /// The connection on that loop, or a closed socket: it was reset meanwhile.
  Socket open(const LoopExecutor& executor) {
    Socket socket(executor);
    boost::system::error_code error;
    if (descriptor_ >= 0) socket.assign(protocol_, descriptor_, error);
    if (!error) descriptor_ = -1;
    return socket;
  }

 private:
  typename Socket::protocol_type protocol_{typename Socket::endpoint_type().protocol()};
  int descriptor_ = -1;
};

// Handshakes are kept in the order of their begin, which is also that of their deadlines: one timer is
// enough, and the oldest is the first.
template <class Listener>
class AcceptorOver final : public WebsocketAcceptor {
 public:
  AcceptorOver(const LoopExecutor& executor, std::shared_ptr<Listener> listener,
               const Url& url, AcceptOptions options, OnLink on_link, LogHook log_hook,
               std::shared_ptr<Tally> tally)
      : url_(url),
        options_(std::move(options)),
        on_link_(std::move(on_link)),
        log_(std::move(log_hook)),
        tally_(std::move(tally)),
        executor_(executor),
        listener_(std::move(listener)),
        timer_(executor) {
    make_policy();
  }
  ~AcceptorOver() override { stop(); }

  /// This is the loop that accepts; the others are its hands.
  void start(const std::vector<AcceptHand>& hands) {
    accepts_ = true;
    for (const AcceptHand& hand : hands)
      hands_.push_back(std::make_shared<AcceptorOver>(hand.executor, listener_, url_, options_, hand.on_link, log_, tally_));
    listener_->start([this](Socket socket) { on_socket(std::move(socket)); },
                     [this](const std::string& what) {
                       tally_->add(&AcceptCounters::accept_errors);
                       log(LogLevel::warning, "a connection could not be accepted: " + what);
                     });
  }

  const Url& url() const override { return url_; }

  AcceptCounters counters() const override {
    AcceptCounters result = tally_->get();
    result.handshakes_now = pending_.size();
    return result;
  }

  void set_limits(const Limits& limits) override {
    options_.limits = limits;
    make_policy();
    for (const auto& hand : hands_) boost::asio::post(hand->executor_, [hand, limits] { hand->set_limits(limits); });
  }

  void set_allowed(std::vector<std::string> origins, std::vector<std::string> hosts) override {
    for (const auto& hand : hands_)
      boost::asio::post(hand->executor_, [hand, origins, hosts] { hand->set_allowed(origins, hosts); });
    options_.allowed_origins = std::move(origins);
    options_.allowed_hosts = std::move(hosts);
    make_policy();
  }

 private:
  using Socket = typename Listener::Socket;
  struct Pending {
    std::shared_ptr<WebsocketUpgrade> upgrade;
    std::string peer;
    Clock::time_point deadline;
    bool refused = false;  // its answer is on the way
  };
  using Place = typename std::list<Pending>::iterator;

  /// Ends all that has not become a link. On its own loop, as everything but the choice of the loop.
  void stop() {
    if (std::exchange(stopped_, true)) return;
    if (accepts_) listener_->stop();
    for (auto& pending : std::exchange(pending_, {})) pending.upgrade->cut();
    timer_.cancel();
    on_link_ = {};
    for (const auto& hand : std::exchange(hands_, {}))
      boost::asio::post(hand->executor_, [hand] { hand->stop(); });
  }

  /// Handshakes under way keep the former one.
  void make_policy() {
    policy_ = std::make_shared<UpgradePolicy>(
        UpgradePolicy{.hosts = listener_->hosts(options_.allowed_hosts),
                      .allowed_origins = options_.allowed_origins,
                      .header_bytes = options_.header_bytes,
                      .link_options = WebsocketLinkOptions::from(options_.limits, options_.send_budget)});
  }

  /// A place among what this loop carries, kept as long as what is returned.
  std::shared_ptr<void> carry() {
    ++*load_;
    return std::shared_ptr<void>(load_.get(), [load = load_](void*) { --*load; });
  }

  std::shared_ptr<void> admit(const std::shared_ptr<void>& carried) {
    auto place = Tally::admit(tally_, options_.limits.links);
    if (!place) return nullptr;
    return std::make_shared<std::pair<std::shared_ptr<void>, std::shared_ptr<void>>>(std::move(place), carried);
  }

  void log(LogLevel level, const std::string& text) const {
    if (log_) log_(level, to_string(url_) + ": " + text);
  }

  void on_socket(Socket socket) {
    tally_->add(&AcceptCounters::connections);
    const auto fewest = std::min_element(hands_.begin(), hands_.end(),
                                         [](const auto& a, const auto& b) { return *a->load_ < *b->load_; });
    if (fewest == hands_.end() || *load_ <= *(*fewest)->load_) return shake_hands(std::move(socket), carry());
    // Counted from now on, or a burst of connections would all go to the same one.
    boost::asio::post((*fewest)->executor_, [hand = *fewest, carried = (*fewest)->carry(),
                                             parcel = std::make_shared<Parcel<Socket>>(std::move(socket))] {
      if (hand->stopped_) return;
      if (auto arrived = parcel->open(hand->executor_); arrived.is_open())
        hand->shake_hands(std::move(arrived), carried);
    });
  }

  void shake_hands(Socket socket, std::shared_ptr<void> carried) {
    const auto peer = peer_of(socket);
    while (!pending_.empty() && pending_.size() >= options_.limits.pending_handshakes) {
      tally_->add(&AcceptCounters::handshakes_cut);
      log(LogLevel::warning,
          "too many handshakes are pending, the oldest, of " + pending_.front().peer + ", is cut");
      cut_oldest();
    }
    pending_.push_back({make_upgrade(std::move(socket), policy_), peer,
                        Clock::now() + options_.limits.handshake, false});
    const auto place = std::prev(pending_.end());
    if (pending_.size() == 1) arm();
    place->upgrade->start(
        [this, carried] { return admit(carried); },
        [this, place](UpgradeOutcome outcome, std::unique_ptr<Link> link, const std::string& detail) {
          on_verdict(place, outcome, std::move(link), detail);
        },
        [this, place] { pending_.erase(place); });
  }

  void on_verdict(Place place, UpgradeOutcome outcome, std::unique_ptr<Link> link,
                  const std::string& detail) {
    if (link) {
      tally_->add(&AcceptCounters::links);
      const auto on_link = on_link_;  // may destroy us
      return on_link(std::move(link));
    }
    place->refused = true;
    count(outcome);
    log(LogLevel::info, "a connection from " + place->peer + " was refused: " + detail);
  }

  void count(UpgradeOutcome outcome) {
    switch (outcome) {
      case UpgradeOutcome::link:
        break;
      case UpgradeOutcome::not_http:
        tally_->add(&AcceptCounters::not_http);
        break;
      case UpgradeOutcome::plain_http:
        tally_->add(&AcceptCounters::plain_http);
        break;
      case UpgradeOutcome::bad_handshake:
        tally_->add(&AcceptCounters::bad_handshake);
        break;
      case UpgradeOutcome::bad_host:
        tally_->add(&AcceptCounters::bad_host);
        break;
      case UpgradeOutcome::bad_origin:
        tally_->add(&AcceptCounters::bad_origin);
        break;
      case UpgradeOutcome::bad_subprotocol:
        tally_->add(&AcceptCounters::bad_subprotocol);
        break;
      case UpgradeOutcome::too_many_links:
        tally_->add(&AcceptCounters::too_many_links);
        break;
    }
  }

  void cut_oldest() {
    pending_.front().upgrade->cut();
    pending_.pop_front();
  }

  void arm() {
    if (pending_.empty()) return;
    timer_.expires_at(pending_.front().deadline);
    timer_.async_wait([this, alive = std::weak_ptr<void>(alive_)](const boost::system::error_code& error) {
      if (error || alive.expired()) return;
      while (!pending_.empty() && pending_.front().deadline <= Clock::now()) {
        if (!pending_.front().refused) {
          tally_->add(&AcceptCounters::handshake_timeouts);
          log(LogLevel::info, "the handshake of " + pending_.front().peer + " took too long");
        }
        cut_oldest();
      }
      arm();
    });
  }

  Url url_;
  AcceptOptions options_;
  OnLink on_link_;
  LogHook log_;
  const std::shared_ptr<Tally> tally_;
  const LoopExecutor executor_;
  const Load load_ = std::make_shared<std::atomic<std::size_t>>(0);
  bool accepts_ = false, stopped_ = false;
  std::vector<std::shared_ptr<AcceptorOver>> hands_;
  std::shared_ptr<const UpgradePolicy> policy_;
  std::shared_ptr<void> alive_ =
      std::make_shared<char>();  // for a timer that fired before this was destroyed
  std::list<Pending> pending_;
  std::shared_ptr<Listener> listener_;
  boost::asio::steady_timer timer_;
};

}  // namespace

AcceptCounters& AcceptCounters::operator+=(const AcceptCounters& other) {
  connections += other.connections;
  links += other.links;
  links_now += other.links_now;
  handshakes_now += other.handshakes_now;
  handshake_timeouts += other.handshake_timeouts;
  handshakes_cut += other.handshakes_cut;
  not_http += other.not_http;
  plain_http += other.plain_http;
  bad_handshake += other.bad_handshake;
  bad_host += other.bad_host;
  bad_origin += other.bad_origin;
  bad_subprotocol += other.bad_subprotocol;
  too_many_links += other.too_many_links;
  accept_errors += other.accept_errors;
  return *this;
}

Result<std::unique_ptr<WebsocketAcceptor>> WebsocketAcceptor::listen(LoopExecutor executor,
                                                                     const Url& url, AcceptOptions options,
                                                                     OnLink on_link, LogHook log,
                                                                     std::string* why,
                                                                     const std::vector<AcceptHand>& hands) {
  const auto start = [&](auto listener) -> Result<std::unique_ptr<WebsocketAcceptor>> {
    if (!listener) return listener.error();
    using Listener = typename std::decay_t<decltype(*listener)>::element_type;
    const Url bound = (*listener)->bound(url);
    auto made = std::make_unique<AcceptorOver<Listener>>(executor, *std::move(listener), bound, std::move(options),
                                                         std::move(on_link), std::move(log), std::make_shared<Tally>());
    made->start(hands);
    return std::unique_ptr<WebsocketAcceptor>(std::move(made));
  };
  if (!url.socket.empty()) return start(UnixListener::open(executor, url.socket, why));
  return start(TcpListener::open(executor, url.host, url.port, why));
}

}  // namespace mla::transport
