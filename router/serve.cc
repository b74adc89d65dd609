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

#include "exchange/http/admin_server.h"
#include "router/varz.h"

namespace mla::router {
namespace {

constexpr int kFailed = 1, kUsage = 2;

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "mla-router";
}

int report(ErrorCode error, const std::string& what, const std::string& detail) {
  spdlog::error("{}: {}", what, detail.empty() ? std::string(describe(error)) : detail);
  return error == ErrorCode::bad_url || error == ErrorCode::bad_option ||
                 error == ErrorCode::insecure_listener
             ? kUsage
             : kFailed;
}

void log_parent(const ConnectorStatus& status) {
  const std::string why = status.detail.empty() ? std::string(describe(status.error)) : status.detail;
  switch (status.status) {
    case LinkStatus::linked:
      return spdlog::info("linked to parent {}", status.url);
    case LinkStatus::stale:
      return spdlog::warn("lost the link to parent {}: {}", status.url, why);
    case LinkStatus::refused:
      return spdlog::warn("parent {} refused the link: {}", status.url, why);
    case LinkStatus::connecting:
      if (status.error != ErrorCode::ok)
        spdlog::warn("parent {} cannot be reached, trying again: {}", status.url, why);
      return;
    case LinkStatus::closed:
      return;
  }
}

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

}  // namespace

int serve(const Settings& settings) {
  boost::asio::io_context loop(1);
  boost::asio::signal_set signals(loop, SIGTERM, SIGINT);
  std::signal(SIGPIPE, SIG_IGN);
  const auto began = std::chrono::steady_clock::now();

  Runtime runtime;
  Exchange exchange(runtime,
                    {.name = settings.name.empty() ? host_name() : settings.name, .limits = settings.limits});

  std::string detail;
  auto listener = WebsocketListener::try_make(exchange, settings.listen,
                                              {.allowed_origins = settings.allowed_origins,
                                               .allowed_hosts = settings.allowed_hosts,
                                               .insecure = settings.insecure},
                                              &detail);
  if (!listener) return report(listener.error(), "cannot listen", detail);

  std::optional<WebsocketConnector> parent;
  const auto varz = [&](const std::function<void(std::string)>& reply) {
    Varz v{
        .version = MLA_VERSION,
        .uptime = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began),
        .pid = ::getpid(),
        .listening = listener->urls(),
        .exchange = exchange.info(),
        .limits = settings.limits,
        .memory = memory_use()};
    if (parent) v.parent = parent->status();
    reply(to_json(v));
  };
  std::unique_ptr<http::AdminServer> admin;
  if (settings.admin != "none") {
    auto made = http::AdminServer::listen(loop.get_executor(), settings.admin,
                                          http::default_routes(exchange.info().name, varz),
                                          {.allowed_hosts = settings.allowed_hosts}, log_hook, &detail);
    if (!made) return report(made.error(), "cannot listen for admin", detail);
    admin = *std::move(made);
  }

  if (!settings.parent.empty()) {
    auto made = WebsocketConnector::try_make(exchange, settings.parent);
    if (!made) return report(made.error(), "parent", {});
    parent = *std::move(made);
    parent->on_status(log_parent);
  }

  for (const auto& url : listener->urls()) std::printf("listening %s\n", url.c_str());
  if (admin) std::printf("admin %s\n", admin->url().c_str());
  std::fflush(stdout);

  signals.async_wait([&](const boost::system::error_code& error, int number) {
    if (error) return;
    spdlog::info("{}: closing", number == SIGTERM ? "SIGTERM" : "SIGINT");
    loop.stop();
  });
  loop.run();

  listener->close();
  admin.reset();
  if (parent) parent->on_status({});
  exchange.close();
  return 0;
}

}  // namespace mla::router
