#pragma once
#include <mla/limits.h>
#include <mla/result.h>

#include "exchange/transport/loop_executor.h"
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exchange/transport/link.h"
#include "exchange/transport/log.h"
#include "exchange/transport/url.h"

// Links over WebSockets: binary messages, subprotocol mla.v1, no compression. Executors are those of a loop
// that one thread runs; everything here is called and calls back on it.
namespace mla::transport {

inline constexpr char kSubprotocol[] = "mla.v1";
/// What a link has queued beyond what the kernel took, before on_writable stops offering room.
inline constexpr std::size_t kDefaultSendBudget = 256 << 10;

// ---- dialling
// ---------------------------------------------------------------------------------------------------------

struct ConnectOptions {
  std::chrono::milliseconds timeout{5000};  // for look-up, connection and handshake together
  Limits limits;                            // message_bytes, outbound_bytes
  std::size_t send_budget = kDefaultSendBudget;
};

/// The link, not yet started; or why there is none: cannot_connect, handshake_timeout, not_a_websocket_peer,
/// bad_subprotocol, or the error that the listener named (bad_host, bad_origin, too_many_links …). `detail`
/// is for people.
using ConnectCallback = std::function<void(Result<std::unique_ptr<Link>> link, const std::string& detail)>;

/// A dial under way. Destroying it cancels; the callback is then not called (any more). May be destroyed
/// inside it. *loop-confined*
class Dial {
 public:
  virtual ~Dial() = default;
};

/// Looks the host up (never blocking the loop), connects, shakes hands. Calls back exactly once unless
/// cancelled, never before it has returned.
[[nodiscard]] std::unique_ptr<Dial> websocket_connect(LoopExecutor executor, const Url& url,
                                                      ConnectOptions options, ConnectCallback callback);

// ---- listening
// --------------------------------------------------------------------------------------------------------

struct AcceptOptions {
  std::vector<std::string>
      allowed_origins;  // beside the listener's own: "https://example.org", compared whole
  std::vector<std::string>
      allowed_hosts;  // names, without port, under which a proxy or DNS makes this listener known
  Limits limits;      // handshake, pending_handshakes, message_bytes, outbound_bytes, links
  std::size_t send_budget = kDefaultSendBudget;
  std::size_t header_bytes = 16 << 10;  // largest HTTP request head
};

/// What a listener has seen since it began. *value*
struct AcceptCounters {
  std::uint64_t connections = 0;  // TCP connections accepted
  std::uint64_t links = 0;        // … that became links
  std::uint64_t links_now = 0;    // links not yet destroyed
  std::uint64_t handshakes_now = 0;
  std::uint64_t handshake_timeouts = 0;
  std::uint64_t handshakes_cut = 0;  // the oldest, because too many were pending
  std::uint64_t not_http = 0;        // garbage, TLS, oversized heads, or hung up before a request
  std::uint64_t plain_http = 0;      // answered 426
  std::uint64_t bad_handshake = 0;   // HTTP with an upgrade that is not RFC 6455's
  std::uint64_t bad_host = 0;
  std::uint64_t bad_origin = 0;
  std::uint64_t bad_subprotocol = 0;
  std::uint64_t too_many_links = 0;  // answered 503
  std::uint64_t accept_errors = 0;   // such as "too many open files"; retried

  AcceptCounters& operator+=(const AcceptCounters& other);
};

/// A further loop for a listener's links, see WebsocketAcceptor::listen.
struct AcceptHand {
  LoopExecutor executor;
  std::function<void(std::unique_ptr<Link>)> on_link;  // called on that loop
};

/// Accepts links at one address until it is destroyed; links it gave out live on. *loop-confined*
class WebsocketAcceptor {
 public:
  /// Called for each new link, not yet started. Its peer has passed the checks below, and has not said HELLO.
  using OnLink = std::function<void(std::unique_ptr<Link>)>;

  /// Binds now; the host must be an address, "localhost" (then 127.0.0.1) or "*" (all addresses): names would
  /// need a look-up that blocks. Errors: address_in_use, bad_url, cannot_connect (no such address here, no
  /// permission).
  ///
  /// Refused: a Host header that is no address of this listener (403 bad_host), an Origin neither absent,
  /// own, nor allowed (403 bad_origin), another subprotocol (400), plain HTTP (426). Other bytes close the
  /// connection.
  ///
  /// With `hands`, each connection goes to the loop, this one's or a hand's, that has the fewest links and
  /// handshakes of this listener; there it shakes hands and becomes a link. Counters and the limit of links are
  /// those of all together, that of pending handshakes is each loop's. `log` is called on any of the loops,
  /// which must outlive the listener.
  static Result<std::unique_ptr<WebsocketAcceptor>> listen(LoopExecutor executor,
                                                           const Url& url, AcceptOptions options,
                                                           OnLink on_link, LogHook log = {},
                                                           std::string* why = nullptr,
                                                           const std::vector<AcceptHand>& hands = {});
  virtual ~WebsocketAcceptor() = default;

  virtual const Url& url() const = 0;  ///< as bound: a real port, an address instead of a name
  virtual AcceptCounters counters() const = 0;

  // For connections that come from now on; the bound address stays.
  virtual void set_limits(const Limits& limits) = 0;
  virtual void set_allowed(std::vector<std::string> origins, std::vector<std::string> hosts) = 0;
};

}  // namespace mla::transport
