#pragma once
#include <mla/connector.h>
#include <mla/link_event.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "exchange/transport/log.h"

// What the log says of links.
namespace mla::router {

/// Children that come and go, connections that became no link. The parent is ParentLog's. *thread-safe*
void log_link_event(const LinkEvent& event);

/// For listeners of any kind.
void log_listener(transport::LogLevel level, std::string_view text);

/// Logs what changes: a parent that stays away is told once. *loop-confined* to the connector's callbacks
class ParentLog {
 public:
  void operator()(const ConnectorStatus& status);

 private:
  std::map<std::string, std::string> last_;  // by URL, what was told of it since it was linked last
  bool linked_ = false;      // when it was told last
  std::uint64_t links_ = 0;  // … how many there had been
};

}  // namespace mla::router
