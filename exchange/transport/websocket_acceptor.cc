#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <list>
#include <utility>

#include "exchange/transport/tcp_listener.h"
#include "exchange/transport/unix_listener.h"
#include "exchange/transport/websocket.h"
#include "exchange/transport/websocket_upgrade.h"

namespace mla::transport {
namespace {

using Clock = std::chrono::steady_clock;

// Handshakes are kept in the order of their begin, which is also that of their deadlines: one timer is
// enough, and the oldest is the first.
template <class Listener>
class AcceptorOver final : public WebsocketAcceptor {
 public:
  AcceptorOver(const boost::asio::any_io_executor& executor, std::shared_ptr<Listener> listener,
               const Url& url, AcceptOptions options, OnLink on_link, LogHook log_hook)
      : url_(listener->bound(url)),
        options_(std::move(options)),
        on_link_(std::move(on_link)),
        log_(std::move(log_hook)),
        listener_(std::move(listener)),
        timer_(executor) {
    make_policy();
    listener_->start([this](Socket socket) { on_socket(std::move(socket)); },
                     [this](const std::string& what) {
                       ++counters_.accept_errors;
                       log(LogLevel::warning, "a connection could not be accepted: " + what);
                     });
  }

  ~AcceptorOver() override {
    listener_->stop();
    for (const auto& pending : pending_) pending.upgrade->cut();
  }

  const Url& url() const override { return url_; }

  AcceptCounters counters() const override {
    AcceptCounters result = counters_;
    result.links_now = *links_now_;
    result.handshakes_now = pending_.size();
    return result;
  }

  void set_limits(const Limits& limits) override {
    options_.limits = limits;
    make_policy();
  }

  void set_allowed(std::vector<std::string> origins, std::vector<std::string> hosts) override {
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

  // Links may be handed to other loops, hence atomic; and they may outlive this.
  using Count = std::shared_ptr<std::atomic<std::size_t>>;

  /// Handshakes under way keep the former one.
  void make_policy() {
    policy_ = std::make_shared<UpgradePolicy>(
        UpgradePolicy{.hosts = listener_->hosts(options_.allowed_hosts),
                      .allowed_origins = options_.allowed_origins,
                      .header_bytes = options_.header_bytes,
                      .link_options = WebsocketLinkOptions::from(options_.limits, options_.send_budget)});
  }

  std::shared_ptr<void> admit() {
    if (*links_now_ >= options_.limits.links) return nullptr;
    ++*links_now_;
    return std::shared_ptr<void>(links_now_.get(), [count = links_now_](void*) { --*count; });
  }

  void log(LogLevel level, const std::string& text) const {
    if (log_) log_(level, to_string(url_) + ": " + text);
  }

  void on_socket(Socket socket) {
    ++counters_.connections;
    const auto peer = peer_of(socket);
    while (!pending_.empty() && pending_.size() >= options_.limits.pending_handshakes) {
      ++counters_.handshakes_cut;
      log(LogLevel::warning,
          "too many handshakes are pending, the oldest, of " + pending_.front().peer + ", is cut");
      cut_oldest();
    }
    pending_.push_back({make_upgrade(std::move(socket), policy_), peer,
                        Clock::now() + options_.limits.handshake, false});
    const auto place = std::prev(pending_.end());
    if (pending_.size() == 1) arm();
    place->upgrade->start(
        [this] { return admit(); },
        [this, place](UpgradeOutcome outcome, std::unique_ptr<Link> link, const std::string& detail) {
          on_verdict(place, outcome, std::move(link), detail);
        },
        [this, place] { pending_.erase(place); });
  }

  void on_verdict(Place place, UpgradeOutcome outcome, std::unique_ptr<Link> link,
                  const std::string& detail) {
    if (link) {
      ++counters_.links;
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
        ++counters_.not_http;
        break;
      case UpgradeOutcome::plain_http:
        ++counters_.plain_http;
        break;
      case UpgradeOutcome::bad_handshake:
        ++counters_.bad_handshake;
        break;
      case UpgradeOutcome::bad_host:
        ++counters_.bad_host;
        break;
      case UpgradeOutcome::bad_origin:
        ++counters_.bad_origin;
        break;
      case UpgradeOutcome::bad_subprotocol:
        ++counters_.bad_subprotocol;
        break;
      case UpgradeOutcome::too_many_links:
        ++counters_.too_many_links;
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
          ++counters_.handshake_timeouts;
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
  AcceptCounters counters_;
  std::shared_ptr<const UpgradePolicy> policy_;
  Count links_now_ = std::make_shared<std::atomic<std::size_t>>(0);
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

Result<std::unique_ptr<WebsocketAcceptor>> WebsocketAcceptor::listen(boost::asio::any_io_executor executor,
                                                                     const Url& url, AcceptOptions options,
                                                                     OnLink on_link, LogHook log,
                                                                     std::string* why) {
  const auto start = [&](auto listener) -> Result<std::unique_ptr<WebsocketAcceptor>> {
    if (!listener) return listener.error();
    using Listener = typename std::decay_t<decltype(*listener)>::element_type;
    return std::unique_ptr<WebsocketAcceptor>(std::make_unique<AcceptorOver<Listener>>(
        executor, *std::move(listener), url, std::move(options), std::move(on_link), std::move(log)));
  };
  if (!url.socket.empty()) return start(UnixListener::open(executor, url.socket, why));
  return start(TcpListener::open(executor, url.host, url.port, why));
}

}  // namespace mla::transport
