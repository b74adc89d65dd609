#include "exchange/transport/tcp_listener.h"

#include <chrono>
#include <utility>

#include "exchange/transport/url.h"

namespace mla::transport {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// Long enough not to spin while no descriptor is free, short enough that a waiting peer hardly notices.
constexpr std::chrono::milliseconds kPause{50};

// Whether only that one connection is at fault, so that the next may be accepted at once (accept(2), "Error
// handling").
bool concerns_one_connection(const error_code& error) {
  return error == boost::asio::error::connection_aborted || error == boost::asio::error::interrupted ||
         error == boost::asio::error::network_down || error == boost::asio::error::host_unreachable ||
         error == boost::asio::error::network_unreachable || error == boost::system::errc::protocol_error;
}

}  // namespace

TcpListener::TcpListener(const boost::asio::any_io_executor& executor)
    : acceptor_(executor), pause_(executor) {}

Result<std::shared_ptr<TcpListener>> TcpListener::open(const boost::asio::any_io_executor& executor,
                                                       std::string_view host, std::uint16_t port,
                                                       std::string* why) {
  const auto fail = [&](ErrorCode code, const std::string& reason) -> Result<std::shared_ptr<TcpListener>> {
    if (why) *why = "cannot listen on " + host_and_port(host, port) + ": " + reason;
    return code;
  };
  error_code error;
  std::string address_text(host);
  if (host == "localhost") address_text = "127.0.0.1";
  if (host == "*") address_text = "0.0.0.0";
  const auto address = boost::asio::ip::make_address(address_text, error);
  if (error) return fail(ErrorCode::bad_url, "the host must be an IP address, localhost or *");

  std::shared_ptr<TcpListener> listener(new TcpListener(executor));
  const tcp::endpoint wanted(address, port);
  auto& acceptor = listener->acceptor_;
  acceptor.open(wanted.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(wanted, error);
  if (!error) acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
  if (!error) listener->endpoint_ = acceptor.local_endpoint(error);
  if (error) {
    const bool in_use = error == boost::asio::error::address_in_use;
    return fail(in_use ? ErrorCode::address_in_use : ErrorCode::cannot_connect, error.message());
  }
  return listener;
}

void TcpListener::start(OnSocket on_socket, OnError on_error) {
  on_socket_ = std::move(on_socket);
  on_error_ = std::move(on_error);
  accept();
}

void TcpListener::stop() {
  stopped_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  on_socket_ = {};
  on_error_ = {};
}

void TcpListener::accept() {
  acceptor_.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
    if (self->stopped_) return;
    if (!error) {
      const auto on_socket = self->on_socket_;  // may stop() us
      on_socket(std::move(socket));
      if (!self->stopped_) self->accept();
      return;
    }
    const auto on_error = self->on_error_;
    on_error(error.message());
    if (self->stopped_) return;
    if (concerns_one_connection(error)) return self->accept();
    self->pause_.expires_after(kPause);
    self->pause_.async_wait([self](const error_code&) {
      if (!self->stopped_) self->accept();
    });
  });
}

}  // namespace mla::transport
