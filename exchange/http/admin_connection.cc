#include "exchange/http/admin_connection.h"

#include <array>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <optional>
#include <sstream>
#include <utility>

namespace mla::http {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;

// What a client may still send after its last answer, before the connection is closed under it.
constexpr std::size_t kDrainBytes = 64 << 10;
constexpr beast::string_view kLinkTarget(kLinkPath.data(), kLinkPath.size());

class TcpAdminConnection;

// The state behind one Respond. Copies of it may be anywhere, on any thread; the first answer, or the end of
// the last copy, is posted to the loop. *thread-safe*
class Answer {
 public:
  explicit Answer(std::shared_ptr<TcpAdminConnection> connection, std::uint64_t turn);
  ~Answer() { give({500, "text/plain; charset=utf-8", "The handler gave no answer.\n"}); }
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  void give(Response response);

 private:
  std::shared_ptr<TcpAdminConnection> connection_;
  const std::uint64_t turn_;
  std::atomic<bool> given_ = false;
};

class TcpAdminConnection final : public AdminConnection,
                                 public std::enable_shared_from_this<TcpAdminConnection> {
 public:
  TcpAdminConnection(transport::StreamSocket<tcp> socket, std::shared_ptr<Site> site)
      : executor_(socket.get_executor()),
        socket_(std::move(socket)),
        timer_(executor_),
        site_(std::move(site)),
        buffer_(site_->options.header_bytes + site_->options.body_bytes) {}

  void start(std::function<void()> on_gone) override {
    on_gone_ = std::move(on_gone);
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    read();
  }

  void cut() override {
    on_gone_ = {};
    gone();
  }

  /// An answer to the request numbered `turn`; too late ones are dropped.
  void answer(std::uint64_t turn, Response response) {
    if (!waiting_ || turn != turn_ || gone_) return;
    waiting_ = false;
    write(std::move(response));
  }

  const transport::LoopExecutor& executor() const { return executor_; }

 private:
  void read() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(site_->options.header_bytes));
    parser_->body_limit(site_->options.body_bytes);
    arm();
    http::async_read(socket_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
      if (!self->gone_) self->on_request(error);
    });
  }

  void on_request(const error_code& error) {
    if (error) return on_bad_request(error);
    const auto& request = parser_->get();
    ++site_->counters.requests;
    keep_alive_ = request.keep_alive();
    head_only_ = request.method() == http::verb::head;
    const auto host = request[http::field::host];
    if (!site_->hosts.host_allowed({host.data(), host.size()})) {
      ++site_->counters.bad_host;
      return refuse(http::status::forbidden, "The Host header names no address of this listener.\n");
    }
    if (request.method() != http::verb::get && !head_only_) {
      return refuse(http::status::method_not_allowed, "Only GET and HEAD.\n");
    }
    if (site_->options.on_link && request.method() == http::verb::get && request.target() == kLinkTarget &&
        beast::websocket::is_upgrade(request))
      return hand_over();
    const auto target = request.target();
    Request asked;
    asked.method.assign(request.method_string().data(), request.method_string().size());
    asked.path.assign(target.data(), std::min(target.find('?'), target.size()));
    if (asked.path.size() < target.size()) {
      asked.query.assign(target.data() + asked.path.size() + 1, target.size() - asked.path.size() - 1);
    }
    const auto route = site_->routes.find(asked.path);
    if (route == site_->routes.end()) {
      ++site_->counters.not_found;
      return refuse(http::status::not_found, "There is no such page.\n");
    }
    waiting_ = true;
    arm();
    auto answer = std::make_shared<Answer>(shared_from_this(), ++turn_);
    const auto handler = route->second;
    handler(asked, [answer = std::move(answer)](Response response) { answer->give(std::move(response)); });
  }

  /// Someone else answers: whether the page may link is for whoever makes links to say.
  void hand_over() {
    std::ostringstream head;
    head << parser_->get().base();
    error_code error;
    const int descriptor = socket_.release(error);
    gone();
    if (!error) site_->options.on_link({descriptor, head.str(), site_->hosts});
  }

  void on_bad_request(const error_code& error) {
    if (error == http::error::end_of_stream || !buffer_used()) return gone();
    ++site_->counters.bad_requests;
    keep_alive_ = false;
    head_only_ = false;
    if (error == http::error::body_limit)
      return refuse(http::status::payload_too_large, "The body is too large.\n");
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return refuse(http::status::request_header_fields_too_large, "The request head is too large.\n");
    }
    if (error.category() != http::make_error_code(http::error::bad_version).category()) return gone();
    refuse(http::status::bad_request, "This is no HTTP/1.1 request.\n");
  }

  bool buffer_used() const { return buffer_.size() > 0 || (parser_ && parser_->got_some()); }

  void refuse(http::status status, std::string text) {
    write({static_cast<unsigned>(status), "text/plain; charset=utf-8", std::move(text)});
  }

  void write(Response answer) {
    response_ = {};
    response_.version(11);
    response_.result(answer.status);
    response_.keep_alive(keep_alive_);
    response_.set(http::field::server, "mla");
    response_.set(http::field::content_type, answer.content_type);
    response_.set(http::field::cache_control, "no-store");
    response_.set("X-Content-Type-Options", "nosniff");
    response_.set("X-Frame-Options", "DENY");
    if (answer.status == 405) response_.set(http::field::allow, "GET, HEAD");
    for (const auto& [name, value] : answer.headers) response_.set(name, value);
    response_.body() = std::move(answer.body);
    response_.prepare_payload();
    if (head_only_) response_.body().clear();  // the length stays
    arm();
    http::async_write(socket_, response_, [self = shared_from_this()](error_code error, std::size_t) {
      if (self->gone_) return;
      if (error) return self->gone();
      if (self->keep_alive_)
        self->read();
      else
        self->drain();
    });
  }

  /// Reads until the client has hung up: closing with bytes unread would reset the connection and take the
  /// answer along.
  void drain() {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    drain_more();
  }

  void drain_more() {
    socket_.async_read_some(boost::asio::buffer(scratch_),
                            [self = shared_from_this()](error_code error, std::size_t size) {
                              self->drained_ += size;
                              if (error || self->drained_ > kDrainBytes) return self->gone();
                              self->drain_more();
                            });
  }

  /// Each step has the same time.
  void arm() {
    timer_.expires_after(site_->options.request_time);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error && !self->gone_) self->on_time_up();
    });
  }

  void on_time_up() {
    if (!waiting_) {
      if (buffer_used()) ++site_->counters.timeouts;  // else it was only idle
      return gone();
    }
    ++site_->counters.timeouts;
    waiting_ = false;
    refuse(http::status::gateway_timeout, "No answer in time.\n");
  }

  void gone() {
    gone_ = true;
    timer_.cancel();
    error_code ignored;
    socket_.close(ignored);
    if (const auto on_gone = std::exchange(on_gone_, {})) on_gone();
  }

  transport::LoopExecutor executor_;
  transport::StreamSocket<tcp> socket_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<Site> site_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  std::array<char, 1024> scratch_;
  std::size_t drained_ = 0;
  std::uint64_t turn_ = 0;  // numbers the requests that handlers answer
  bool waiting_ = false;    // for the handler's answer to turn_
  bool keep_alive_ = false;
  bool head_only_ = false;
  bool gone_ = false;
  std::function<void()> on_gone_;
};

Answer::Answer(std::shared_ptr<TcpAdminConnection> connection, std::uint64_t turn)
    : connection_(std::move(connection)), turn_(turn) {}

void Answer::give(Response response) {
  if (given_.exchange(true)) return;
  // The connection moves along: its last owner must be the loop, for sockets are destroyed there only.
  const auto executor = connection_->executor();
  boost::asio::post(
      executor, [connection = std::move(connection_), turn = turn_, answer = std::move(response)]() mutable {
        connection->answer(turn, std::move(answer));
      });
}

}  // namespace

std::shared_ptr<AdminConnection> make_admin_connection(transport::StreamSocket<tcp> socket, std::shared_ptr<Site> site) {
  return std::make_shared<TcpAdminConnection>(std::move(socket), std::move(site));
}

}  // namespace mla::http
