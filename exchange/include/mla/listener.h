#pragma once
#include <mla/error.h>
#include <mla/exchange.h>
#include <mla/result.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

namespace mla {

namespace facade {
class ListenerHandle;
}

struct ListenerOptions {
  std::vector<std::string> allowed_origins{};  ///< beside none and the listener's own host
  std::vector<std::string> allowed_hosts{};    ///< names under which a proxy or DNS makes this listener known
  bool describe = true;   ///< the exchange describes itself by `$mla` objects, while it listens
  /// Further exchanges, of the same Runtime: each link goes to the one that has the fewest of this listener's.
  /// To serve as one they are a tree, see InprocConnector; close the listener before any of them.
  std::vector<Exchange> share_with{};
  bool insecure = false;  ///< allow an address beyond loopback without TLS and credentials
};

/// Makes an exchange a parent: takes links from others. URLs: `ws://host:port`, port 0 takes a free one; or
/// `ws+unix:///file`, where the file's mode is the permission.
/// Stops taking links when the last copy of the handle goes; links that are up stay. *thread-safe*
class WebsocketListener {
 public:
  /// Listens when the constructor returns, on all URLs or none. Throws Error: bad_url, address_in_use,
  /// insecure_listener, closed.
  WebsocketListener(const Exchange& exchange, std::string url, ListenerOptions options = {});
  WebsocketListener(const Exchange& exchange, std::vector<std::string> urls, ListenerOptions options = {});
  WebsocketListener(const Exchange& exchange, std::initializer_list<std::string> urls,
                    ListenerOptions options = {});
  static Result<WebsocketListener> try_make(const Exchange& exchange, std::vector<std::string> urls,
                                            ListenerOptions options = {}, std::string* detail = nullptr);

  std::string url() const;                ///< of the first, with the real port
  std::vector<std::string> urls() const;  ///< in the order given, with the real ports

  /// Other lists of ListenerOptions, for connections that come from now on.
  void set_allowed(std::vector<std::string> origins, std::vector<std::string> hosts);

  void close();

 private:
  explicit WebsocketListener(std::shared_ptr<facade::ListenerHandle> handle);
  std::shared_ptr<facade::ListenerHandle> handle_;
};

}  // namespace mla
