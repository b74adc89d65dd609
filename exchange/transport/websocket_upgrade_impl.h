#pragma once
#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <utility>

#include "exchange/transport/refusal.h"
#include "exchange/transport/websocket.h"
#include "exchange/transport/websocket_session.h"
#include "exchange/transport/websocket_stream.h"
#include "exchange/transport/websocket_upgrade.h"

namespace mla::transport {

/// How much a refused peer may still send before its connection is closed under it. Closing with bytes unread
/// would reset the connection and take our answer from it.
inline constexpr std::size_t kDrainBytes = 64 << 10;

/// The handshake over one kind of socket. Instantiated once per kind, in that kind's own file.
template <class Protocol>
class UpgradeOver final : public WebsocketUpgrade, public std::enable_shared_from_this<UpgradeOver<Protocol>> {
 public:
  /// `heard`: what was read from the socket already; at most the policy's header_bytes.
  UpgradeOver(StreamSocket<Protocol> socket, std::shared_ptr<const UpgradePolicy> policy, std::string_view heard = {})
      : stream_(std::make_unique<Stream>(LinkSocket<Protocol>(std::move(socket)))),
        policy_(std::move(policy)),
        buffer_(policy_->header_bytes) {
    parser_.header_limit(static_cast<std::uint32_t>(policy_->header_bytes));
    parser_.body_limit(0);
    set_link_options(stream_->next_layer());
    const auto room = buffer_.prepare(std::min(heard.size(), policy_->header_bytes));
    buffer_.commit(boost::asio::buffer_copy(room, boost::asio::buffer(heard.data(), heard.size())));
  }

  void start(Admit admit, OnVerdict on_verdict, OnGone on_gone) override {
    admit_ = std::move(admit);
    on_verdict_ = std::move(on_verdict);
    on_gone_ = std::move(on_gone);
    boost::beast::http::async_read_header(
        stream_->next_layer(), buffer_, parser_,
        [self = this->shared_from_this()](error_code error, std::size_t) { self->on_request(error); });
  }

  void cut() override {
    on_verdict_ = {};
    on_gone_ = {};
    if (!stream_) return;
    error_code ignored;
    stream_->next_layer().close(ignored);
  }

 private:
  using Stream = LinkStream<Protocol>;
  using error_code = boost::system::error_code;
  using string_view = boost::beast::string_view;

  static std::string_view to_std(string_view text) { return {text.data(), text.size()}; }

  void on_request(const error_code& error) {
    if (!on_verdict_) return;  // cut
    if (error) {
      verdict(UpgradeOutcome::not_http, error.message());
      return gone();
    }
    const auto& request = parser_.get();
    const auto host = to_std(request[boost::beast::http::field::host]);
    if (!policy_->hosts.host_allowed(host)) {
      return refuse(UpgradeOutcome::bad_host, boost::beast::http::status::forbidden, ErrorCode::bad_host,
                    "The Host header names no address of this listener.");
    }
    if (!boost::beast::websocket::is_upgrade(request)) {
      return refuse(
          UpgradeOutcome::plain_http, boost::beast::http::status::upgrade_required, ErrorCode::not_a_websocket_peer,
          "This port speaks WebSocket, subprotocol mla.v1; the pages for browsers are on the admin port.");
    }
    const auto origin = request.find(boost::beast::http::field::origin);
    if (origin != request.end() &&
        !policy_->hosts.origin_allowed(to_std(origin->value()), host, policy_->allowed_origins)) {
      return refuse(UpgradeOutcome::bad_origin, boost::beast::http::status::forbidden, ErrorCode::bad_origin,
                    "Pages of this origin may not connect; the listener's list of origins decides.");
    }
    if (!boost::beast::http::token_list(request[boost::beast::http::field::sec_websocket_protocol]).exists(kSubprotocol)) {
      return refuse(UpgradeOutcome::bad_subprotocol, boost::beast::http::status::bad_request, ErrorCode::bad_subprotocol,
                    "The subprotocol mla.v1 must be offered in Sec-WebSocket-Protocol.");
    }
    if (buffer_.size() != 0) {
      return refuse(UpgradeOutcome::bad_handshake, boost::beast::http::status::bad_request, ErrorCode::not_a_websocket_peer,
                    "Nothing may follow the request before it is answered.");
    }
    token_ = admit_();
    if (!token_) {
      return refuse(UpgradeOutcome::too_many_links, boost::beast::http::status::service_unavailable,
                    ErrorCode::too_many_links, "This listener has as many links as it may have.");
    }
    stream_->set_option(boost::beast::websocket::stream_base::decorator([](boost::beast::websocket::response_type& response) {
      response.set(boost::beast::http::field::sec_websocket_protocol, kSubprotocol);
      response.set(boost::beast::http::field::server, "mla");
    }));
    stream_->async_accept(request,
                          [self = this->shared_from_this()](error_code failed) { self->on_accepted(failed); });
  }

