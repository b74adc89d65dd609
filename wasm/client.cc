#include "wasm/client.h"

#include <algorithm>
#include <type_traits>
#include <variant>

namespace mla::wasm {
namespace {

constexpr std::size_t kReasonBytes = 256;  // of a declined object, on the wire

/// As links are told of it: they keep back for an hour at most.
Interval on_links(std::chrono::nanoseconds interval) {
  constexpr std::chrono::nanoseconds kNone{0}, kMost = std::chrono::hours(1);
  return std::chrono::duration_cast<Interval>(std::clamp(interval, kNone, kMost));
}

/// JavaScript gives contracts their numbers, from 1 on.
std::uint32_t to_js(ContractId id) {
  return static_cast<std::uint32_t>(id.value);
}

void cut(std::string& text, std::size_t most) {
  if (text.size() <= most) return;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  text.resize(most);
}

}  // namespace

void Client::step(Instant now, const engine::Event& event) {
  flush(now);
  run(now, {&event, 1});
}

void Client::flush(Instant now) {
  std::vector<engine::Event> events;
  for (const SinkId id : std::exchange(to_publish_, {})) {
    auto* from = sink(id);
    auto pending = from ? from->fetch() : std::nullopt;
    if (!pending) continue;
    events.emplace_back(engine::Publish{.sink = id,
                                        .payload = std::move(pending->payload),
                                        .version = std::move(pending->version),
                                        .own_version = pending->own_version,
                                        .sends = pending->sends});
  }
  if (!events.empty()) run(now, events);
}

void Client::run(Instant now, std::span<const engine::Event> events) {
  engine::Actions actions;
  engine_.step(now, events, actions);
  for (auto& action : actions) carry_out(now, action);
}

void Client::wake(Instant now) {
  step(now, engine::DeadlineReached{});
  for (const ContractId id : keeping_time_) {
    auto& contract = observing_.at(id);
    const auto due = contract.machine.next_due();
    if (!due || *due > now) continue;
    // Which of them has come due only the machine knows.
    tell(id, contract, {.contract = true, .stream = {}});
    for (const auto& [stream, told] : contract.streams) tell(id, contract, {.contract = false, .stream = stream});
  }
}

std::optional<Instant> Client::next_deadline() const {
  auto next = engine_.next_deadline();
  for (const ContractId id : keeping_time_)
    if (const auto due = observing_.at(id).machine.next_due(); due && (!next || *due < *next)) next = due;
  return next;
}

std::optional<Outgoing> Client::next_outgoing() {
  if (outgoing_.empty()) return std::nullopt;
  Outgoing first = std::move(outgoing_.front());
  outgoing_.pop_front();
  return first;
}

void Client::tell(ContractId id, Observing& contract, const machines::News& news) {
  if (news.contract && !std::exchange(contract.told, true))
    outgoing_.push_back({.kind = Outgoing::Kind::contract, .id = to_js(id)});
  if (const auto it = contract.streams.find(news.stream); it != contract.streams.end() && !std::exchange(it->second, true))
    outgoing_.push_back({.kind = Outgoing::Kind::stream, .id = to_js(id), .number = news.stream.value});
}

void Client::tell(ContractId id, Exposing& contract) {
  if (!std::exchange(contract.told, true)) outgoing_.push_back({.kind = Outgoing::Kind::contract, .id = to_js(id)});
}

void Client::carry_out(Instant now, engine::Action& action) {
  using Kind = Outgoing::Kind;
  const auto observer = [&](ContractId id, auto&& hears) {
    if (auto* contract = observing(id)) tell(id, *contract, hears(contract->machine));
  };
  std::visit(
      [&](auto& a) {
        using A = std::decay_t<decltype(a)>;
        if constexpr (std::is_same_v<A, engine::SendFrames>) {
          outgoing_.push_back({.kind = Kind::send, .id = a.link.value, .message = std::move(a.message)});
        } else if constexpr (std::is_same_v<A, engine::CloseLink>) {
          outgoing_.push_back({.kind = Kind::close, .id = a.link.value, .code = a.code, .text = std::move(a.detail)});
        } else if constexpr (std::is_same_v<A, engine::LinkReady>) {
          outgoing_.push_back({.kind = Kind::linked, .id = a.link.value, .text = std::move(a.peer_name)});
        } else if constexpr (std::is_same_v<A, engine::LinkLost>) {
          outgoing_.push_back({.kind = Kind::lost, .id = a.link.value, .code = a.code});
        } else if constexpr (std::is_same_v<A, engine::ContractRefused>) {
          outgoing_.push_back({.kind = Kind::refused, .id = to_js(a.contract), .code = a.code});
        } else if constexpr (std::is_same_v<A, engine::StateArrived>) {
          observer(a.contract, [&](auto& machine) { return machine.state_arrived(now, a.object, std::move(a.state)); });
        } else if constexpr (std::is_same_v<A, engine::StandingChanged>) {
          observer(a.contract, [&](auto& machine) { return machine.standing_changed(now, a.object, std::move(a.standing)); });
        } else if constexpr (std::is_same_v<A, engine::ObjectEnded>) {
          observer(a.contract, [&](auto& machine) { return machine.object_ended(now, a.object, a.reason); });
        } else if constexpr (std::is_same_v<A, engine::Elected>) {
          const auto it = exposing_.find(a.contract);
          if (it == exposing_.end()) return;
          auto made = std::make_shared<machines::SinkMachine>(a.object, a.epoch, std::move(a.floor), std::move(a.current));
          sinks_[a.sink] = {made, a.contract};
          if (it->second.machine.elected(a.sink, std::move(made))) tell(a.contract, it->second);
        } else if constexpr (std::is_same_v<A, engine::Withdrawn>) {
          sinks_.erase(a.sink);
          if (const auto it = exposing_.find(a.contract); it != exposing_.end()) it->second.machine.withdrawn(a.sink, a.reason);
          outgoing_.push_back({.kind = Kind::sink_ended,
                               .id = to_js(a.contract),
                               .number = a.sink.value,
                               .text = std::string(to_string(a.reason))});
        } else if constexpr (std::is_same_v<A, engine::TermChanged>) {
          if (auto* at = sink(a.sink)) at->term_changed(a.epoch, a.floor);
        } else if constexpr (std::is_same_v<A, engine::Published>) {
          if (auto* at = sink(a.sink)) at->raise_floor(a.version);
        } else if constexpr (std::is_same_v<A, engine::SinkStale>) {
          if (auto* at = sink(a.sink)) at->stale(a.floor);
        }
        // Confirmations are not asked for; SlotChanged is about states that need not pass the engine, here all do.
      },
      action);
}

ErrorCode Client::open(Instant now, engine::OpenContract open, std::chrono::nanoseconds min_interval) {
  const ErrorCode error = by_tag(open.kind) ? open.tag.check() : open.object->check();
  if (error != ErrorCode::ok) return error;
  if (observes(open.kind)) {
    observing_.try_emplace(open.id, min_interval);
    open.options.min_interval = on_links(min_interval);
    if (min_interval.count() > 0) keeping_time_.insert(open.id);
  } else {
    exposing_.try_emplace(open.id);
  }
  step(now, open);
  return ErrorCode::ok;
}

void Client::drop(Instant now, ContractId id) {
  flush(now);
  if (observing_.erase(id) + exposing_.erase(id) == 0) return;
  keeping_time_.erase(id);
  std::erase_if(sinks_, [&](const auto& sink) { return sink.second.contract == id; });
  step(now, engine::DropContract{id});
}

void Client::set_min_interval(Instant now, ContractId id, std::chrono::nanoseconds interval) {
  auto* contract = observing(id);
  if (!contract) return;
  contract->machine.set_min_interval(now, interval);
  if (interval.count() > 0)
    keeping_time_.insert(id);
  else
    keeping_time_.erase(id);
  tell(id, *contract, {.contract = true, .stream = {}});
  for (const auto& [stream, told] : contract->streams) tell(id, *contract, {.contract = false, .stream = stream});
  step(now, engine::SetMinInterval{id, on_links(interval)});
}

std::optional<Client::Told> Client::take_event(Instant now, ContractId id) {
  auto* contract = observing(id);
  if (!contract) return std::nullopt;
  auto seen = contract->machine.next_event(now);
  if (!seen) {
    contract->told = false;
    return std::nullopt;
  }
  // The machine tells of one object by one pointer until it has told its end.
  const auto object = seen->object.get();
  const auto [it, first] = contract->numbers.try_emplace(object, contract->last_number + 1);
  if (first) ++contract->last_number;
  const std::uint32_t number = it->second;
  if (seen->kind == ObserveEventKind::ended) contract->numbers.erase(it);
  return Told{*std::move(seen), number, first};
}

std::optional<machines::StreamId> Client::take_stream(Instant now, ContractId id) {
  auto* contract = observing(id);
  if (!contract) return std::nullopt;
  const auto stream = contract->machine.next_stream(now);
  if (stream)
    contract->streams.emplace(*stream, false);
  else
    contract->told = false;
  return stream;
}

ObjectPtr Client::object_of(ContractId id, machines::StreamId stream) const {
  const auto* contract = observing(id);
  return contract ? contract->machine.object(stream) : nullptr;
}

std::optional<State> Client::take_state(Instant now, ContractId id, machines::StreamId stream) {
  auto* contract = observing(id);
  if (!contract) return std::nullopt;
  auto state = contract->machine.next_state(stream, now);
  if (const auto it = contract->streams.find(stream); !state && it != contract->streams.end()) it->second = false;
  return state;
}

EndReason Client::stream_end(ContractId id, machines::StreamId stream) const {
  const auto* contract = observing(id);
  return contract ? contract->machine.end_reason(stream) : EndReason::contract_dropped;
}

void Client::let_go(ContractId id, machines::StreamId stream) {
  auto* contract = observing(id);
  if (!contract) return;
  contract->machine.let_go(stream);
  contract->streams.erase(stream);
}

std::optional<Client::Election> Client::take_sink(ContractId id) {
  const auto it = exposing_.find(id);
  if (it == exposing_.end()) return std::nullopt;
  const auto event = it->second.machine.next_sink();
  if (!event) {
    it->second.told = false;
    return std::nullopt;
  }
  return Election{event->id, event->sink->object()};
}

Client::Sent Client::send(SinkId id, const State& state) {
  if (const ErrorCode error = check_format(state.format()); error != ErrorCode::ok) return {.refused = error};
  if (state.data().size() > limits_.state_bytes) return {.refused = ErrorCode::state_too_large};
  auto* at = sink(id);
  if (!at) return {};
  const auto reply = at->send(state);
  if (reply.leaves) to_publish_.push_back(id);
  return {.answer = reply.answer, .leaves = reply.leaves};
}

std::optional<State> Client::current(SinkId id) const {
  const auto it = sinks_.find(id);
  return it == sinks_.end() ? std::nullopt : it->second.machine->current();
}

void Client::decline(Instant now, SinkId id, std::string reason, std::chrono::milliseconds retry_after) {
  if (!sink(id)) return;
  cut(reason, kReasonBytes);
  step(now, engine::Decline{id, std::move(reason), retry_after});
}

Client::Observing* Client::observing(ContractId id) {
  const auto it = observing_.find(id);
  return it == observing_.end() ? nullptr : &it->second;
}
const Client::Observing* Client::observing(ContractId id) const {
  const auto it = observing_.find(id);
  return it == observing_.end() ? nullptr : &it->second;
}
machines::SinkMachine* Client::sink(SinkId id) {
  const auto it = sinks_.find(id);
  return it == sinks_.end() ? nullptr : it->second.machine.get();
}

}  // namespace mla::wasm
