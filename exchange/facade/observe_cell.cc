#include "exchange/facade/observe_cell.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace mla::facade {

void ObserveCell::on_notice(Instant at, engine::Action& notice) {
  prefetch(this);
  std::lock_guard lock(mutex_);
  machines::News news;
  if (auto* state = std::get_if<engine::StateArrived>(&notice))
    news = machine_.state_arrived(at, state->object, std::move(state->state));
  else if (auto* standing = std::get_if<engine::StandingChanged>(&notice))
    news = machine_.standing_changed(at, standing->object, std::move(standing->standing));
  else if (auto* ended = std::get_if<engine::ObjectEnded>(&notice))
    news = machine_.object_ended(at, ended->object, ended->reason);
  tell(news);
}

const WaitPoint* ObserveCell::tell(const machines::News& news) {
  const WaitPoint* of_stream = nullptr;
  if (news.contract) point_.wake(*callbacks_);
  if (news.stream.value != 0)
    if (auto it = streams_.find(news.stream); it != streams_.end()) {
      of_stream = it->second.get();
      it->second->wake(*callbacks_);
    }
  if (!news) {
    // Held back perhaps: a waiting thread must look up when that ends.
    if (auto due = machine_.next_due(); due && due != told_due_) {
      told_due_ = due;
      point_.look_up(*callbacks_);
      for (auto& [id, point] : streams_) point->look_up(*callbacks_);
    }
    arm();
  }
  return of_stream;
}

ObserveCell::Writes ObserveCell::on_straight(const ObjectPtr& object, const State& state) {
  std::lock_guard lock(mutex_);
  const WaitPoint* told = tell(machine_.state_arrived(machine_.keeps_time() ? now() : Instant{}, object, State(state)));
  return {machine_.written_next(), told ? &told->maybe : nullptr};
}

void ObserveCell::expect_straight(const Writes& writes) const {
  __builtin_prefetch(&mutex_, 1);
  for (std::size_t at = 0; at < writes.machine.size(); at += kCacheLine) __builtin_prefetch(writes.machine.data() + at, 1);
  __builtin_prefetch(writes.flag, 0);  // to be read: who spins looks at it all the time
}

void ObserveCell::close(EndReason reason) {
  std::lock_guard lock(mutex_);
  if (machine_.end_reason() != EndReason::none) return;
  machine_.close(reason);
  point_.wake(*callbacks_);
  for (auto& [id, point] : streams_) point->wake(*callbacks_);
}

std::optional<StateStream> ObserveCell::take_stream(Instant at) {
  auto id = machine_.next_stream(at);
  if (!id) return std::nullopt;
  auto point = std::make_shared<WaitPoint>();
  streams_.emplace(*id, point);
  return StateStream(
      std::make_shared<StreamHandle>(shared_from_this(), *id, machine_.object(*id), std::move(point)));
}

Next<StateStream> ObserveCell::next_stream(Limit limit) {
  std::unique_lock lock(mutex_);
  return wait_on<StateStream>(
      lock, point_, *callbacks_, limit, [&](Instant at) { return take_stream(at); },
      [&] { return machine_.end_reason() != EndReason::none; }, [&] { return machine_.next_due(); });
}

Next<StateStream> ObserveCell::try_stream() {
  std::lock_guard lock(mutex_);
  return try_take<StateStream>([&](Instant at) { return take_stream(at); },
                               [&] { return machine_.end_reason() != EndReason::none; });
}

Next<ObserveEvent> ObserveCell::next_event(Limit limit) {
  std::unique_lock lock(mutex_);
  return wait_on<ObserveEvent>(
      lock, point_, *callbacks_, limit, [&](Instant at) { return machine_.next_event(at); },
      [&] { return machine_.end_reason() != EndReason::none; }, [&] { return machine_.next_due(); });
}

Next<ObserveEvent> ObserveCell::try_event() {
  if (!point_.maybe.load(std::memory_order_acquire)) return WaitStatus::timed_out;
  const auto lock = lock_soon(mutex_);
  Next<ObserveEvent> next(std::in_place);
  // Most states need no look at the clock, which may cost as much as all the rest.
  const bool there = machine_.next_event(machine_.event_keeps_time() ? now() : Instant{}, *next), ended = machine_.end_reason() != EndReason::none;
  // What is held back comes without a wake().
  if (!ended && !machine_.has_event() && !machine_.keeps_time()) point_.maybe.store(false, std::memory_order_relaxed);
  if (!there) next = ended ? WaitStatus::ended : WaitStatus::timed_out;
  return next;
}

std::size_t ObserveCell::try_events(std::vector<ObserveEvent>& out, std::size_t most) {
  std::lock_guard lock(mutex_);
  const Instant at = now();
  std::size_t count = 0;
  for (; count < most && machine_.next_event(at, out.emplace_back()); ++count) {
  }
  if (count < most) out.pop_back();
  return count;
}

Next<State> ObserveCell::next_state(machines::StreamId stream, WaitPoint& point, Limit limit) {
  std::unique_lock lock(mutex_);
  return wait_on<State>(
      lock, point, *callbacks_, limit, [&](Instant at) { return machine_.next_state(stream, at); },
      [&] { return machine_.end_reason(stream) != EndReason::none; }, [&] { return machine_.next_due(); });
}

