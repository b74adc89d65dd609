#pragma once
#include <mla/connector.h>

#include <functional>
#include <memory>
#include <mutex>

#include "exchange/facade/exchange_core.h"
#include "exchange/facade/wait_point.h"
#include "exchange/runtime/connector.h"

namespace mla::facade {

/// What user handles of one connector share: its status, and the way to its half on the loop. *thread-safe*
class ConnectorHandle : public std::enable_shared_from_this<ConnectorHandle> {
 public:
  explicit ConnectorHandle(std::shared_ptr<ExchangeCore> core) : core_(std::move(core)) {}
  ~ConnectorHandle();

  /// False when the exchange is closed.
  bool start(runtime::Connector::Options options);
  /// False when it is closed.
  bool set_urls(std::vector<std::string> texts, std::vector<transport::Url> urls);
  void close();

  ConnectorStatus status() const;
  void on_status(std::function<void(const ConnectorStatus&)> f);
  Next<bool> wait_linked(std::chrono::nanoseconds limit);

  // ---- on the loop
  void told(const runtime::DialStatus& status);
  void closed();  ///< also from close(), on any thread

 private:
  const std::shared_ptr<ExchangeCore> core_;
  mutable std::mutex mutex_;
  ConnectorStatus status_;
  std::uint64_t number_ = 0;  // on the loop
  WaitPoint point_;
};

}  // namespace mla::facade
