#pragma once
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket/error.hpp>
#include <memory>
#include <string>
#include <utility>

#include "exchange/transport/refusal.h"
#include "exchange/transport/websocket.h"
#include "exchange/transport/websocket_session.h"
#include "exchange/transport/websocket_stream.h"
#include "exchange/transport/websocket_upgrade.h"

namespace mla::transport {

/// Connection and handshake, one after the other, under one deadline; how the peer is reached is said by the
/// class for its kind of socket. Ends once, with the callback, unless cancelled. Instantiated once per kind,
/// in that kind's own file. *loop-confined*
template <class Protocol>
class DialOver : public std::enable_shared_from_this<DialOver<Protocol>> {
 public:
  /// `host`: what is said in the Host header.
  DialOver(const LoopExecutor& executor, Url url, std::string host, ConnectOptions options,
           ConnectCallback callback)
      : url_(std::move(url)),
        host_(std::move(host)),
        options_(std::move(options)),
        callback_(std::move(callback)),
        deadline_(executor),
        stream_(std::make_unique<Stream>(executor)) {}
  virtual ~DialOver() = default;

  void start() {
    deadline_.expires_after(options_.timeout);
    deadline_.async_wait([self = this->shared_from_this()](const error_code& error) {
      if (!error) self->on_deadline();
    });
    reach();
  }

  void cancel() {
    callback_ = {};
    end();
  }

 protected:
  using Stream = LinkStream<Protocol>;
  using error_code = boost::system::error_code;

  /// Begins to connect socket(), and ends in on_connected() or fail().
  virtual void reach() = 0;
  virtual void stop_reaching() {}

  StreamSocket<Protocol>& socket() { return stream_->next_layer(); }
  const Url& url() const { return url_; }
  bool ended() const { return !callback_; }

  void on_connected(const error_code& error) {
    if (ended()) return;
    if (error) return fail(ErrorCode::cannot_connect, error.message());
    shake_hands();
  }
  void fail(ErrorCode code, const std::string& reason) { done(code, to_string(url_) + ": " + reason); }

 private:
  void shake_hands() {
    connected_ = true;
    set_link_options(stream_->next_layer());
    stream_->set_option(boost::beast::websocket::stream_base::decorator([](boost::beast::websocket::request_type& request) {
      request.set(boost::beast::http::field::sec_websocket_protocol, kSubprotocol);
      request.set(boost::beast::http::field::user_agent, "mla");
    }));
    stream_->next_layer().to_end_of_head = true;
    stream_->async_handshake(response_, host_, url_.path,
                             [self = this->shared_from_this()](const error_code& error) {
                               if (self->callback_) self->on_handshake(error);
                             });
  }

  void on_handshake(const error_code& error) {
    if (error == boost::beast::websocket::error::upgrade_declined) return on_declined();
    if (error) return fail(ErrorCode::not_a_websocket_peer, error.message());
    const auto protocol = response_[boost::beast::http::field::sec_websocket_protocol];
    if (protocol != kSubprotocol) {
      return fail(ErrorCode::bad_subprotocol, "the peer agreed to the subprotocol '" +
                                                  std::string(protocol.data(), protocol.size()) +
                                                  "' instead of mla.v1");
    }
    auto peer = peer_of(stream_->next_layer());
    auto link_options = WebsocketLinkOptions::from(options_.limits, options_.send_budget);
    link_options.masks = true;
    std::unique_ptr<Link> link =
        std::make_unique<WebsocketLink<Stream>>(std::move(stream_), std::move(link_options), std::move(peer));
    done(std::move(link), {});
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

  void done(Result<std::unique_ptr<Link>> link, const std::string& detail) {
    const auto callback = std::exchange(callback_, {});
    end();
    callback(std::move(link), detail);
  }

  void end() {
    deadline_.cancel();
    stop_reaching();
    if (!stream_) return;
    error_code ignored;
    socket().close(ignored);
  }

  const Url url_;
  const std::string host_;
  const ConnectOptions options_;
  ConnectCallback callback_;  // empty: ended
  boost::asio::steady_timer deadline_;
  std::unique_ptr<Stream> stream_;  // moves into the link
  boost::beast::websocket::response_type response_;
  bool connected_ = false;
};

/// What the owner holds of a dial. *loop-confined*
template <class D>
class DialHandle final : public Dial {
 public:
  explicit DialHandle(std::shared_ptr<D> dial) : dial_(std::move(dial)) { dial_->start(); }
  ~DialHandle() override { dial_->cancel(); }

 private:
  std::shared_ptr<D> dial_;
};

}  // namespace mla::transport
