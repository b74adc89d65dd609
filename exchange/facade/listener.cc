#include "exchange/runtime/listener.h"

#include <mla/exchange.h>
#include <mla/listener.h>

#include <mutex>
#include <utility>

#include "exchange/facade/exchange_core.h"
#include "exchange/transport/url.h"

namespace mla {
namespace facade {

/// Another exchange that has a part of a listener's links, and describes itself for it under that number.
struct Sharer {
  std::shared_ptr<ExchangeCore> core;
  std::uint64_t number = 0;  // 0: it describes nothing
};

/// What user handles of one listener share. *thread-safe*
class ListenerHandle {
 public:
  ListenerHandle(std::shared_ptr<ExchangeCore> core, std::uint64_t number, std::vector<std::string> urls,
                 std::vector<Sharer> sharers)
      : core_(std::move(core)), number_(number), urls_(std::move(urls)), sharers_(std::move(sharers)) {}
  ~ListenerHandle() { close(); }

  const std::vector<std::string>& urls() const { return urls_; }

  /// Waits for the loop, so that the address is free when it returns.
  void close() {
    core_->shell().ask([core = core_.get(), number = number_] {
      core->drop_listener(number);
      return true;
    });
    std::vector<Sharer> sharers;
    {
      std::lock_guard lock(mutex_);
      sharers.swap(sharers_);
    }
    for (const Sharer& sharer : sharers)
      if (sharer.number)
        sharer.core->shell().submit(runtime::Shell::Task(
            [core = sharer.core.get(), number = sharer.number] { core->listener_gone(number); }));
  }

  void set_allowed(std::vector<std::string> origins, std::vector<std::string> hosts) {
    core_->shell().ask([core = core_.get(), number = number_, &origins, &hosts] {
      if (const auto it = core->listeners.find(number); it != core->listeners.end())
        it->second->set_allowed(origins, hosts);
      return true;
    });
  }

 private:
  const std::shared_ptr<ExchangeCore> core_;
  const std::uint64_t number_;
  const std::vector<std::string> urls_;
  std::mutex mutex_;
  std::vector<Sharer> sharers_;  // guarded by mutex_; none after close()
};

}  // namespace facade

namespace {

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.rfind("127.", 0) == 0;
}

/// Warnings are about the listener itself, the rest about one connection.
transport::LogHook log_to(const std::shared_ptr<facade::LinkJournal>& journal) {
  return [journal](transport::LogLevel level, std::string_view text) {
    LinkEvent event;
    event.kind = level >= transport::LogLevel::warning ? LinkEventKind::trouble : LinkEventKind::refused;
    event.detail = text;
    journal->add(std::move(event));
  };
}

struct Made {
  ErrorCode error = ErrorCode::ok;
  std::uint64_t number = 0;
  std::vector<std::string> urls;
  std::string why;
  std::vector<facade::Sharer> sharers{};
};

Made make(const Exchange& exchange, const std::vector<std::string>& texts, ListenerOptions options) {
  if (texts.empty()) return {ErrorCode::bad_url, 0, {}, "no URL is given"};
  std::vector<transport::Url> urls;
  for (const std::string& text : texts) {
    std::string why;
    auto url = transport::parse_url(text, &why);
    if (!url) return {url.error(), 0, {}, why};
    if (!options.insecure && url->socket.empty() && !is_loopback(url->host)) return {ErrorCode::insecure_listener, 0, {}, text};
    urls.push_back(*std::move(url));
  }
  const auto& core = exchange.handle()->core();
  std::vector<std::shared_ptr<runtime::Shell>> others;
  for (const Exchange& other : options.share_with) {
    if (other.handle() == exchange.handle() || other.handle()->runtime() != exchange.handle()->runtime())
      return {ErrorCode::bad_option, 0, {}, "a listener is shared by exchanges of one Runtime"};
    others.push_back(other.handle()->core()->shell_ptr());
  }
  auto made = core->shell().ask([core = core.get(), &urls, &options, &others] {
    Made out;
    if (core->shell().closing()) return Made{ErrorCode::closed, 0, {}, {}};
    transport::AcceptOptions accept;
    accept.allowed_origins = std::move(options.allowed_origins);
    accept.allowed_hosts = std::move(options.allowed_hosts);
    accept.limits = core->limits();
    auto listener = std::make_shared<runtime::Listener>(core->shell_ptr(), others);
    out.error = listener->listen(urls, accept, log_to(core->journal_ptr()), out.why);
    if (out.error != ErrorCode::ok) return out;
    out.number = core->next_endpoint();
    out.urls = listener->urls();
    core->listeners.emplace(out.number, std::move(listener));
    if (options.describe) core->describe_for(out.number);
    return out;
  });
  if (!made) return {ErrorCode::closed, 0, {}, {}};
  if (made->error != ErrorCode::ok || !options.describe) return *std::move(made);
  for (const Exchange& other : options.share_with) {
    const auto& its = other.handle()->core();
    const auto number = its->shell().ask([core = its.get()] {
      if (core->shell().closing()) return std::uint64_t{0};
      const std::uint64_t endpoint = core->next_endpoint();
      core->describe_for(endpoint);
      return endpoint;
    });
    made->sharers.push_back({its, number.value_or(0)});
  }
  return *std::move(made);
}

std::shared_ptr<facade::ListenerHandle> make_or_throw(const Exchange& exchange,
                                                      const std::vector<std::string>& urls,
                                                      ListenerOptions options) {
  Made made = make(exchange, urls, std::move(options));
  if (made.error != ErrorCode::ok) throw Error(made.error, made.why);
  return std::make_shared<facade::ListenerHandle>(exchange.handle()->core(), made.number, std::move(made.urls),
                                                  std::move(made.sharers));
}

}  // namespace

WebsocketListener::WebsocketListener(const Exchange& exchange, std::string url, ListenerOptions options)
    : handle_(make_or_throw(exchange, std::vector<std::string>{std::move(url)}, std::move(options))) {}

WebsocketListener::WebsocketListener(const Exchange& exchange, std::vector<std::string> urls,
                                     ListenerOptions options)
    : handle_(make_or_throw(exchange, urls, std::move(options))) {}

WebsocketListener::WebsocketListener(const Exchange& exchange, std::initializer_list<std::string> urls,
                                     ListenerOptions options)
    : handle_(make_or_throw(exchange, std::vector<std::string>(urls), std::move(options))) {}

WebsocketListener::WebsocketListener(std::shared_ptr<facade::ListenerHandle> handle)
    : handle_(std::move(handle)) {}

Result<WebsocketListener> WebsocketListener::try_make(const Exchange& exchange, std::vector<std::string> urls,
                                                      ListenerOptions options, std::string* detail) {
  Made made = make(exchange, urls, std::move(options));
  if (detail) *detail = made.why;
  if (made.error != ErrorCode::ok) return made.error;
  return WebsocketListener(
      std::make_shared<facade::ListenerHandle>(exchange.handle()->core(), made.number, std::move(made.urls),
                                               std::move(made.sharers)));
}

std::string WebsocketListener::url() const {
  return handle_->urls().front();
}
std::vector<std::string> WebsocketListener::urls() const {
  return handle_->urls();
}
void WebsocketListener::set_allowed(std::vector<std::string> origins, std::vector<std::string> hosts) {
  handle_->set_allowed(std::move(origins), std::move(hosts));
}
void WebsocketListener::close() {
  handle_->close();
}

}  // namespace mla
