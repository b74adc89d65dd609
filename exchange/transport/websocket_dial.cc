#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/websocket/error.hpp>
#include <string>
#include <utility>
#include <vector>

#include "exchange/transport/refusal.h"
#include "exchange/transport/websocket.h"
#include "exchange/transport/websocket_tcp.h"

namespace mla::transport {
namespace {

namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::asio::ip::tcp;
using boost::system::error_code;

// Look-up, connection, handshake, one after the other, under one deadline. Ends once, with on_done_, unless
// cancelled.
class TcpDial : public std::enable_shared_from_this<TcpDial> {
 public:
  TcpDial(const boost::asio::any_io_executor& executor, Url url, ConnectOptions options,
          ConnectCallback callback)
      : url_(std::move(url)),
        options_(std::move(options)),
        callback_(std::move(callback)),
        deadline_(executor),
        resolver_(executor),
        stream_(std::make_unique<TcpWebsocket>(executor)) {}

  void start() {
    deadline_.expires_after(options_.timeout);
    deadline_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) self->on_deadline();
    });
    error_code not_an_address;
    const auto address = boost::asio::ip::make_address(url_.host, not_an_address);
    if (!not_an_address) return connect({tcp::endpoint(address, url_.port)});
    // Never looked up (RFC 6761 §6.3): a bare machine or container may have no hosts file.
    if (url_.host == "localhost") {
      return connect({tcp::endpoint(boost::asio::ip::address_v4::loopback(), url_.port),
                      tcp::endpoint(boost::asio::ip::address_v6::loopback(), url_.port)});
    }
    // getaddrinfo in a thread of Asio's. It cannot be interrupted, but nobody waits for it.
    resolver_.async_resolve(
        url_.host, std::to_string(url_.port), tcp::resolver::numeric_service,
        [self = shared_from_this()](const error_code& error, const tcp::resolver::results_type& found) {
          if (!self->callback_) return;
          if (error)
            return self->fail(ErrorCode::cannot_connect, "the host is not known: " + error.message());
          self->connect({found.begin(), found.end()});
        });
  }

  void cancel() {
    callback_ = {};
    end();
  }

 private:
  void connect(std::vector<tcp::endpoint> endpoints) {
    endpoints_ = std::move(endpoints);
    boost::asio::async_connect(stream_->next_layer(), endpoints_,
                               [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
                                 if (!self->callback_) return;
                                 if (error) return self->fail(ErrorCode::cannot_connect, error.message());
                                 self->shake_hands();
                               });
  }

  void shake_hands() {
    connected_ = true;
    set_link_options(stream_->next_layer());
    stream_->set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
      request.set(http::field::sec_websocket_protocol, kSubprotocol);
      request.set(http::field::user_agent, "mla");
    }));
    stream_->async_handshake(response_, host_and_port(url_.host, url_.port), url_.path,
                             [self = shared_from_this()](const error_code& error) {
                               if (self->callback_) self->on_handshake(error);
                             });
  }

  void on_handshake(const error_code& error) {
    if (error == websocket::error::upgrade_declined) return on_declined();
    if (error) return fail(ErrorCode::not_a_websocket_peer, error.message());
    const auto protocol = response_[http::field::sec_websocket_protocol];
    if (protocol != kSubprotocol) {
      return fail(ErrorCode::bad_subprotocol, "the peer agreed to the subprotocol '" +
                                                  std::string(protocol.data(), protocol.size()) +
                                                  "' instead of mla.v1");
    }
    auto link =
        make_tcp_link(std::move(stream_), WebsocketLinkOptions::from(options_.limits, options_.send_budget));
    done(Result<std::unique_ptr<Link>>(std::move(link)), {});
  }

  void on_declined() {
    const auto header = response_[kRefusalHeader];
    if (const auto refusal = from_refusal({header.data(), header.size()})) {
      return fail(refusal->first, "refused: " + refusal->second);
    }
    const auto reason = response_.reason();
    fail(ErrorCode::not_a_websocket_peer, "it answered HTTP " + std::to_string(response_.result_int()) + " " +
                                              std::string(reason.data(), reason.size()));
  }

  void on_deadline() {
    if (!callback_) return;
    if (connected_)
      fail(ErrorCode::handshake_timeout, "no answer to the WebSocket handshake in time");
    else
      fail(ErrorCode::cannot_connect, "no connection in time");
  }

  void fail(ErrorCode code, const std::string& reason) { done(code, to_string(url_) + ": " + reason); }

  void done(Result<std::unique_ptr<Link>> link, const std::string& detail) {
    const auto callback = std::exchange(callback_, {});
    end();
    callback(std::move(link), detail);
  }

  void end() {
    deadline_.cancel();
    resolver_.cancel();
    if (!stream_) return;
    error_code ignored;
    stream_->next_layer().close(ignored);
  }

  const Url url_;
  const ConnectOptions options_;
  ConnectCallback callback_;  // empty: ended
  boost::asio::steady_timer deadline_;
  tcp::resolver resolver_;
  std::unique_ptr<TcpWebsocket> stream_;  // moves into the link
  std::vector<tcp::endpoint> endpoints_;
  websocket::response_type response_;
  bool connected_ = false;
};

class DialHandle final : public Dial {
 public:
  explicit DialHandle(std::shared_ptr<TcpDial> dial) : dial_(std::move(dial)) {}
  ~DialHandle() override { dial_->cancel(); }

 private:
  std::shared_ptr<TcpDial> dial_;
};

}  // namespace

std::unique_ptr<Dial> websocket_connect(boost::asio::any_io_executor executor, const Url& url,
                                        ConnectOptions options, ConnectCallback callback) {
  auto dial = std::make_shared<TcpDial>(executor, url, std::move(options), std::move(callback));
  dial->start();
  return std::make_unique<DialHandle>(std::move(dial));
}

}  // namespace mla::transport
