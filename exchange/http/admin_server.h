#pragma once
#include <mla/result.h>

#include "exchange/transport/loop_executor.h"
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exchange/transport/host_check.h"
#include "exchange/transport/log.h"

// The admin listener: a few read-only pages over HTTP/1.1.
namespace mla::http {

struct Request {
  std::string method;  // GET or HEAD
  std::string path;    // without the query
  std::string query;
};

struct Response {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};  // beside those that every answer has
};

/// A connection whose client asks for a WebSocket at kLinkPath, of a page of this server. It is not answered yet.
struct Handover {
  int descriptor = -1;  // a TCP socket's, owned by whoever is called
  std::string request;  // the request's head, as text
  transport::HostCheck hosts;
};
inline constexpr std::string_view kLinkPath = "/link";

/// Answers one request. From any thread, at any time while the loop exists, once; later calls do nothing.
/// When all copies go unused the client gets 500, when none is used in time 504.
using Respond = std::function<void(Response)>;

/// Called on the loop.
using Handler = std::function<void(const Request&, Respond)>;

/// By exact path; GET and HEAD only.
using Routes = std::map<std::string, Handler, std::less<>>;

/// "/healthz" ("ok") and "/varz" (application/json). `varz` gets a function that takes the JSON text, under
/// Respond's rules.
Routes default_routes(std::function<void(std::function<void(std::string json)>)> varz);

struct AdminOptions {
  std::vector<std::string> allowed_hosts;  // names beside the listener's own addresses
  std::size_t connections = 64;            // at a time; the oldest is cut
  std::size_t header_bytes = 16 << 10;
  std::size_t body_bytes = 0;  // of a request
  std::function<void(Handover)> on_link{};  // without it there are no WebSockets here
  std::chrono::milliseconds request_time{
      5000};  // to send a request, to get it answered, and for a connection to be idle
};

struct AdminCounters {
  std::uint64_t connections = 0, connections_now = 0, connections_cut = 0;
  std::uint64_t requests = 0, bad_requests = 0, bad_host = 0, not_found = 0, timeouts = 0, accept_errors = 0;
};

/// Serves `routes` at one address until it is destroyed. A Host header that is no address of the listener is
/// answered 403. *loop-confined*
class AdminServer {
 public:
  /// `address` is HOST:PORT, host as for a WebSocket listener; port 0 takes a free one. Errors:
  /// address_in_use, bad_url, cannot_connect; `why` gets a sentence for people.
  static Result<std::unique_ptr<AdminServer>> listen(transport::LoopExecutor executor,
                                                     std::string_view address, Routes routes,
                                                     AdminOptions options = {}, transport::LogHook log = {},
                                                     std::string* why = nullptr);
  virtual ~AdminServer() = default;

  virtual const std::string& url() const = 0;  ///< "http://127.0.0.1:3002", with the real port
  virtual AdminCounters counters() const = 0;
  /// For requests that come from now on.
  virtual void set_allowed_hosts(std::vector<std::string> hosts) = 0;
};

}  // namespace mla::http
