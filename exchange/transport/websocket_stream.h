#pragma once
#include <unistd.h>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/buffers_iterator.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstddef>
#include <memory>
#include <string_view>
#include <type_traits>
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

/// A socket with its own way to end below a WebSocket, see async_teardown. Once the link is established it has one writer: what
/// Beast wants to write then goes through that, or it would come into the middle of other frames. And Beast reads only what the
/// session has not read beside it.
template <class Protocol>
class LinkSocket : public StreamSocket<Protocol> {
 public:
  using StreamSocket<Protocol>::StreamSocket;
  explicit LinkSocket(StreamSocket<Protocol>&& other) : StreamSocket<Protocol>(std::move(other)) {}

  FrameSink* writer = nullptr;
  /// Read already, and to be read before what the socket has.
  std::vector<std::byte> ahead;
  /// A head of HTTP is expected: what follows it is left in `ahead`, for Beast would keep it where nobody else finds it.
  bool to_end_of_head = false;

  /// Back under Asio, which it was released from. When Asio has no room for it, what Beast does next tells.
  void take_back(int descriptor) {
    boost::system::error_code error;
    if constexpr (std::is_default_constructible_v<Protocol>)
      this->assign(Protocol(), descriptor, error);
    else
      this->assign(Protocol::v4(), descriptor, error);  // or v6: it is connected already
    if (error) ::close(descriptor);
  }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, const Buffers& into) { this->read_for_beast(into, std::move(handler)); }, token, buffers);
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

 private:
  template <class Buffers, class Handler>
  void read_for_beast(const Buffers& into, Handler handler) {
    const auto executor = boost::asio::get_associated_executor(handler, this->get_executor());
    if (!ahead.empty()) {
      const std::size_t size = boost::asio::buffer_copy(into, boost::asio::buffer(ahead));
      ahead.erase(ahead.begin(), ahead.begin() + static_cast<std::ptrdiff_t>(size));
      boost::asio::post(executor, [handler = std::move(handler), size]() mutable { std::move(handler)(boost::system::error_code(), size); });
      return;
    }
    if (!to_end_of_head) return StreamSocket<Protocol>::async_read_some(into, std::move(handler));
    StreamSocket<Protocol>::async_read_some(
        into, boost::asio::bind_executor(executor, [this, into, handler = std::move(handler)](
                                                       boost::system::error_code error, std::size_t size) mutable {
          std::move(handler)(error, error ? size : keep_after_head(into, size));
        }));
  }

  /// How many of the bytes belong to the head; the others are put aside.
  template <class Buffers>
  std::size_t keep_after_head(const Buffers& bytes, std::size_t size) {
    constexpr std::string_view kEnd = "\r\n\r\n";
    std::size_t of_head = 0;
    const auto end = boost::asio::buffers_begin(bytes) + static_cast<std::ptrdiff_t>(size);
    for (auto it = boost::asio::buffers_begin(bytes); it != end; ++it) {
      if (!to_end_of_head) {
        ahead.push_back(static_cast<std::byte>(*it));
        continue;
      }
      ++of_head;
      of_end_ = *it == kEnd[of_end_] ? of_end_ + 1 : *it == kEnd[0] ? 1 : 0;
      if (of_end_ == kEnd.size()) to_end_of_head = false;
    }
    return of_head;
  }

  std::size_t of_end_ = 0;  // characters of the end of the head that have come
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
