#include "exchange/facade/expose_cell.h"

#include <utility>
#include <variant>

#include "contracts/prefetch.h"

namespace mla::facade {
namespace {

constexpr std::size_t kReasonBytes = 256;  // of a declined object, on the wire

/// At most `most` bytes, and no half of a UTF-8 character at the end.
std::string cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return std::string(text.substr(0, most));
}

}  // namespace

SinkHandle::SinkHandle(std::shared_ptr<ExposeCell> cell, SinkId id, engine::Elected& elected)
    : SinkMachine(elected.object, elected.epoch, std::move(elected.floor),
                  cell->with_current_ ? std::move(elected.current) : std::nullopt, cell->confirmation_),
      cell_(std::move(cell)),
      id_(id) {}

SendResult SinkHandle::send(const State& state) {
  if (!state.payload()) return {SendOutcome::refused, {}, ErrorCode::bad_format};
  if (ErrorCode error = check_format(state.format()); error != ErrorCode::ok)
    return {SendOutcome::refused, {}, error};
  if (state.data().size() > cell_->state_bytes_)
    return {SendOutcome::refused, {}, ErrorCode::state_too_large};
  std::lock_guard lock(cell_->mutex_);
  if (slot_.empty())
    prefetch(this);  // one of very many, perhaps
  else
    slot_.front()->expect_straight(first_writes_);
  const bool straight = !slot_.empty() && cell_->gate_->try_enter();
  machines::SendReply reply = SinkMachine::send(state, fetched_nth_ + unfetched_sends() + 1);
  if (straight && reply.answer == machines::SendAnswer::accepted)
    deliver_straight();
  // Under the lock, so that a drop of the contract cannot overtake the state on its way to the loop.
  if (reply.leaves) cell_->shell_->submit(runtime::Shell::FetchSink{id_}, straight && alone_ ? runtime::Shell::When::next_step
                                                                                   : runtime::Shell::When::soon);
  if (straight) cell_->gate_->leave();  // after it: the next step must find it
  switch (reply.answer) {
    case machines::SendAnswer::accepted:
      return {SendOutcome::accepted, std::move(reply.version), ErrorCode::ok};
    case machines::SendAnswer::stale:
      return {SendOutcome::stale, std::move(reply.version), ErrorCode::stale};
    case machines::SendAnswer::ended:
      break;
  }
  return {SendOutcome::ended, {}, ErrorCode::ended};
}

void SinkHandle::decline(std::string_view reason, std::chrono::milliseconds retry_after) {
  std::lock_guard lock(cell_->mutex_);
  if (end_reason() != EndReason::none) return;
  end(EndReason::declined);
  ended();
  cell_->shell_->submit(engine::Event(engine::Decline{id_, cut(reason, kReasonBytes), retry_after}));
}

Next<EndReason> SinkHandle::wait_end(std::chrono::nanoseconds limit) {
  std::unique_lock lock(cell_->mutex_);
  return wait_on<EndReason>(
      lock, point_, *cell_->callbacks_, limit, [&](Instant) { return end_if_any(); }, [] { return false; },
      [] { return std::optional<Instant>(); });
}

/// Whoever waits on this sink finds that it has ended. Under the contract's lock.
void SinkHandle::ended() {
  slot_.clear();
  point_.wake(*cell_->callbacks_);
  confirmed_.wake(*cell_->callbacks_);
}

ConfirmResult SinkHandle::confirm(const Version& version, std::chrono::nanoseconds limit) {
  const auto refused = [](ErrorCode error) { return ConfirmResult{ConfirmOutcome::refused, 0, error}; };
  std::unique_lock lock(cell_->mutex_);
  if (!tickets()) return refused(ErrorCode::bad_option);
  auto take = [&](Instant) -> std::optional<ConfirmResult> {
    switch (tickets()->ask(version)) {
      case machines::Tickets::Answer::confirmed:
        return ConfirmResult{ConfirmOutcome::confirmed, tickets()->observers().value_or(0), ErrorCode::ok};
      case machines::Tickets::Answer::stale:
        return ConfirmResult{ConfirmOutcome::stale, 0, ErrorCode::stale};
      case machines::Tickets::Answer::unknown:
        return refused(ErrorCode::bad_version);
      case machines::Tickets::Answer::waiting:
        break;
    }
    return std::nullopt;
  };
  auto result = wait_on<ConfirmResult>(
      lock, confirmed_, *cell_->callbacks_, limit, take, [&] { return end_reason() != EndReason::none; },
      [] { return std::optional<Instant>(); });
  switch (result.status()) {
    case WaitStatus::item:
      return *result;
    case WaitStatus::timed_out:
      return {ConfirmOutcome::timed_out, 0, ErrorCode::timed_out};
    case WaitStatus::ended:
      return {ConfirmOutcome::ended, 0, ErrorCode::ended};
    case WaitStatus::busy:
      return refused(ErrorCode::busy);
    case WaitStatus::would_deadlock:
      return refused(ErrorCode::would_deadlock);
    case WaitStatus::cancelled:
      break;
  }
  return refused(ErrorCode::bad_option);
}

