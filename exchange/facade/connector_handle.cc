#include "exchange/facade/connector_handle.h"

#include <utility>

namespace mla::facade {
namespace {

LinkStatus translate(runtime::DialPhase phase) {
  switch (phase) {
    case runtime::DialPhase::connecting:
      return LinkStatus::connecting;
    case runtime::DialPhase::linked:
      return LinkStatus::linked;
    case runtime::DialPhase::stale:
      return LinkStatus::stale;
    case runtime::DialPhase::refused:
      return LinkStatus::refused;
  }
  return LinkStatus::connecting;
}

}  // namespace

ConnectorHandle::~ConnectorHandle() {
  close();
  core_->callbacks()->set(*point_.slot, {});
}

bool ConnectorHandle::start(runtime::Connector::Options options) {
  status_.url = options.texts.front();
  auto started = core_->shell().ask(
      [core = core_.get(), weak = weak_from_this(), options = std::move(options)]() mutable {
        if (core->shell().closing()) return std::uint64_t{0};
        auto connector = std::make_shared<runtime::Connector>(core->shell_ptr(), std::move(options),
                                                              [weak](const runtime::DialStatus& status) {
                                                                if (auto self = weak.lock())
                                                                  self->told(status);
                                                              });
        const std::uint64_t number = core->next_endpoint();
        core->connectors.emplace(number, connector);
        core->connector_handles.emplace(number, weak);
        connector->start();
        return number;
      });
  number_ = started.value_or(0);
  return number_ != 0;
}

bool ConnectorHandle::set_urls(std::vector<std::string> texts, std::vector<transport::Url> urls) {
  return core_->shell()
      .ask([core = core_.get(), number = number_, &texts, &urls] {
        const auto it = core->connectors.find(number);
        if (it == core->connectors.end()) return false;
        it->second->set_urls(std::move(texts), std::move(urls));
        return true;
      })
      .value_or(false);
}

void ConnectorHandle::close() {
  closed();
  core_->shell().submit(runtime::Shell::Task([core = core_.get(), number = number_] {
    core->connector_handles.erase(number);
    auto it = core->connectors.find(number);
    if (it == core->connectors.end()) return;
    auto connector = std::move(it->second);
    core->connectors.erase(it);
    connector->stop();
  }));
}

void ConnectorHandle::told(const runtime::DialStatus& status) {
  {
    std::lock_guard lock(mutex_);
    if (status_.status == LinkStatus::closed) return;
    const std::uint64_t links = status_.links + (status.phase == runtime::DialPhase::linked ? 1 : 0);
    status_ = ConnectorStatus{translate(status.phase), status.error, status.detail, status.url, links};
    point_.wake(*core_->callbacks());
  }
  // Later: this may be in the middle of a step.
  core_->shell().submit(runtime::Shell::Task([core = core_.get()] { core->link_status_changed(); }));
}

void ConnectorHandle::closed() {
  std::lock_guard lock(mutex_);
  if (status_.status == LinkStatus::closed) return;
  status_.status = LinkStatus::closed;
  status_.error = ErrorCode::closed;
  status_.detail.clear();
  point_.wake(*core_->callbacks());
}

ConnectorStatus ConnectorHandle::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

void ConnectorHandle::on_status(std::function<void(const ConnectorStatus&)> f) {
  if (!f) return core_->callbacks()->set(*point_.slot, {});
  core_->callbacks()->set(*point_.slot, [weak = weak_from_this(), f = std::move(f)] {
    auto self = weak.lock();
    if (self) f(self->status());
  });
  core_->callbacks()->notify(point_.slot);
}

Next<bool> ConnectorHandle::wait_linked(std::chrono::nanoseconds limit) {
  std::unique_lock lock(mutex_);
  return wait_on<bool>(
      lock, point_, *core_->callbacks(), limit,
      [&](Instant) { return status_.status == LinkStatus::linked ? std::optional(true) : std::nullopt; },
      [&] { return status_.status == LinkStatus::closed; }, [] { return std::optional<Instant>(); });
}

}  // namespace mla::facade
