#pragma once
#include <mla/result.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/transport/host_check.h"
#include "exchange/transport/socket_listener.h"
#include "exchange/transport/url.h"

namespace mla::transport {

/// Accepts TCP connections at one address. *loop-confined*
class TcpListener final : public SocketListener<boost::asio::ip::tcp> {
 public:
  /// Binds and listens. `host`: an address, "localhost" or "*". Errors as WebsocketAcceptor::listen.
  static Result<std::shared_ptr<TcpListener>> open(const LoopExecutor& executor,
                                                   std::string_view host, std::uint16_t port,
                                                   std::string* why);

  boost::asio::ip::tcp::endpoint endpoint() const { return endpoint_; }
  HostCheck hosts(const std::vector<std::string>& names) const;
  Url bound(Url url) const;  ///< with the real address and port

 private:
  using SocketListener::SocketListener;
  boost::asio::ip::tcp::endpoint endpoint_;
};

}  // namespace mla::transport
