#pragma once
#include <mla/connector.h>
#include <mla/exchange.h>
#include <mla/listener.h>

#include "exchange/transport/loop_executor.h"
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exchange/http/admin_server.h"
#include "router/engines.h"
#include "router/settings.h"
#include "router/varz.h"

namespace mla::router {

/// Why settings cannot be put in force. *value*
struct Failure {
  ErrorCode error = ErrorCode::ok;
  std::string text;
};

/// A router that runs: its exchanges, listeners, parent and admin pages, as the settings in force say.
/// *loop-confined* to the loop of the admin pages, which is none of the exchanges'.
class Service {
 public:
  Service(transport::LoopExecutor loop, const Settings& settings);
  ~Service();

  /// Puts settings in force, all of them or none; at first everything, later what differs. Links stay whose
  /// listener goes, and the one to a parent that is still listed.
  std::optional<Failure> apply(const Settings& settings);

  /// No new links, children are told to go elsewhere, what was sent leaves. Takes a second or so at most.
  void drain();

  const Settings& settings() const { return settings_; }
  void count_reload(bool applied) { ++(applied ? reloads_.applied : reloads_.refused); }

 private:
  struct Listening {
    std::string url;  // as in the settings
    WebsocketListener listener;
  };

  std::optional<Failure> open_listeners(const Settings& next, std::vector<Listening>& out);
  std::optional<Failure> open_admin(const Settings& next, std::unique_ptr<http::AdminServer>& out);
  std::optional<Failure> set_parent(const Settings& next);
  http::Routes routes();
  Varz varz();

  const transport::LoopExecutor loop_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  Settings settings_;
  bool running_ = false;
  Reloads reloads_;
  Engines engines_;
  std::vector<Listening> listeners_;
  std::optional<WebsocketConnector> parent_;
  std::unique_ptr<http::AdminServer> admin_;
};

}  // namespace mla::router
