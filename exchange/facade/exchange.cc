#include <mla/exchange.h>

#include <utility>

#include "exchange/facade/exchange_core.h"
#include "exchange/facade/wait_point.h"

namespace mla {
namespace {

constexpr unsigned kMaxWorkers = 256;
constexpr std::chrono::seconds kMaxBusyPoll{1};
constexpr std::size_t kNameBytes = 256;

ExchangeOptions checked(ExchangeOptions options) {
  if (options.name.size() > kNameBytes) throw Error(ErrorCode::bad_option, "name");
  return options;
}

std::shared_ptr<facade::ContractDraft> draft(const std::shared_ptr<facade::ExchangeHandle>& handle,
                                             ContractKind kind) {
  auto made = std::make_shared<facade::ContractDraft>();
  made->core = handle->core();
  made->open.kind = kind;
  return made;
}

}  // namespace

Runtime::Runtime(RuntimeOptions options) {
  if (options.workers < 1 || options.workers > kMaxWorkers) throw Error(ErrorCode::bad_option, "workers");
  if (options.busy_poll < options.busy_poll.zero() || options.busy_poll > kMaxBusyPoll) throw Error(ErrorCode::bad_option, "busy_poll");
  core_ = std::make_shared<runtime::RuntimeCore>(options.workers, options.busy_poll);
}
Runtime::Runtime(Manual)
    : core_(std::make_shared<runtime::RuntimeCore>(std::make_shared<runtime::ManualLoop>())) {}
Runtime::~Runtime() = default;

bool Runtime::poll_for(std::chrono::nanoseconds limit) {
  const auto& loop = core_->manual();
  if (!loop) throw Error(ErrorCode::bad_option, "this runtime has threads");
  if (loop->driving_here()) throw Error(ErrorCode::would_deadlock);
  constexpr std::chrono::hours kForEver{24 * 365};
  const auto seen = loop->turns();
  if (limit <= limit.zero()) return loop->turn(Instant::min(), seen);
  return loop->turn(facade::now() + std::min<std::chrono::nanoseconds>(limit, kForEver), seen);
}

int Runtime::fd() const {
  if (!core_->manual()) throw Error(ErrorCode::bad_option, "this runtime has threads");
  return core_->manual()->descriptor();
}

Exchange::Exchange(ExchangeOptions options)
    : handle_(std::make_shared<facade::ExchangeHandle>(std::make_shared<runtime::RuntimeCore>(1),
                                                       checked(std::move(options)))) {}

Exchange::Exchange(Runtime& runtime, ExchangeOptions options)
    : handle_(std::make_shared<facade::ExchangeHandle>(runtime.core_, checked(std::move(options)))) {}

ObserveContractBuilder Exchange::object_observe_contract(ObjectDescriptor object) const {
  auto made = draft(handle_, ContractKind::object_observe);
  made->open.object = std::make_shared<const ObjectDescriptor>(std::move(object));
  return ObserveContractBuilder(std::move(made));
}

ObserveContractBuilder Exchange::tag_observe_contract(TagDescriptor tag) const {
  auto made = draft(handle_, ContractKind::tag_observe);
  made->open.tag = std::move(tag);
  return ObserveContractBuilder(std::move(made));
}

ExposeContractBuilder Exchange::object_expose_contract(ObjectDescriptor object) const {
  auto made = draft(handle_, ContractKind::object_expose);
  made->open.object = std::make_shared<const ObjectDescriptor>(std::move(object));
  return ExposeContractBuilder(std::move(made));
}

ExposeContractBuilder Exchange::tag_expose_contract(TagDescriptor tag) const {
  auto made = draft(handle_, ContractKind::tag_expose);
  made->open.tag = std::move(tag);
  return ExposeContractBuilder(std::move(made));
}

Result<State> Exchange::get(ObjectDescriptor object, std::chrono::nanoseconds limit) const {
  auto contract = object_observe_contract(std::move(object)).try_build();
  if (!contract) return contract.error();
  constexpr std::chrono::hours kForEver{24 * 365};
  const Instant deadline = facade::now() + std::min<std::chrono::nanoseconds>(limit, kForEver);
  while (true) {
    const auto left = std::max(deadline - facade::now(), std::chrono::nanoseconds(0));
    auto event = contract->next_event_for(left);
    if (event) {
      if (event->kind == ObserveEventKind::state && event->state.synchronized())
        return std::move(event->state);
      continue;
    }
    if (event.status() == WaitStatus::would_deadlock) return ErrorCode::would_deadlock;
    if (event.ended()) return ErrorCode::closed;
    const auto standing = contract->standing();
    if (standing && standing->kind == StandingKind::unexposed) return ErrorCode::unexposed;
    if (standing && standing->kind == StandingKind::declined) return ErrorCode::declined;
    return ErrorCode::timed_out;
  }
}

ExchangeInfo Exchange::info() const {
  return handle_->core()->info();
}
Limits Exchange::limits() const {
  return handle_->core()->limits();
}
ErrorCode Exchange::set_limits(const Limits& limits, std::string* why) {
  return handle_->core()->set_limits(limits, why);
}
void Exchange::on_link_event(std::function<void(const LinkEvent&)> f) {
  handle_->core()->journal().on_event(std::move(f));
}
void Exchange::close() {
  handle_->core()->close();
}

}  // namespace mla
