#pragma once
#include <mla/result.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mla::transport {

/// Accepts TCP connections until it is stopped, through errors such as "too many open files", which it
/// retries after a pause. Knows nothing of what is spoken on them. Always in a shared_ptr, which pending
/// operations hold. *loop-confined*
class TcpListener : public std::enable_shared_from_this<TcpListener> {
 public:
  using OnSocket = std::function<void(boost::asio::ip::tcp::socket)>;
  using OnError = std::function<void(const std::string& what)>;

  /// Binds and listens. `host`: an address, "localhost" or "*". Errors as WebsocketAcceptor::listen.
  static Result<std::shared_ptr<TcpListener>> open(const boost::asio::any_io_executor& executor,
                                                   std::string_view host, std::uint16_t port,
                                                   std::string* why);

  /// Begins to accept. Neither is called any more after stop().
  void start(OnSocket on_socket, OnError on_error);
  void stop();

  boost::asio::ip::tcp::endpoint endpoint() const { return endpoint_; }

 private:
  explicit TcpListener(const boost::asio::any_io_executor& executor);
  void accept();

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  boost::asio::ip::tcp::endpoint endpoint_;
  OnSocket on_socket_;
  OnError on_error_;
  bool stopped_ = false;
};

}  // namespace mla::transport
