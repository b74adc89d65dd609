#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>

#include "exchange/http/admin_server.h"
#include "exchange/transport/host_check.h"

namespace mla::http {

/// What the connections of one server share. *loop-confined*
struct Site {
  Routes routes;
  transport::HostCheck hosts;
  AdminOptions options;
  AdminCounters counters;
};

/// One client's connection: requests and answers in turn, each within its time, until either side ends it.
/// Belongs to its pending operations and to the server. *loop-confined*
class AdminConnection {
 public:
  virtual ~AdminConnection() = default;
  virtual void start(std::function<void()> on_gone) = 0;
  /// Closes at once; on_gone is not called any more.
  virtual void cut() = 0;
};

std::shared_ptr<AdminConnection> make_admin_connection(transport::StreamSocket<boost::asio::ip::tcp> socket,
                                                       std::shared_ptr<Site> site);

}  // namespace mla::http
