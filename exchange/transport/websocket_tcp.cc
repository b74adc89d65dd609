// WebSockets over TCP: all that is instantiated for this kind of socket.
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <vector>

#include "exchange/transport/websocket_dial.h"
#include "exchange/transport/websocket_dial_impl.h"
#include "exchange/transport/websocket_upgrade_impl.h"

namespace mla::transport {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int kUnsentBytes = 64 << 10;
constexpr std::chrono::milliseconds kLookUpTick{20};

class TcpDial final : public DialOver<tcp> {
 public:
  TcpDial(const LoopExecutor& executor, const Url& url, ConnectOptions options,
          ConnectCallback callback)
      : DialOver(executor, url, host_and_port(url.host, url.port), std::move(options), std::move(callback)),
        resolver_(executor),
        looking_up_(executor) {}

 private:
  std::shared_ptr<TcpDial> self() { return std::static_pointer_cast<TcpDial>(shared_from_this()); }

  void reach() override {
    error_code not_an_address;
    const auto address = boost::asio::ip::make_address(url().host, not_an_address);
    if (!not_an_address) return connect({tcp::endpoint(address, url().port)});
    // Never looked up (RFC 6761 §6.3): a bare machine or container may have no hosts file.
    if (url().host == "localhost") {
      return connect({tcp::endpoint(boost::asio::ip::address_v4::loopback(), url().port),
                      tcp::endpoint(boost::asio::ip::address_v6::loopback(), url().port)});
    }
    // getaddrinfo in a thread of Asio's. It cannot be interrupted, but nobody waits for it.
    resolver_.async_resolve(
        url().host, std::to_string(url().port), tcp::resolver::numeric_service,
        [self = self()](const error_code& error, const tcp::resolver::results_type& found) {
          self->looking_up_.cancel();
          if (self->ended()) return;
          if (error)
            return self->fail(ErrorCode::cannot_connect, "the host is not known: " + error.message());
          self->connect({found.begin(), found.end()});
        });
    tick();
  }

  /// The thread that looks up posts to the loop without waking its reactor. Whoever drives the loop by hand,
  /// when its descriptor tells him to, would not hear of it.
  void tick() {
    looking_up_.expires_after(kLookUpTick);
    looking_up_.async_wait([self = self()](const error_code& error) {
      if (!error && !self->ended()) self->tick();
    });
  }

  void connect(std::vector<tcp::endpoint> endpoints) {
    endpoints_ = std::move(endpoints);
    boost::asio::async_connect(
        socket(), endpoints_,
        [self = self()](const error_code& error, const tcp::endpoint&) { self->on_connected(error); });
  }

  void stop_reaching() override {
    resolver_.cancel();
    looking_up_.cancel();
  }

  tcp::resolver resolver_;
  boost::asio::steady_timer looking_up_;
  std::vector<tcp::endpoint> endpoints_;
};

}  // namespace

void set_link_options(StreamSocket<tcp>& socket) {
  // A socket that was reset meanwhile refuses; its first read will tell.
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytes, sizeof(kUnsentBytes));
}

std::string peer_of(const StreamSocket<tcp>& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "gone";
  return host_and_port(endpoint.address().to_string(), endpoint.port());
}

std::shared_ptr<WebsocketUpgrade> make_upgrade(StreamSocket<tcp> socket,
                                               std::shared_ptr<const UpgradePolicy> policy, std::string_view heard) {
  return std::make_shared<UpgradeOver<tcp>>(std::move(socket), std::move(policy), heard);
}

std::unique_ptr<Dial> tcp_connect(const LoopExecutor& executor, const Url& url,
                                  ConnectOptions options, ConnectCallback callback) {
  return std::make_unique<DialHandle<TcpDial>>(
      std::make_shared<TcpDial>(executor, url, std::move(options), std::move(callback)));
}

}  // namespace mla::transport