std::optional<std::uint64_t> SinkHandle::observers_now() const {
  std::lock_guard lock(cell_->mutex_);
  return tickets() ? tickets()->observers() : std::nullopt;
}

detail::AsyncSource<EndReason> SinkHandle::end_source() {
  auto self = shared_from_this();
  return async_source<EndReason>(
      std::shared_ptr<WaitPoint>(self, &point_), cell_->mutex_, [self](Instant) { return self->end_if_any(); },
      [] { return false; }, [] {});
}

std::optional<EndReason> SinkHandle::end_if_any() const {
  return end_reason() == EndReason::none ? std::nullopt : std::optional<EndReason>(end_reason());
}

EndReason SinkHandle::end_reason_now() const {
  std::lock_guard lock(cell_->mutex_);
  return end_reason();
}

Epoch SinkHandle::epoch_now() const {
  std::lock_guard lock(cell_->mutex_);
  return epoch();
}

std::optional<State> SinkHandle::current_now() const {
  std::lock_guard lock(cell_->mutex_);
  return current();
}

void SinkHandle::on_notice(const engine::Action& notice) {
  std::lock_guard lock(cell_->mutex_);
  if (auto* term = std::get_if<engine::TermChanged>(&notice)) {
    term_changed(term->epoch, term->floor);
    if (term->published) published_again(term->floor);
  } else if (auto* published = std::get_if<engine::Published>(&notice)) {
    const bool accepted = published->outcome == engine::PublishOutcome::accepted;
    SinkMachine::published(accepted ? machines::SendAnswer::accepted : machines::SendAnswer::stale, published->version);
    if (!accepted) confirmed_.wake(*cell_->callbacks_);
  } else if (auto* behind = std::get_if<engine::SinkStale>(&notice)) {
    SinkMachine::stale(behind->floor);
    confirmed_.wake(*cell_->callbacks_);
  } else if (auto* all = std::get_if<engine::Confirmed>(&notice)) {
    if (!SinkMachine::confirmed(all->version, all->observers)) return;
    confirmed_.wake(*cell_->callbacks_);
    if (cell_->machine_.confirmed(id_, *tickets()->newest(), all->observers)) cell_->point_.wake(*cell_->callbacks_);
  }
}

std::optional<engine::Publish> SinkHandle::fetch() {
  std::lock_guard lock(cell_->mutex_);
  auto pending = SinkMachine::fetch();
  if (!pending) return std::nullopt;
  engine::Publish publish;
  publish.sink = id_;
  publish.payload = std::move(pending->payload);
  publish.version = std::move(pending->version);
  publish.own_version = pending->own_version;
  publish.sends = pending->sends;
  fetched_nth_ += pending->sends;
  return publish;
}

bool SinkHandle::deliver() {
  std::lock_guard lock(cell_->mutex_);
  if (slot_.empty() || !alone_ || end_reason() != EndReason::none) return false;
  if (unfetched_sends() == 0) return true;
  deliver_straight();
  return true;
}

void SinkHandle::deliver_straight() {
  first_writes_ = slot_.front()->on_straight(object(), *current());
  for (std::size_t i = 1; i < slot_.size(); ++i) slot_[i]->on_straight(object(), *current());
}

void SinkHandle::set_slot(std::uint64_t nth, bool alone, std::vector<std::shared_ptr<ObserveCell>> observers) {
  std::lock_guard lock(cell_->mutex_);
  fetched_nth_ = nth;
  alone_ = alone;
  slot_.swap(observers);
  if (end_reason() != EndReason::none) slot_.clear();
}

ExposeCell::ExposeCell(std::shared_ptr<ExchangeCore> core, ContractId id, const ContractDraft& draft)
    : core_(core.get()),
      shell_(core->shell_ptr()),
      callbacks_(core->callbacks()),
      gate_(core->gate()),
      id_(id),
      with_current_(draft.with_current),
      confirmation_(draft.open.options.confirmation ? machines::SinkMachine::Confirmation::asked
                                                    : machines::SinkMachine::Confirmation::not_asked),
      state_bytes_(core->limits().state_bytes) {}

