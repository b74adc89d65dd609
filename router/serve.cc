#include "router/serve.h"

#include <mla/connector.h>
#include <mla/exchange.h>
#include <mla/listener.h>
#include <mla/runtime.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>

#include "exchange/http/admin_server.h"
#include "exchange/transport/url.h"
#include "router/varz.h"

namespace mla::router {
namespace {

constexpr int kFailed = 1, kUsage = 2;

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "mla-router";
}

/// Told on standard error even when the log is off: the router ends because of it.
int report(ErrorCode error, const std::string& detail) {
  std::fprintf(stderr, "mla-router: %s\n",
               detail.empty() ? std::string(describe(error)).c_str() : detail.c_str());
  return group(error) == ErrorGroup::usage || error == ErrorCode::insecure_listener ? kUsage : kFailed;
}

/// Logs what changes: a parent that stays away is told once. *loop-confined* to the connector's callbacks
class ParentLog {
 public:
  void operator()(const ConnectorStatus& status) {
    if (status.status == LinkStatus::linked) {
      spdlog::info("linked to parent {}", status.url);
      last_.clear();
      return;
    }
    if (status.status == LinkStatus::closed || (status.error == ErrorCode::ok && status.detail.empty()))
      return;
    std::string why = status.detail.empty() ? std::string(describe(status.error)) : status.detail;
    if (!why.starts_with(status.url)) why = status.url + ": " + why;
    const std::string text = std::string(what(status.status)) + ", trying again: " + why;
    spdlog::log(text == last_ ? spdlog::level::debug : spdlog::level::warn, text);
    last_ = text;
  }

 private:
  static std::string_view what(LinkStatus status) {
    if (status == LinkStatus::stale) return "lost the link to the parent";
    return status == LinkStatus::refused ? "the parent refused the link" : "the parent cannot be reached";
  }
  std::string last_;
};

void log_hook(transport::LogLevel level, std::string_view text) {
  switch (level) {
    case transport::LogLevel::debug:
      return spdlog::debug(text);
    case transport::LogLevel::info:
      return spdlog::info(text);
    case transport::LogLevel::warning:
      return spdlog::warn(text);
    case transport::LogLevel::error:
      return spdlog::error(text);
  }
}

constexpr std::chrono::seconds kDrainTime{25};

/// Ends the process in good order even if something in the way out never ends, such as a log that nobody
/// reads.
void end_after(std::chrono::seconds limit) {
  std::thread([limit] {
    std::this_thread::sleep_for(limit);
    std::_Exit(0);
  }).detach();
}

}  // namespace

int serve(const Settings& settings) {
  std::string detail;
  for (const auto& url : settings.parent)
    if (const auto parsed = transport::parse_url(url, &detail); !parsed)
      return report(parsed.error(), "parent: " + detail);

  boost::asio::io_context loop(1);
  boost::asio::signal_set signals(loop, SIGTERM, SIGINT);
  std::signal(SIGPIPE, SIG_IGN);
  const auto began = std::chrono::steady_clock::now();

  Runtime runtime;
  Exchange exchange(runtime,
                    {.name = settings.name.empty() ? host_name() : settings.name, .limits = settings.limits});

  auto listener = WebsocketListener::try_make(exchange, settings.listen,
                                              {.allowed_origins = settings.allowed_origins,
                                               .allowed_hosts = settings.allowed_hosts,
                                               .insecure = settings.insecure},
                                              &detail);
  if (!listener) return report(listener.error(), detail);

  std::optional<WebsocketConnector> parent;
  const auto varz = [&](const std::function<void(std::string)>& reply) {
    Varz v{.node = {.version = MLA_VERSION,
                    .uptime = std::chrono::duration_cast<std::chrono::seconds>(
                        std::chrono::steady_clock::now() - began),
                    .listening = listener->urls(),
                    .exchange = exchange.info()},
           .pid = ::getpid(),
           .limits = settings.limits,
           .memory = memory_use()};
    if (parent) {
      const ConnectorStatus status = parent->status();
      v.node.parent = {status.url, std::string(to_string(status.status)), status.error, status.detail};
    }
    reply(to_json(v));
  };
  std::unique_ptr<http::AdminServer> admin;
  if (settings.admin != "none") {
    auto made = http::AdminServer::listen(loop.get_executor(), settings.admin,
                                          http::default_routes(exchange.info().name, varz),
                                          {.allowed_hosts = settings.allowed_hosts}, log_hook, &detail);
    if (!made) return report(made.error(), detail);
    admin = *std::move(made);
  }

  if (!settings.parent.empty()) {
    auto made = WebsocketConnector::try_make(exchange, settings.parent);
    if (!made) return report(made.error(), "parent: " + std::string(describe(made.error())));
    parent = *std::move(made);
    parent->on_status(
        [log = std::make_shared<ParentLog>()](const ConnectorStatus& status) { (*log)(status); });
  }

  for (const auto& url : listener->urls()) std::printf("listening %s\n", url.c_str());
  if (admin) std::printf("admin %s\n", admin->url().c_str());
  std::fflush(stdout);

  signals.async_wait([&](const boost::system::error_code& error, int number) {
    if (error) return;
    spdlog::info("{}: draining", number == SIGTERM ? "SIGTERM" : "SIGINT");
    loop.stop();
  });
  loop.run();

  end_after(kDrainTime);
  // In this order, so that a child that is told to go elsewhere does not come back in.
  listener->close();
  admin.reset();
  if (parent) parent->on_status({});
  exchange.close();
  return 0;
}

}  // namespace mla::router