Next<State> ObserveCell::try_state(machines::StreamId stream, WaitPoint& point) {
  if (!point.maybe.load(std::memory_order_acquire)) return WaitStatus::timed_out;
  const auto lock = lock_soon(mutex_);
  const bool keeps_time = machine_.keeps_time(stream);  // as above
  if (auto state = machine_.next_state(stream, keeps_time ? now() : Instant{})) return *std::move(state);
  if (machine_.end_reason(stream) != EndReason::none) return WaitStatus::ended;
  if (!keeps_time) point.maybe.store(false, std::memory_order_relaxed);  // as above
  return WaitStatus::timed_out;
}

template <class T, class Take>
detail::AsyncSource<T> ObserveCell::source(Take take) {
  auto self = shared_from_this();
  return async_source<T>(
      std::shared_ptr<WaitPoint>(self, &point_), mutex_, [self, take](Instant at) { return (self.get()->*take)(at); },
      [self] { return self->machine_.end_reason() != EndReason::none; }, [self] { self->armed_once(); });
}

detail::AsyncSource<StateStream> ObserveCell::stream_source() {
  return source<StateStream>(&ObserveCell::take_stream);
}
detail::AsyncSource<ObserveEvent> ObserveCell::event_source() {
  return source<ObserveEvent>(&ObserveCell::take_event);
}

detail::AsyncSource<State> ObserveCell::state_source(machines::StreamId stream,
                                                     std::shared_ptr<WaitPoint> point) {
  auto self = shared_from_this();
  return async_source<State>(
      std::move(point), mutex_, [self, stream](Instant at) { return self->machine_.next_state(stream, at); },
      [self, stream] { return self->machine_.end_reason(stream) != EndReason::none; },
      [self] { self->armed_once(); });
}

/// What is held back must wake it too.
void ObserveCell::armed_once() {
  callbacks_used_ = true;
  arm();
}

void ObserveCell::on_ready(std::function<void()> f) {
  const bool used = static_cast<bool>(f);
  callbacks_->set(*point_.slot, std::move(f));
  if (!used) return;
  std::lock_guard lock(mutex_);
  callbacks_used_ = true;
  callbacks_->notify(point_.slot);
  arm();
}

void ObserveCell::on_ready(const std::shared_ptr<WaitPoint>& point, std::function<void()> f) {
  const bool used = static_cast<bool>(f);
  callbacks_->set(*point->slot, std::move(f));
  if (!used) return;
  std::lock_guard lock(mutex_);
  callbacks_used_ = true;
  callbacks_->notify(point->slot);
  arm();
}

// A state that is held back becomes takeable without any news from the loop; whoever is called must be called
// then.
void ObserveCell::arm() {
  const auto due = machine_.next_due();
  if (!callbacks_used_ || !due || (armed_ && *armed_ <= *due)) return;
  armed_ = due;
  shell_->submit(runtime::Shell::Task([shell = shell_.get(), weak = weak_from_this(), at = *due] {
    shell->call_at(at, [weak] {
      if (auto self = weak.lock()) self->on_due();
    });
  }));
}

void ObserveCell::on_due() {
  std::lock_guard lock(mutex_);
  armed_.reset();
  point_.wake(*callbacks_);
  for (auto& [id, point] : streams_) point->wake(*callbacks_);
  // What is still held back then is due later than now.
  if (auto due = machine_.next_due(); due && *due > now()) arm();
}

std::optional<Standing> ObserveCell::standing(const ObjectDescriptor* object) const {
  if (!object) object = object_.get();
  if (!object) return std::nullopt;
  std::lock_guard lock(mutex_);
  return machine_.standing(now(), *object);
}

void ObserveCell::set_min_interval(std::chrono::nanoseconds interval) {
  std::lock_guard lock(mutex_);
  machine_.set_min_interval(now(), std::max(interval, std::chrono::nanoseconds(0)));
  point_.wake(*callbacks_);
  for (auto& [id, point] : streams_) point->wake(*callbacks_);
  arm();
}

EndReason ObserveCell::end_reason() const {
  std::lock_guard lock(mutex_);
  return machine_.end_reason();
}

EndReason ObserveCell::end_reason(machines::StreamId stream) const {
  std::lock_guard lock(mutex_);
  return machine_.end_reason(stream);
}

void ObserveCell::let_go(machines::StreamId stream) {
  std::lock_guard lock(mutex_);
  machine_.let_go(stream);
  // A coroutine may be left waiting: it is told the end.
  if (auto it = streams_.find(stream); it != streams_.end()) it->second->wake(*callbacks_);
  streams_.erase(stream);
}

StreamHandle::~StreamHandle() {
  cell->on_ready(point, {});
  cell->let_go(id);
}

ObserveHandle::~ObserveHandle() {
  close();
  cell->on_ready({});
}

Interval on_links(std::chrono::nanoseconds interval) {
  constexpr std::chrono::nanoseconds kNone{0}, kMost = std::chrono::hours(1);
  return std::chrono::duration_cast<Interval>(std::clamp(interval, kNone, kMost));
}

void ObserveHandle::set_min_interval(std::chrono::nanoseconds interval) {
  cell->set_min_interval(interval);
  core_->shell().submit(engine::Event(engine::SetMinInterval{id_, on_links(interval)}));
}

void ObserveHandle::close() {
  cell->close(EndReason::contract_dropped);
  core_->drop(id_);
}

}  // namespace mla::facade
