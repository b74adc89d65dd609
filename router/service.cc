#include "router/service.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "exchange/facade/exchange_core.h"
#include "exchange/runtime/handed_link.h"
#include "exchange/transport/url.h"
#include "router/link_log.h"
#include "router/metrics.h"
#include "router/pages.h"
#include "router/prometheus_text.h"

namespace mla::router {
namespace {

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "mla-router";
}

Failure failure(ErrorCode error, const std::string& detail) {
  return {error, detail.empty() ? std::string(describe(error)) : detail};
}

/// For what is about a URL: its detail is only what is wrong with it.
Failure failure_of_url(ErrorCode error, const std::string& detail) {
  if (error != ErrorCode::bad_url || detail.empty()) return failure(error, detail);
  return {error, std::string(describe(error)) + ": " + detail};
}

/// "parent: …"
Failure failure_of_parent(ErrorCode error, const std::string& detail) {
  return {error, "parent: " + failure_of_url(error, detail).text};
}

}  // namespace

Service::Service(transport::LoopExecutor loop, const Settings& settings)
    : loop_(std::move(loop)),
      engines_({.workers = settings.threads, .busy_poll = parse_busy_poll(settings.busy_poll).value_or(std::chrono::nanoseconds(0))},
               {.name = settings.name.empty() ? host_name() : settings.name, .limits = settings.limits}) {
  engines_.first().on_link_event(log_link_event);
  for (Exchange& engine : engines_.others()) engine.on_link_event(log_link_event);
}

Service::~Service() {
  drain();
}

/// Those that are open already are taken over.
std::optional<Failure> Service::open_listeners(const Settings& next, std::vector<Listening>& out) {
  std::vector<Listening> open = listeners_;
  for (const std::string& url : next.listen) {
    const auto same = std::find_if(open.begin(), open.end(), [&](const auto& l) { return l.url == url; });
    if (same != open.end()) {
      out.push_back(*same);
      open.erase(same);
      continue;
    }
    std::string detail;
    auto made = WebsocketListener::try_make(engines_.first(), {url},
                                            {.allowed_origins = next.allowed_origins,
                                             .allowed_hosts = next.allowed_hosts,
                                             .share_with = engines_.others(),
                                             .insecure = next.insecure},
                                            &detail);
    if (!made) return failure_of_url(made.error(), detail);
    out.push_back({url, *std::move(made)});
  }
  return {};
}

std::optional<Failure> Service::open_admin(const Settings& next, std::unique_ptr<http::AdminServer>& out) {
  if (next.admin == "none") return {};
  std::string detail;
  // The dashboard's link, to the first engine: it is one child among many.
  auto on_link = [core = engines_.first().handle()->core()](http::Handover connection) {
    runtime::take_connection(core->shell_ptr(), connection.descriptor, std::move(connection.request),
                             std::move(connection.hosts), core->limits());
  };
  auto made = http::AdminServer::listen(loop_, next.admin, routes(),
                                        {.allowed_hosts = next.allowed_hosts, .on_link = std::move(on_link)},
                                        log_listener, &detail);
  if (!made) return failure(made.error(), detail);
  out = *std::move(made);
  return {};
}

/// The one step that may still fail when it is reached is the first: a URL that cannot be used.
std::optional<Failure> Service::set_parent(const Settings& next) {
  if (next.parent.empty()) {
    if (parent_) parent_->on_status({});
    parent_.reset();
    return {};
  }
  std::string detail;
  if (parent_) {
    const ErrorCode error = parent_->set_urls(next.parent, &detail);
    if (error != ErrorCode::ok) return failure_of_parent(error, detail);
    return {};
  }
  auto made = WebsocketConnector::try_make(engines_.first(), next.parent, {}, &detail);
  if (!made) return failure_of_parent(made.error(), detail);
  parent_ = *std::move(made);
  parent_->on_status(
      [log = std::make_shared<ParentLog>()](const ConnectorStatus& status) { (*log)(status); });
  return {};
}

std::optional<Failure> Service::apply(const Settings& next) {
  std::string why;
  for (const auto& url : next.parent)
    if (const auto parsed = transport::parse_url(url, &why); !parsed)
      return failure_of_parent(parsed.error(), why);

  // First whatever may fail, beside what there is already.
  const bool other_admin = !running_ || next.admin != settings_.admin;
  std::vector<Listening> listeners;
  std::unique_ptr<http::AdminServer> admin;
  if (auto failed = open_listeners(next, listeners)) return failed;
  if (other_admin)
    if (auto failed = open_admin(next, admin)) return failed;
  if (!running_ || next.parent != settings_.parent)
    if (auto failed = set_parent(next)) return failed;
  if (running_) {
    if (const ErrorCode error = engines_.first().set_limits(next.limits, &why); error != ErrorCode::ok)
      return failure(error, "limits." + why);
    for (Exchange& engine : engines_.others()) engine.set_limits(next.limits);  // what one takes, all take
  }

  for (Listening& l : listeners) {
    const auto same = [&](const auto& old) { return old.listener.url() == l.listener.url(); };
    if (std::any_of(listeners_.begin(), listeners_.end(), same))
      l.listener.set_allowed(next.allowed_origins, next.allowed_hosts);
    else
      std::printf("listening %s\n", l.listener.url().c_str());
  }
  listeners_ = std::move(listeners);
  if (other_admin) {
    admin_ = std::move(admin);
    if (admin_) std::printf("admin %s\n", admin_->url().c_str());
  } else if (admin_) {
    admin_->set_allowed_hosts(next.allowed_hosts);
  }
  std::fflush(stdout);
  settings_ = next;
  running_ = true;
  return {};
}

void Service::drain() {
  // In this order, so that a child that is told to go elsewhere does not come back in.
  listeners_.clear();
  admin_.reset();
  if (parent_) parent_->on_status({});
  engines_.close();
}

Varz Service::varz() {
  Varz v{.node = {.version = MLA_VERSION,
                  .uptime = std::chrono::duration_cast<std::chrono::seconds>(
                      std::chrono::steady_clock::now() - began_),
                  .exchange = engines_.first().info()},
         .pid = ::getpid(),
         .limits = settings_.limits,
         .memory = memory_use(),
         .admin = admin_ ? admin_->counters() : http::AdminCounters{},
         .reloads = reloads_};
  for (const Exchange& engine : engines_.others()) v.engines.push_back(engine.info());
  for (const Listening& l : listeners_) v.node.listening.push_back(l.listener.url());
  if (parent_) {
    const ConnectorStatus status = parent_->status();
    v.node.parent = {status.url, std::string(to_string(status.status)), status.error, status.detail};
  }
  return v;
}

http::Routes Service::routes() {
  http::Routes pages =
      http::default_routes([this](const std::function<void(std::string)>& reply) { reply(to_json(varz())); });
  add_pages(pages);
  pages["/metrics"] = [this](const http::Request&, const http::Respond& respond) {
    respond({200, PrometheusText::kContentType, to_metrics(varz())});
  };
  return pages;
}

}  // namespace mla::router