void ExposeCell::on_notice(Instant, engine::Action& notice) {
  std::lock_guard lock(mutex_);
  if (auto* elected = std::get_if<engine::Elected>(&notice)) {
    const SinkId id = elected->sink;
    auto sink = std::make_shared<SinkHandle>(shared_from_this(), id, *elected);
    core_->add_sink(id_, id, sink);
    if (!machine_.elected(id, sink)) return;
    elected_.emplace(id.value, std::move(sink));
    point_.wake(*callbacks_);
  } else if (auto* withdrawn = std::get_if<engine::Withdrawn>(&notice)) {
    if (machine_.withdrawn(withdrawn->sink, withdrawn->reason)) point_.wake(*callbacks_);
    if (auto it = elected_.find(withdrawn->sink.value); it != elected_.end()) {
      it->second->ended();
      elected_.erase(it);
    }
  }
}

void ExposeCell::close(EndReason reason) {
  std::unordered_map<std::uint64_t, std::shared_ptr<SinkHandle>>
      elected;  // goes after the lock: they hold this cell
  std::lock_guard lock(mutex_);
  if (machine_.end_reason() != EndReason::none) return;
  machine_.close(reason);
  point_.wake(*callbacks_);
  elected.swap(elected_);
  for (auto& [id, sink] : elected) sink->ended();
}

std::optional<StateSink> ExposeCell::take_sink() {
  auto event = machine_.next_sink();
  if (!event) return std::nullopt;
  return StateSink(std::static_pointer_cast<SinkHandle>(event->sink));
}

std::optional<ExposeEvent> ExposeCell::take_event() {
  auto next = machine_.next_event();
  if (!next) return std::nullopt;
  ExposeEvent event;
  using Kind = machines::ExposeMachine::Event::Kind;
  event.kind = next->kind == Kind::elected     ? ExposeEventKind::elected
               : next->kind == Kind::confirmed ? ExposeEventKind::confirmed
                                               : ExposeEventKind::withdrawn;
  event.object = next->sink->object();
  event.sink = StateSink(std::static_pointer_cast<SinkHandle>(next->sink));
  event.reason = next->reason;
  event.version = std::move(next->version);
  event.observers = next->observers;
  return event;
}

Next<StateSink> ExposeCell::next_sink(Limit limit) {
  std::unique_lock lock(mutex_);
  return wait_on<StateSink>(
      lock, point_, *callbacks_, limit, [&](Instant) { return take_sink(); },
      [&] { return machine_.end_reason() != EndReason::none; }, [] { return std::optional<Instant>(); });
}

Next<StateSink> ExposeCell::try_sink() {
  std::lock_guard lock(mutex_);
  return try_take<StateSink>([&](Instant) { return take_sink(); },
                             [&] { return machine_.end_reason() != EndReason::none; });
}

Next<ExposeEvent> ExposeCell::next_event(Limit limit) {
  std::unique_lock lock(mutex_);
  return wait_on<ExposeEvent>(
      lock, point_, *callbacks_, limit, [&](Instant) { return take_event(); },
      [&] { return machine_.end_reason() != EndReason::none; }, [] { return std::optional<Instant>(); });
}

Next<ExposeEvent> ExposeCell::try_event() {
  std::lock_guard lock(mutex_);
  return try_take<ExposeEvent>([&](Instant) { return take_event(); },
                               [&] { return machine_.end_reason() != EndReason::none; });
}

template <class T, class Take>
detail::AsyncSource<T> ExposeCell::source(Take take) {
  auto self = shared_from_this();
  return async_source<T>(
      std::shared_ptr<WaitPoint>(self, &point_), mutex_, [self, take](Instant) { return (self.get()->*take)(); },
      [self] { return self->machine_.end_reason() != EndReason::none; }, [] {});
}

detail::AsyncSource<StateSink> ExposeCell::sink_source() {
  return source<StateSink>(&ExposeCell::take_sink);
}
detail::AsyncSource<ExposeEvent> ExposeCell::event_source() {
  return source<ExposeEvent>(&ExposeCell::take_event);
}

void ExposeCell::on_ready(std::function<void()> f) {
  const bool used = static_cast<bool>(f);
  callbacks_->set(*point_.slot, std::move(f));
  if (used) callbacks_->notify(point_.slot);
}

EndReason ExposeCell::end_reason() const {
  std::lock_guard lock(mutex_);
  return machine_.end_reason();
}

ExposeHandle::~ExposeHandle() {
  close();
  cell->on_ready({});
}

void ExposeHandle::close() {
  cell->close(EndReason::contract_dropped);
  core_->drop(id_);
}

void ExposeHandle::set_capacity(std::uint32_t capacity) {
  core_->shell().submit(engine::Event(engine::SetCapacity{id_, capacity}));
}

}  // namespace mla::facade
