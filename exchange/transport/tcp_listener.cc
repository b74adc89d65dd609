#include "exchange/transport/tcp_listener.h"

#include <utility>

#include "exchange/transport/url.h"

namespace mla::transport {

using boost::asio::ip::tcp;
using boost::system::error_code;

bool concerns_one_connection(const error_code& error) {
  return error == boost::asio::error::connection_aborted || error == boost::asio::error::interrupted ||
         error == boost::asio::error::network_down || error == boost::asio::error::host_unreachable ||
         error == boost::asio::error::network_unreachable || error == boost::system::errc::protocol_error;
}


Result<std::shared_ptr<TcpListener>> TcpListener::open(const LoopExecutor& executor,
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

HostCheck TcpListener::hosts(const std::vector<std::string>& names) const {
  return {endpoint_.address().to_string(), endpoint_.port(), names};
}

Url TcpListener::bound(Url url) const {
  url.host = endpoint_.address().to_string();
  url.port = endpoint_.port();
  return url;
}

}  // namespace mla::transport
