#include "exchange/runtime/connector.h"

#include <algorithm>
#include <utility>

namespace mla::runtime {
namespace {

/// The peer understood us and does not want us; trying again at once is no use.
bool is_refusal(ErrorCode code) {
  switch (code) {
    case ErrorCode::would_loop:
    case ErrorCode::too_deep:
    case ErrorCode::bad_subprotocol:
    case ErrorCode::version_mismatch:
    case ErrorCode::not_a_websocket_peer:
      return true;
    default:
      return group(code) == ErrorGroup::denied;
  }
}

}  // namespace

Connector::Connector(std::shared_ptr<Shell> shell, Options options, OnStatus on_status)
    : shell_(std::move(shell)),
      options_(std::move(options)),
      on_status_(std::move(on_status)),
      plan_(options_.urls.size(), Backoff(options_.backoff_min, options_.backoff_max, options_.seed)),
      pause_(shell_->loop()) {}

void Connector::start() {
  dial();
}

void Connector::stop() {
  if (std::exchange(stopped_, true)) return;
  pause_.cancel();
  dial_.reset();
  if (link_) shell_->drop_link(*std::exchange(link_, std::nullopt), ErrorCode::ok, {});
}

void Connector::retire() {
  if (link_) shell_->disown_link(*std::exchange(link_, std::nullopt));
  stop();
}

void Connector::set_urls(std::vector<std::string> texts, std::vector<transport::Url> urls) {
  const auto kept = std::find(texts.begin(), texts.end(), options_.texts[plan_.at()]);
  const bool busy = (link_ || dial_) && kept != texts.end();
  plan_.relist(texts.size(), busy ? static_cast<std::size_t>(kept - texts.begin()) : 0);
  options_.texts = std::move(texts);
  options_.urls = std::move(urls);
  if (stopped_ || busy) return;
  dial_.reset();
  if (link_) shell_->drop_link(*std::exchange(link_, std::nullopt), ErrorCode::ok, {});
  ready_since_.reset();
  tell(was_linked_ ? DialPhase::stale : DialPhase::connecting, ErrorCode::ok, {});
  dial_after({});
}

void Connector::tell(DialPhase phase, ErrorCode error, const std::string& detail) {
  on_status_(DialStatus{phase, error, detail, options_.texts[plan_.at()]});
}

void Connector::dial() {
  if (stopped_ || shell_->closing()) return;
  const auto dialled = [weak = weak_from_this()](Result<std::unique_ptr<transport::Link>> link,
                                                 const std::string& detail) {
    if (auto self = weak.lock()) self->on_dialled(std::move(link), detail);
  };
  if (options_.dial) {
    dial_ = options_.dial(dialled);
    return;
  }
  transport::ConnectOptions options;
  options.limits = options_.limits;
  dial_ = transport::websocket_connect(shell_->loop().get_executor(), options_.urls[plan_.at()], options, dialled);
}

void Connector::on_dialled(Result<std::unique_ptr<transport::Link>> link, const std::string& detail) {
  // Kept until this call, which comes from it, is over.
  std::unique_ptr<transport::Dial> done = std::move(dial_);
  if (stopped_ || shell_->closing()) return;
  if (!link) {
    tell_failure(link.error(), detail);
    return dial_after(plan_.after_failure());
  }
  link_ = shell_->add_link(*std::move(link), engine::LinkRole::parent, options_.urls[plan_.at()].heartbeat,
                           options_.credentials, this);
}

void Connector::on_link_ready() {
  if (stopped_) return;
  was_linked_ = true;
  ready_since_ = Shell::now();
  tell(DialPhase::linked, ErrorCode::ok, {});
}

void Connector::on_link_gone(ErrorCode code, const std::string& detail) {
  link_.reset();
  if (stopped_) return;
  const auto ready_since = std::exchange(ready_since_, std::nullopt);
  if (code == ErrorCode::ok) code = ErrorCode::link_lost;
  tell_failure(code, detail);
  const auto now = Shell::now();
  dial_after(ready_since ? plan_.after_loss(now, now - *ready_since, code == ErrorCode::shutting_down)
                         : plan_.after_failure());
}

void Connector::tell_failure(ErrorCode code, const std::string& detail) {
  tell(is_refusal(code) ? DialPhase::refused
       : was_linked_    ? DialPhase::stale
                        : DialPhase::connecting,
       code, detail);
}

void Connector::dial_after(std::chrono::milliseconds pause) {
  if (stopped_ || shell_->closing()) return;
  pause_.expires_after(pause);
  pause_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    if (auto self = weak.lock(); self && !error) self->dial();
  });
}

}  // namespace mla::runtime
