#include "exchange/http/admin_server.h"

#include <boost/asio/steady_timer.hpp>
#include <list>
#include <utility>

#include "exchange/http/admin_connection.h"
#include "exchange/transport/tcp_listener.h"
#include "exchange/transport/url.h"

namespace mla::http {
namespace {

using boost::asio::ip::tcp;
using transport::LogLevel;

class Server final : public AdminServer {
 public:
  Server(std::shared_ptr<transport::TcpListener> listener, Routes routes, AdminOptions options,
         transport::LogHook log_hook)
      : log_(std::move(log_hook)), connections_limit_(options.connections), listener_(std::move(listener)) {
    const auto endpoint = listener_->endpoint();
    url_ = "http://" + transport::host_and_port(endpoint.address().to_string(), endpoint.port());
    site_ = std::make_shared<Site>(
        Site{std::move(routes), listener_->hosts(options.allowed_hosts), std::move(options), {}});
    listener_->start([this](transport::StreamSocket<tcp> socket) { on_socket(std::move(socket)); },
                     [this](const std::string& what) {
                       ++site_->counters.accept_errors;
                       if (log_)
                         log_(LogLevel::warning, url_ + ": a connection could not be accepted: " + what);
                     });
  }

  ~Server() override {
    listener_->stop();
    for (const auto& connection : connections_) connection->cut();
  }

  const std::string& url() const override { return url_; }

  AdminCounters counters() const override {
    AdminCounters result = site_->counters;
    result.connections_now = connections_.size();
    return result;
  }

  void set_allowed_hosts(std::vector<std::string> hosts) override { site_->hosts = listener_->hosts(hosts); }

 private:
  void on_socket(transport::StreamSocket<tcp> socket) {
    ++site_->counters.connections;
    while (!connections_.empty() && connections_.size() >= connections_limit_) {
      ++site_->counters.connections_cut;
      connections_.front()->cut();
      connections_.pop_front();
    }
    connections_.push_back(make_admin_connection(std::move(socket), site_));
    const auto place = std::prev(connections_.end());
    (*place)->start([this, place] { connections_.erase(place); });
  }

  std::string url_;
  transport::LogHook log_;
  const std::size_t connections_limit_;
  std::shared_ptr<Site> site_;
  std::list<std::shared_ptr<AdminConnection>> connections_;  // oldest first
  std::shared_ptr<transport::TcpListener> listener_;
};

}  // namespace

Result<std::unique_ptr<AdminServer>> AdminServer::listen(transport::LoopExecutor executor,
                                                         std::string_view address, Routes routes,
                                                         AdminOptions options, transport::LogHook log,
                                                         std::string* why) {
  const auto authority = transport::parse_authority(address);
  if (!authority || !authority->port) {
    if (why) *why = "the admin address '" + std::string(address) + "' is not HOST:PORT";
    return ErrorCode::bad_url;
  }
  auto listener = transport::TcpListener::open(executor, authority->host, *authority->port, why);
  if (!listener) return listener.error();
  return std::unique_ptr<AdminServer>(
      std::make_unique<Server>(*std::move(listener), std::move(routes), std::move(options), std::move(log)));
}

}  // namespace mla::http
