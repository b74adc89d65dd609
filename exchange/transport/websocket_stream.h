#pragma once
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "exchange/transport/loop_executor.h"
#include "exchange/transport/socket_writer.h"

// The stream types of WebSockets. Included only by the few files that are compiled for them.
namespace mla::transport {

/// Who writes to the socket of an established link.
class FrameSink {
 public:
  /// A whole frame of Beast's own: a pong, or a close frame.
  virtual void write(std::vector<std::byte> frame, SocketWriter::Done done) = 0;

 protected:
  ~FrameSink() = default;
};

/// A socket with its own way to end below a WebSocket, see async_teardown, and with one writer once the link is established:
/// what Beast wants to write then goes through that, or it would come into the middle of other frames.
template <class Protocol>
class LinkSocket : public StreamSocket<Protocol> {
 public:
  using StreamSocket<Protocol>::StreamSocket;
  explicit LinkSocket(StreamSocket<Protocol>&& other) : StreamSocket<Protocol>(std::move(other)) {}

  FrameSink* writer = nullptr;

  /// Beast reads frame heads into what may be two halves of a ring. When one is empty, a plain recv does, and the kernel has no
  /// list of parts to copy and check.
  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    boost::asio::mutable_buffer only;
    int parts = 0;
    for (auto it = boost::asio::buffer_sequence_begin(buffers); it != boost::asio::buffer_sequence_end(buffers); ++it) {
      const boost::asio::mutable_buffer part(*it);
      if (part.size() == 0) continue;
      only = part;
      ++parts;
    }
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this, only, parts](auto handler, const Buffers& into) {
          if (parts == 1) return StreamSocket<Protocol>::async_read_some(only, std::move(handler));
          StreamSocket<Protocol>::async_read_some(into, std::move(handler));
        },
        token, buffers);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, const Buffers& from) {
          if (!writer) return StreamSocket<Protocol>::async_write_some(from, std::move(handler));
          std::vector<std::byte> frame(boost::asio::buffer_size(from));
          boost::asio::buffer_copy(boost::asio::buffer(frame), from);
          const std::size_t size = frame.size();
          const auto executor = boost::asio::get_associated_executor(handler, this->get_executor());
          const auto kept = std::make_shared<decltype(handler)>(std::move(handler));  // a Done can be copied, it cannot
          writer->write(std::move(frame), [kept, executor, size](bool taken) {
            boost::asio::post(executor, [kept, size, taken] {
              const auto error = taken ? boost::system::error_code() : boost::system::error_code(boost::asio::error::connection_reset);
              std::move(*kept)(error, taken ? size : 0);
            });
          });
        },
        token, buffers);
  }
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
void set_link_options(StreamSocket<boost::asio::ip::tcp>& socket);
void set_link_options(StreamSocket<boost::asio::local::stream_protocol>& socket);

}  // namespace mla::transport
