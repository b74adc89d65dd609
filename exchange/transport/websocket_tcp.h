#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <memory>
#include <utility>

#include "exchange/transport/link.h"
#include "exchange/transport/websocket_link.h"

// The stream type of WebSockets over TCP. Included only by the few files that are compiled for it.
namespace mla::transport {

/// A TCP socket with its own way to end below a WebSocket, see async_teardown.
class TcpSocket : public boost::asio::ip::tcp::socket {
 public:
  using boost::asio::ip::tcp::socket::socket;
  explicit TcpSocket(boost::asio::ip::tcp::socket&& other) : boost::asio::ip::tcp::socket(std::move(other)) {}
};

/// Found by Beast through argument-dependent look-up, after both close frames have gone or the peer broke the
/// protocol. Beast's own waits until the peer hangs up, which a hostile one never does.
template <class Handler>
void async_teardown(boost::beast::role_type, TcpSocket& socket, Handler&& handler) {
  boost::system::error_code error;
  socket.shutdown(boost::asio::ip::tcp::socket::shutdown_send, error);
  boost::asio::post(socket.get_executor(), boost::beast::bind_front_handler(std::forward<Handler>(handler),
                                                                            boost::system::error_code{}));
}

/// Without deflate: that costs ninety kilobytes a link, and states are compressed once for all links instead.
using TcpWebsocket = boost::beast::websocket::stream<TcpSocket, false>;

/// Socket options of every link: no delay, and few unsent bytes in the kernel, so that a slow link falls
/// behind here, where newer states can still replace older ones.
void set_link_options(boost::asio::ip::tcp::socket& socket);

/// After the handshake.
std::unique_ptr<Link> make_tcp_link(std::unique_ptr<TcpWebsocket> stream, WebsocketLinkOptions options);

}  // namespace mla::transport
