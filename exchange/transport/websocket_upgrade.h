#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/transport/host_check.h"
#include "exchange/transport/link.h"
#include "exchange/transport/loop_executor.h"
#include "exchange/transport/websocket_link.h"

namespace mla::transport {

/// How one connection's handshake ended.
enum class UpgradeOutcome : std::uint8_t {
  link,
  not_http,
  plain_http,
  bad_handshake,
  bad_host,
  bad_origin,
  bad_subprotocol,
  too_many_links,
};

/// What a listener demands; shared by its handshakes. *value*
struct UpgradePolicy {
  HostCheck hosts;
  std::vector<std::string> allowed_origins;
  std::size_t header_bytes = 0;
  WebsocketLinkOptions link_options;
};

/// The handshake of one accepted connection, from the HTTP request to a link or to a refusal that the peer
/// can read. Knows no clock: whoever owns it cuts it when it takes too long. *loop-confined*
class WebsocketUpgrade {
 public:
  /// Told once, when the verdict is known. A refusal is still being sent then: the handshake holds its
  /// connection until on_gone.
  using OnVerdict = std::function<void(UpgradeOutcome, std::unique_ptr<Link>, const std::string& detail)>;
  using OnGone = std::function<void()>;
  /// Gives what the new link holds as long as it lives, or nothing when there are too many links.
  using Admit = std::function<std::shared_ptr<void>()>;

  virtual ~WebsocketUpgrade() = default;
  virtual void start(Admit admit, OnVerdict on_verdict, OnGone on_gone) = 0;
  /// Closes at once; nothing is told any more.
  virtual void cut() = 0;
};

/// Who is at the other end, for people.
std::string peer_of(const StreamSocket<boost::asio::ip::tcp>& socket);
std::string peer_of(const StreamSocket<boost::asio::local::stream_protocol>& socket);

/// `heard`: what was read from the connection already.
std::shared_ptr<WebsocketUpgrade> make_upgrade(StreamSocket<boost::asio::ip::tcp> socket,
                                               std::shared_ptr<const UpgradePolicy> policy, std::string_view heard = {});
std::shared_ptr<WebsocketUpgrade> make_upgrade(StreamSocket<boost::asio::local::stream_protocol> socket,
                                               std::shared_ptr<const UpgradePolicy> policy);

}  // namespace mla::transport
