#pragma once
#include "exchange/transport/loop_executor.h"
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace mla::transport {

/// Whether only that one connection is at fault, so that the next may be accepted at once (accept(2), "Error
/// handling").
bool concerns_one_connection(const boost::system::error_code& error);

/// Accepts connections of one kind until it is stopped, through errors such as "too many open files", which
/// it retries after a pause. Knows nothing of what is spoken on them, nor how an address is bound. Always in a
/// shared_ptr, which pending operations hold. *loop-confined*
template <class Protocol>
class SocketListener : public std::enable_shared_from_this<SocketListener<Protocol>> {
 public:
  using Socket = StreamSocket<Protocol>;
  using OnSocket = std::function<void(Socket)>;
  using OnError = std::function<void(const std::string& what)>;

  /// Begins to accept. Neither is called any more after stop().
  void start(OnSocket on_socket, OnError on_error) {
    on_socket_ = std::move(on_socket);
    on_error_ = std::move(on_error);
    accept();
  }

  void stop() {
    stopped_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    on_socket_ = {};
    on_error_ = {};
  }

 protected:
  explicit SocketListener(const LoopExecutor& executor)
      : acceptor_(executor), pause_(executor) {}
  ~SocketListener() = default;

  boost::asio::basic_socket_acceptor<Protocol, LoopExecutor> acceptor_;

 private:
  // Long enough not to spin while no descriptor is free, short enough that a waiting peer hardly notices.
  static constexpr std::chrono::milliseconds kPause{50};

  void accept() {
    acceptor_.async_accept([self = this->shared_from_this()](const boost::system::error_code& error, Socket socket) {
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
      self->pause_.async_wait([self](const boost::system::error_code&) {
        if (!self->stopped_) self->accept();
      });
    });
  }

  boost::asio::steady_timer pause_;
  OnSocket on_socket_;
  OnError on_error_;
  bool stopped_ = false;
};

}  // namespace mla::transport
