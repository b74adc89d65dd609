#include "exchange/transport/websocket_tcp.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include "exchange/transport/url.h"
#include "exchange/transport/websocket_session.h"

namespace mla::transport {
namespace {

constexpr int kUnsentBytes = 64 << 10;

std::string address_of(const boost::asio::ip::tcp::socket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "gone";
  return host_and_port(endpoint.address().to_string(), endpoint.port());
}

}  // namespace

void set_link_options(boost::asio::ip::tcp::socket& socket) {
  // A socket that was reset meanwhile refuses; its first read will tell.
  boost::system::error_code ignored;
  socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytes, sizeof(kUnsentBytes));
}

std::unique_ptr<Link> make_tcp_link(std::unique_ptr<TcpWebsocket> stream, WebsocketLinkOptions options) {
  auto peer = address_of(stream->next_layer());
  return std::make_unique<WebsocketLink<TcpWebsocket>>(std::move(stream), std::move(options),
                                                       std::move(peer));
}

}  // namespace mla::transport
