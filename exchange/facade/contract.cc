#include <mla/contract.h>
#include <mla/permission.h>

#include <utility>

#include "exchange/facade/exchange_core.h"
#include "exchange/facade/expose_cell.h"
#include "exchange/facade/observe_cell.h"

namespace mla {
namespace {

constexpr std::uint32_t kMaxCapacity = 1'000'000;
constexpr std::chrono::hours kLongestLinger{1};

ErrorCode check(const facade::ContractDraft& draft) {
  if (draft.error != ErrorCode::ok) return draft.error;
  const auto check_all = [&](const auto& descriptor) {
    if (const ErrorCode error = descriptor.check(); error != ErrorCode::ok) return error;
    const Operation operation = observes(draft.open.kind) ? Operation::observe : Operation::expose;
    return to_error(mla::check(draft.core->principal(), operation, descriptor));
  };
  return by_tag(draft.open.kind) ? check_all(draft.open.tag) : check_all(*draft.open.object);
}

}  // namespace

// ---- observe

ObserveContract::ObserveContract(std::shared_ptr<facade::ObserveHandle> handle)
    : handle_(std::move(handle)) {}

std::optional<StateStream> ObserveContract::next() {
  return handle_->cell->next_stream(std::nullopt).or_throw();
}
Next<StateStream> ObserveContract::next_for(std::chrono::nanoseconds limit) {
  return handle_->cell->next_stream(limit);
}
Next<StateStream> ObserveContract::try_next() {
  return handle_->cell->try_stream();
}

std::optional<ObserveEvent> ObserveContract::next_event() {
  return handle_->cell->next_event(std::nullopt).or_throw();
}
Next<ObserveEvent> ObserveContract::next_event_for(std::chrono::nanoseconds limit) {
  return handle_->cell->next_event(limit);
}
Next<ObserveEvent> ObserveContract::try_next_event() {
  return handle_->cell->try_event();
}

std::size_t ObserveContract::try_next_events(std::vector<ObserveEvent>& out, std::size_t most) {
  return handle_->cell->try_events(out, most);
}

detail::AsyncSource<StateStream> ObserveContract::source() {
  return handle_->cell->stream_source();
}
detail::AsyncSource<ObserveEvent> ObserveContract::event_source() {
  return handle_->cell->event_source();
}
void ObserveContract::on_ready(std::function<void()> f) {
  handle_->cell->on_ready(std::move(f));
}
std::optional<Standing> ObserveContract::standing() const {
  return handle_->cell->standing(nullptr);
}
std::optional<Standing> ObserveContract::standing(const ObjectDescriptor& object) const {
  return handle_->cell->standing(&object);
}
void ObserveContract::set_min_interval(std::chrono::nanoseconds interval) {
  handle_->set_min_interval(interval);
}
void ObserveContract::close() {
  handle_->close();
}
EndReason ObserveContract::end_reason() const {
  return handle_->cell->end_reason();
}

ObserveContractBuilder::ObserveContractBuilder(std::shared_ptr<facade::ContractDraft> draft)
    : draft_(std::move(draft)) {}

ObserveContractBuilder& ObserveContractBuilder::with_min_interval(std::chrono::nanoseconds interval) {
  if (interval.count() < 0) draft_->error = ErrorCode::bad_option;
  draft_->min_interval = interval;
  draft_->open.options.min_interval = facade::on_links(interval);
  return *this;
}

Result<ObserveContract> ObserveContractBuilder::try_build() {
  if (ErrorCode error = check(*draft_); error != ErrorCode::ok) return error;
  const auto& core = draft_->core;
  engine::OpenContract open = draft_->open;
  open.id = core->next_contract();
  auto cell = std::make_shared<facade::ObserveCell>(core->shell_ptr(), core->callbacks(), open.object,
                                                    draft_->min_interval);
  const ContractId id = open.id;
  if (!core->open(std::move(open), cell)) return ErrorCode::closed;
  return ObserveContract(std::make_shared<facade::ObserveHandle>(core, id, std::move(cell)));
}

ObserveContract ObserveContractBuilder::build() {
  auto built = try_build();
  if (!built) throw Error(built.error());
  return *std::move(built);
}

// ---- expose

ExposeContract::ExposeContract(std::shared_ptr<facade::ExposeHandle> handle) : handle_(std::move(handle)) {}

std::optional<StateSink> ExposeContract::next() {
  return handle_->cell->next_sink(std::nullopt).or_throw();
}
Next<StateSink> ExposeContract::next_for(std::chrono::nanoseconds limit) {
  return handle_->cell->next_sink(limit);
}
Next<StateSink> ExposeContract::try_next() {
  return handle_->cell->try_sink();
}

std::optional<ExposeEvent> ExposeContract::next_event() {
  return handle_->cell->next_event(std::nullopt).or_throw();
}
Next<ExposeEvent> ExposeContract::next_event_for(std::chrono::nanoseconds limit) {
  return handle_->cell->next_event(limit);
}
Next<ExposeEvent> ExposeContract::try_next_event() {
  return handle_->cell->try_event();
}

detail::AsyncSource<StateSink> ExposeContract::source() {
  return handle_->cell->sink_source();
}
detail::AsyncSource<ExposeEvent> ExposeContract::event_source() {
  return handle_->cell->event_source();
}
void ExposeContract::on_ready(std::function<void()> f) {
  handle_->cell->on_ready(std::move(f));
}
void ExposeContract::set_capacity(std::uint32_t capacity) {
  if (capacity > kMaxCapacity) throw Error(ErrorCode::bad_option);
  handle_->set_capacity(capacity);
}
void ExposeContract::close() {
  handle_->close();
}
EndReason ExposeContract::end_reason() const {
  return handle_->cell->end_reason();
}

ExposeContractBuilder::ExposeContractBuilder(std::shared_ptr<facade::ContractDraft> draft)
    : draft_(std::move(draft)) {}

ExposeContractBuilder& ExposeContractBuilder::with_capacity(std::uint32_t capacity) {
  if (capacity > kMaxCapacity) draft_->error = ErrorCode::bad_option;
  draft_->open.options.capacity = capacity;
  return *this;
}
ExposeContractBuilder& ExposeContractBuilder::with_limit(std::uint32_t objects) {
  draft_->open.options.limit = objects;
  return *this;
}
ExposeContractBuilder& ExposeContractBuilder::with_priority(std::int32_t priority) {
  draft_->open.options.priority = priority;
  return *this;
}
ExposeContractBuilder& ExposeContractBuilder::without_preemption() {
  draft_->open.options.takes_over = false;
  return *this;
}
ExposeContractBuilder& ExposeContractBuilder::with_linger(std::chrono::nanoseconds time) {
  if (time.count() < 0 || time > kLongestLinger) draft_->error = ErrorCode::bad_option;
  draft_->open.options.linger = std::chrono::ceil<std::chrono::milliseconds>(time);
  return *this;
}
ExposeContractBuilder& ExposeContractBuilder::with_current() {
  draft_->with_current = true;
  return *this;
}
ExposeContractBuilder& ExposeContractBuilder::with_confirmation() {
  draft_->open.options.confirmation = true;
  return *this;
}

Result<ExposeContract> ExposeContractBuilder::try_build() {
  if (ErrorCode error = check(*draft_); error != ErrorCode::ok) return error;
  const auto& core = draft_->core;
  engine::OpenContract open = draft_->open;
  open.id = core->next_contract();
  auto cell = std::make_shared<facade::ExposeCell>(core, open.id, *draft_);
  const ContractId id = open.id;
  if (!core->open(std::move(open), cell)) return ErrorCode::closed;
  return ExposeContract(std::make_shared<facade::ExposeHandle>(core, id, std::move(cell)));
}

ExposeContract ExposeContractBuilder::build() {
  auto built = try_build();
  if (!built) throw Error(built.error());
  return *std::move(built);
}

}  // namespace mla
