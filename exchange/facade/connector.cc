#include <mla/connector.h>
#include <mla/exchange.h>

#include <random>
#include <utility>

#include "exchange/facade/connector_handle.h"
#include "exchange/facade/exchange_core.h"
#include "exchange/runtime/inproc_dial.h"
#include "exchange/transport/url.h"

namespace mla {
namespace {

constexpr std::size_t kCredentialBytes = 4096;

/// ok, or bad_url with a sentence in `why`.
ErrorCode parse(const std::vector<std::string>& texts, std::vector<transport::Url>& urls, std::string& why) {
  if (texts.empty()) {
    why = "no URL is given";
    return ErrorCode::bad_url;
  }
  for (const std::string& text : texts) {
    auto url = transport::parse_url(text, &why);
    if (!url) return url.error();
    if (url->port == 0) {
      why = "'" + text + "': port 0 is for listeners only";
      return ErrorCode::bad_url;
    }
    urls.push_back(*std::move(url));
  }
  return ErrorCode::ok;
}

/// The handle, or the error with a sentence in `why`.
Result<std::shared_ptr<facade::ConnectorHandle>> make(const Exchange& exchange,
                                                      std::vector<std::string> texts,
                                                      ConnectorOptions options, std::string& why) {
  if (options.credentials.size() > kCredentialBytes || options.backoff_min.count() < 1 ||
      options.backoff_max < options.backoff_min)
    return ErrorCode::bad_option;
  runtime::Connector::Options made;
  if (const ErrorCode error = parse(texts, made.urls, why); error != ErrorCode::ok) return error;
  const auto& core = exchange.handle()->core();
  made.texts = std::move(texts);
  made.credentials = std::move(options.credentials);
  made.limits = core->limits();
  made.backoff_min = options.backoff_min;
  made.backoff_max = options.backoff_max;
  made.seed = std::random_device{}();
  auto handle = std::make_shared<facade::ConnectorHandle>(core);
  if (!handle->start(std::move(made))) return ErrorCode::closed;
  return handle;
}

std::shared_ptr<facade::ConnectorHandle> make_or_throw(const Exchange& exchange,
                                                       std::vector<std::string> urls,
                                                       ConnectorOptions options) {
  std::string why;
  auto made = make(exchange, std::move(urls), std::move(options), why);
  if (!made) throw Error(made.error(), why);
  return *std::move(made);
}

std::shared_ptr<facade::ConnectorHandle> make_inproc(const Exchange& exchange, const Exchange& parent) {
  if (exchange.handle() == parent.handle() || exchange.handle()->runtime() != parent.handle()->runtime())
    throw Error(ErrorCode::bad_option, "an in-process link is between two exchanges of one Runtime");
  const auto& core = exchange.handle()->core();
  runtime::Connector::Options made;
  made.texts = {"inproc"};
  made.urls = {transport::Url{}};
  made.limits = core->limits();
  made.backoff_max = std::chrono::milliseconds(1000);
  made.seed = std::random_device{}();
  made.dial = [loop = &core->shell().loop(), to = parent.handle()->core()->shell_ptr(),
               limits = core->limits()](transport::ConnectCallback callback) {
    return runtime::dial_inproc(*loop, to, limits, std::move(callback));
  };
  auto handle = std::make_shared<facade::ConnectorHandle>(core);
  if (!handle->start(std::move(made))) throw Error(ErrorCode::closed);
  return handle;
}

}  // namespace

InprocConnector::InprocConnector(const Exchange& exchange, const Exchange& parent)
    : handle_(make_inproc(exchange, parent)) {}
ConnectorStatus InprocConnector::status() const {
  return handle_->status();
}
void InprocConnector::on_status(std::function<void(const ConnectorStatus&)> f) {
  handle_->on_status(std::move(f));
}
bool InprocConnector::wait_linked_for(std::chrono::nanoseconds limit) const {
  return handle_->wait_linked(limit).or_throw().has_value();
}
void InprocConnector::close() {
  handle_->close();
}

WebsocketConnector::WebsocketConnector(const Exchange& exchange, std::string url, ConnectorOptions options)
    : handle_(make_or_throw(exchange, std::vector<std::string>{std::move(url)}, std::move(options))) {}

WebsocketConnector::WebsocketConnector(const Exchange& exchange, std::vector<std::string> urls,
                                       ConnectorOptions options)
    : handle_(make_or_throw(exchange, std::move(urls), std::move(options))) {}

WebsocketConnector::WebsocketConnector(const Exchange& exchange, std::initializer_list<std::string> urls,
                                       ConnectorOptions options)
    : handle_(make_or_throw(exchange, std::vector<std::string>(urls), std::move(options))) {}

WebsocketConnector::WebsocketConnector(std::shared_ptr<facade::ConnectorHandle> handle)
    : handle_(std::move(handle)) {}

Result<WebsocketConnector> WebsocketConnector::try_make(const Exchange& exchange,
                                                        std::vector<std::string> urls,
                                                        ConnectorOptions options, std::string* detail) {
  std::string why;
  auto made = make(exchange, std::move(urls), std::move(options), why);
  if (detail) *detail = why;
  if (!made) return made.error();
  return WebsocketConnector(*std::move(made));
}

ErrorCode WebsocketConnector::set_urls(std::vector<std::string> urls, std::string* detail) {
  std::vector<transport::Url> parsed;
  std::string why;
  const ErrorCode error = parse(urls, parsed, why);
  if (detail) *detail = why;
  if (error != ErrorCode::ok) return error;
  return handle_->set_urls(std::move(urls), std::move(parsed)) ? ErrorCode::ok : ErrorCode::closed;
}

ConnectorStatus WebsocketConnector::status() const {
  return handle_->status();
}
void WebsocketConnector::on_status(std::function<void(const ConnectorStatus&)> f) {
  handle_->on_status(std::move(f));
}
bool WebsocketConnector::wait_linked_for(std::chrono::nanoseconds limit) const {
  return handle_->wait_linked(limit).or_throw().has_value();
}
void WebsocketConnector::close() {
  handle_->close();
}

}  // namespace mla
