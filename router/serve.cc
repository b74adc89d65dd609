#include "router/serve.h"

#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "router/log.h"
#include "router/service.h"

namespace mla::router {
namespace {

constexpr int kFailed = 1, kUsage = 2;
constexpr std::chrono::seconds kDrainTime{25};

/// Told on standard error even when the log is off: the router ends because of it.
int report(const Failure& failure) {
  std::fprintf(stderr, "mla-router: %s\n", failure.text.c_str());
  return group(failure.error) == ErrorGroup::usage || failure.error == ErrorCode::insecure_listener ? kUsage
                                                                                                    : kFailed;
}

/// Ends the process in good order even if something in the way out never ends, such as a log that nobody
/// reads.
void end_after(std::chrono::seconds limit) {
  std::thread([limit] {
    std::this_thread::sleep_for(limit);
    std::_Exit(0);
  }).detach();
}

void tell(const std::vector<Change>& changed, const std::vector<std::string>& overridden) {
  if (changed.empty()) spdlog::info("SIGHUP: nothing has changed");
  for (const Change& change : changed) {
    if (change.live)
      spdlog::info("SIGHUP: {}", to_string(change));
    else
      spdlog::warn("SIGHUP: {} needs a restart", to_string(change));
  }
  for (const std::string& key : overridden)
    spdlog::warn("SIGHUP: {} has changed in the file, but the command line or the environment goes before it",
                 key);
}

void reload(Service& service, Configuration& configuration) {
  const auto refused = [&](const std::string& why) {
    service.count_reload(false);
    spdlog::error("SIGHUP: the former configuration stays: {}", why);
  };
  auto read = configuration.reload(service.settings());
  if (const auto* why = std::get_if<std::string>(&read)) return refused(*why);
  auto& reloaded = std::get<Configuration::Reloaded>(read);
  const auto changed = changes(service.settings(), reloaded.settings);
  // What needs a restart is told each time until there was one.
  const std::string name = service.settings().name;
  Settings next = reloaded.settings;
  next.name = name;
  if (const auto failed = service.apply(next)) return refused(failed->text);
  service.count_reload(true);

  // In the more talkative of both levels.
  const bool before = spdlog::should_log(spdlog::level::info);
  if (!before) change_log(next.log_level, next.log_format);
  tell(changed, reloaded.overridden);
  if (before) change_log(next.log_level, next.log_format);
  configuration.accept(std::move(reloaded));
}

}  // namespace

int serve(const Settings& settings, Configuration& configuration) {
  boost::asio::io_context loop(1);
  boost::asio::signal_set endings(loop, SIGTERM, SIGINT), reloads(loop, SIGHUP);
  std::signal(SIGPIPE, SIG_IGN);

  Service service(loop.get_executor(), settings);
  if (const auto failed = service.apply(settings)) return report(*failed);

  const std::function<void()> await_reload = [&] {
    reloads.async_wait([&](const boost::system::error_code& error, int) {
      if (error) return;
      reload(service, configuration);
      await_reload();
    });
  };
  await_reload();
  endings.async_wait([&](const boost::system::error_code& error, int number) {
    if (error) return;
    spdlog::info("{}: draining", number == SIGTERM ? "SIGTERM" : "SIGINT");
    loop.stop();
  });
  loop.run();

  end_after(kDrainTime);
  service.drain();
  return 0;
}

}  // namespace mla::router