  void on_accepted(const error_code& error) {
    if (!on_verdict_) return;  // cut
    if (error) {
      verdict(UpgradeOutcome::bad_handshake, error.message());
      return drain();
    }
    auto options = policy_->link_options;
    options.token = std::move(token_);
    auto peer = peer_of(stream_->next_layer());
    std::unique_ptr<Link> link = std::make_unique<WebsocketLink<Stream>>(
        std::move(stream_), std::move(options), std::move(peer));
    const auto on_verdict = std::move(on_verdict_);
    on_verdict_ = {};
    gone();
    on_verdict(UpgradeOutcome::link, std::move(link), {});
  }

  void refuse(UpgradeOutcome outcome, boost::beast::http::status status, ErrorCode code, const std::string& text) {
    response_.version(11);
    response_.result(status);
    response_.set(boost::beast::http::field::server, "mla");
    response_.set(boost::beast::http::field::content_type, "text/plain; charset=utf-8");
    response_.set(kRefusalHeader, to_refusal(code, text));
    response_.set(boost::beast::http::field::connection,
                  outcome == UpgradeOutcome::plain_http ? "Upgrade, close" : "close");
    if (outcome == UpgradeOutcome::plain_http) response_.set(boost::beast::http::field::upgrade, "websocket");
    response_.body() = text + "\n";
    response_.prepare_payload();
    verdict(outcome, text);
    boost::beast::http::async_write(stream_->next_layer(), response_,
                      [self = this->shared_from_this()](error_code error, std::size_t) {
                        if (error) return self->gone();
                        self->drain();
                      });
  }

  /// Reads until the peer has hung up, so that it surely had the answer.
  void drain() {
    error_code ignored;
    stream_->next_layer().shutdown(boost::asio::socket_base::shutdown_send, ignored);
    drain_more();
  }

  void drain_more() {
    stream_->next_layer().async_read_some(boost::asio::buffer(scratch_),
                                          [self = this->shared_from_this()](error_code error, std::size_t size) {
                                            self->drained_ += size;
                                            if (error || self->drained_ > kDrainBytes) return self->gone();
                                            self->drain_more();
                                          });
  }

  void verdict(UpgradeOutcome outcome, const std::string& detail) {
    token_.reset();
    if (const auto on_verdict = std::exchange(on_verdict_, {})) on_verdict(outcome, nullptr, detail);
  }

  void gone() {
    if (stream_) {
      error_code ignored;
      stream_->next_layer().close(ignored);
    }
    if (const auto on_gone = std::exchange(on_gone_, {})) on_gone();
  }

  std::unique_ptr<Stream> stream_;  // moves into the link
  std::shared_ptr<const UpgradePolicy> policy_;
  boost::beast::flat_buffer buffer_;
  boost::beast::http::request_parser<boost::beast::http::empty_body> parser_;
  boost::beast::http::response<boost::beast::http::string_body> response_;
  std::array<char, 1024> scratch_;
  std::size_t drained_ = 0;
  Admit admit_;
  std::shared_ptr<void> token_;
  OnVerdict on_verdict_;
  OnGone on_gone_;
};

}  // namespace mla::transport
