#pragma once
#include <mla/error.h>
#include <mla/result.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mla {

class Exchange;
namespace facade {
class ConnectorHandle;
}

enum class LinkStatus : std::uint8_t {
  connecting,  ///< not linked yet; `error` says why the last attempt failed, if one did
  linked,
  stale,    ///< was linked and lost it; dials again
  refused,  ///< the peer said no (denied, version, loop, …); dials again, slower
  closed,
};
std::string_view to_string(LinkStatus status);

struct ConnectorStatus {
  LinkStatus status = LinkStatus::connecting;
  ErrorCode error = ErrorCode::ok;  ///< of the last failure; ok while linked
  std::string detail;               ///< of the last failure, for people
  std::string url;                  ///< linked to, or tried last
  std::uint64_t links = 0;          ///< how many it has had, the present one included: one more, and it was lost between
  bool operator==(const ConnectorStatus&) const = default;
};

struct ConnectorOptions {
  std::string credentials{};  ///< shown to the parent, ≤ 4 KiB
  std::chrono::milliseconds backoff_min{
      250};  ///< first pause between attempts (full jitter: a random part of it)
  std::chrono::milliseconds backoff_max{30'000};  ///< doubled up to here
};

/// Keeps an exchange linked to one parent: dials the URLs in turn, again after a loss, with jittered
/// back-off. The link ends when the last copy of the handle goes. URLs: `ws://host:port/path` or
/// `ws+unix:///file`; `?heartbeat=500ms` sets this side's heartbeat on the link. *thread-safe*
class WebsocketConnector {
 public:
  /// Throws Error: bad_url, bad_option, closed. Never because the parent cannot be reached now.
  WebsocketConnector(const Exchange& exchange, std::string url, ConnectorOptions options = {});
  WebsocketConnector(const Exchange& exchange, std::vector<std::string> urls, ConnectorOptions options = {});
  /// For {"ws://a", "ws://b"}, which would be taken for the two ends of one string otherwise.
  WebsocketConnector(const Exchange& exchange, std::initializer_list<std::string> urls,
                     ConnectorOptions options = {});
  static Result<WebsocketConnector> try_make(const Exchange& exchange, std::vector<std::string> urls,
                                             ConnectorOptions options = {}, std::string* detail = nullptr);

  /// Another list. A link whose URL is in it as well stays; else it ends and the first is dialled. Errors:
  /// bad_url (then nothing has changed, and `detail` says what is wrong), closed.
  ErrorCode set_urls(std::vector<std::string> urls, std::string* detail = nullptr);

  ConnectorStatus status() const;
  /// `f` runs on a callback thread at each change, once at first; the newest status only. Empty: no more (as
  /// StateStream::on_ready).
  void on_status(std::function<void(const ConnectorStatus&)> f);
  /// True when linked; false when the time is up or the connector is closed. Throws Error: would_deadlock.
  bool wait_linked_for(std::chrono::nanoseconds limit) const;

  void close();

 private:
  explicit WebsocketConnector(std::shared_ptr<facade::ConnectorHandle> handle);
  std::shared_ptr<facade::ConnectorHandle> handle_;
};

/// Links two exchanges of one process as WebsocketConnector links those of two: `exchange` becomes a child of
/// `parent`. Both are of the same Runtime; with several workers each lives on its own. Again after a loss;
/// ends when the last copy of the handle goes. *thread-safe*
class InprocConnector {
 public:
  /// Throws Error: bad_option (not the same Runtime, or one with itself), closed.
  InprocConnector(const Exchange& exchange, const Exchange& parent);

  ConnectorStatus status() const;
  void on_status(std::function<void(const ConnectorStatus&)> f);  ///< as WebsocketConnector's
  bool wait_linked_for(std::chrono::nanoseconds limit) const;     ///< as WebsocketConnector's

  void close();

 private:
  std::shared_ptr<facade::ConnectorHandle> handle_;
};

}  // namespace mla
