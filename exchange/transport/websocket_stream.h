#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <utility>

// The stream types of WebSockets. Included only by the few files that are compiled for them.
namespace mla::transport {

/// A socket with its own way to end below a WebSocket, see async_teardown.
template <class Protocol>
class LinkSocket : public Protocol::socket {
 public:
  using Protocol::socket::socket;
  explicit LinkSocket(typename Protocol::socket&& other) : Protocol::socket(std::move(other)) {}
};

/// Found by Beast through argument-dependent look-up, after both close frames have gone or the peer broke the
/// protocol. Beast's own waits until the peer hangs up, which a hostile one never does.
template <class Protocol, class Handler>
void async_teardown(boost::beast::role_type, LinkSocket<Protocol>& socket, Handler&& handler) {
  boost::system::error_code error;
  socket.shutdown(boost::asio::socket_base::shutdown_send, error);
  boost::asio::post(socket.get_executor(), boost::beast::bind_front_handler(std::forward<Handler>(handler),
                                                                            boost::system::error_code{}));
}

/// Without deflate: that costs ninety kilobytes a link, and states are compressed once for all links instead.
template <class Protocol>
using LinkStream = boost::beast::websocket::stream<LinkSocket<Protocol>, false>;
using TcpWebsocket = LinkStream<boost::asio::ip::tcp>;
using UnixWebsocket = LinkStream<boost::asio::local::stream_protocol>;

/// Socket options of every link: no delay, and few unsent bytes in the kernel, so that a slow link falls
/// behind here, where newer states can still replace older ones.
void set_link_options(boost::asio::ip::tcp::socket& socket);
void set_link_options(boost::asio::local::stream_protocol::socket& socket);

}  // namespace mla::transport
