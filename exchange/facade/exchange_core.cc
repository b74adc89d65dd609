#include "exchange/facade/exchange_core.h"

#include <random>
#include <type_traits>
#include <utility>

#include "exchange/facade/connector_handle.h"
#include "exchange/facade/describer.h"
#include "exchange/facade/expose_cell.h"
#include "exchange/facade/observe_cell.h"
#include "exchange/runtime/connector.h"
#include "exchange/runtime/listener.h"

namespace mla::facade {
namespace {

/// How long links get to let go of what was sent before the exchange closed.
constexpr std::chrono::seconds kPatience{1};

std::uint64_t draw() {
  std::random_device device;
  std::uint64_t bits = 0;
  while (bits == 0) bits = (std::uint64_t{device()} << 32) | device();
  return bits;
}

LinkTotals totals(const engine::LinkTotals& from) {
  return {from.links,     from.messages_in, from.messages_out, from.bytes_in,
          from.bytes_out, from.states_in,   from.states_out};
}

void add(AcceptInfo& sum, const transport::AcceptCounters& counted) {
  sum.connections += counted.connections;
  sum.links += counted.links;
  sum.handshakes_now += counted.handshakes_now;
  sum.handshake_timeouts += counted.handshake_timeouts;
  sum.handshakes_cut += counted.handshakes_cut;
  sum.not_http += counted.not_http;
  sum.plain_http += counted.plain_http;
  sum.bad_handshake += counted.bad_handshake;
  sum.bad_host += counted.bad_host;
  sum.bad_origin += counted.bad_origin;
  sum.bad_subprotocol += counted.bad_subprotocol;
  sum.too_many_links += counted.too_many_links;
  sum.accept_errors += counted.accept_errors;
}

engine::Config engine_config(const ExchangeOptions& options) {
  engine::Config config;
  config.node = NodeId{draw()};
  config.seed = draw();
  config.name = options.name;
  config.limits = options.limits;
  config.local = options.principal;
  return config;
}

}  // namespace

ExchangeCore::ExchangeCore(std::shared_ptr<runtime::RuntimeCore> runtime, ExchangeOptions options)
    : options_(std::move(options)),
      limits_(options_.limits),
      callbacks_(std::make_shared<runtime::CallbackQueue>(runtime)),
      journal_(std::make_shared<LinkJournal>(callbacks_)),
      shell_(std::make_shared<runtime::Shell>(runtime->next_worker(), runtime->manual(), engine_config(options_),
                                              *this)) {}

Limits ExchangeCore::limits() const {
  std::lock_guard lock(limits_mutex_);
  return limits_;
}

ErrorCode ExchangeCore::set_limits(const Limits& limits, std::string* why) {
  if (std::string wrong = check_limits(limits); !wrong.empty()) {
    if (why) *why = std::move(wrong);
    return ErrorCode::bad_option;
  }
  const auto done = shell_->ask([this, &limits] {
    {
      std::lock_guard lock(limits_mutex_);
      limits_ = limits;
    }
    for (auto& [id, connector] : connectors) connector->set_limits(limits);
    for (auto& [id, listener] : listeners) listener->set_limits(limits);
    shell_->step(engine::Reconfigured{limits});
    return true;
  });
  return done ? ErrorCode::ok : ErrorCode::closed;
}

bool ExchangeCore::open(engine::OpenContract open, std::shared_ptr<ContractCell> cell) {
  return shell_->submit(
      runtime::Shell::Task([this, open = std::move(open), cell = std::move(cell)]() mutable {
        if (shell_->closing()) return cell->close(EndReason::exchange_closed);
        open_here(std::move(open), std::move(cell));
      }));
}

void ExchangeCore::open_here(engine::OpenContract open, std::shared_ptr<ContractCell> cell) {
  contracts_[open.id.value] = std::move(cell);
  shell_->step(std::move(open));
}

void ExchangeCore::drop(ContractId contract) {
  shell_->submit(runtime::Shell::Task([this, contract] { drop_here(contract); }));
}

void ExchangeCore::drop_here(ContractId contract) {
  latest_cell_ = nullptr;
  if (contracts_.erase(contract.value) == 0) return;
  shell_->step(engine::DropContract{contract});
  for (auto it = sinks_of_.lower_bound({contract, SinkId{}});
       it != sinks_of_.end() && it->first == contract;) {
    sinks_.erase(it->second.value);
    it = sinks_of_.erase(it);
  }
}

void ExchangeCore::add_sink(ContractId contract, SinkId id, std::shared_ptr<SinkHandle> sink) {
  sinks_[id.value] = std::move(sink);
  sinks_of_.emplace(contract, id);
}

ContractCell* ExchangeCore::cell(ContractId contract) {
  if (latest_cell_ && latest_ == contract) return latest_cell_;
  const auto it = contracts_.find(contract.value);
  if (it == contracts_.end()) return nullptr;
  latest_ = contract;
  return latest_cell_ = it->second.get();
}

void ExchangeCore::on_notice(Instant now, engine::Action& notice) {
  auto to_contract = [&](ContractId id) {
    if (ContractCell* const to = cell(id)) to->on_notice(now, notice);
  };
  auto to_sink = [&](SinkId id) {
    if (auto it = sinks_.find(id.value); it != sinks_.end()) it->second->on_notice(notice);
  };
  std::visit(
      [&](auto& n) {
        using N = std::decay_t<decltype(n)>;
        if constexpr (std::is_same_v<N, engine::StateArrived> || std::is_same_v<N, engine::StandingChanged> ||
                      std::is_same_v<N, engine::ObjectEnded> || std::is_same_v<N, engine::Elected>) {
          to_contract(n.contract);
        } else if constexpr (std::is_same_v<N, engine::Withdrawn>) {
          to_contract(n.contract);
          sinks_.erase(n.sink.value);
          sinks_of_.erase({n.contract, n.sink});
        } else if constexpr (std::is_same_v<N, engine::TermChanged> || std::is_same_v<N, engine::Published> ||
                             std::is_same_v<N, engine::SinkStale> || std::is_same_v<N, engine::Confirmed>) {
          to_sink(n.sink);
        } else if constexpr (std::is_same_v<N, engine::LinkReady> || std::is_same_v<N, engine::LinkLost>) {
          note(n);
        } else if constexpr (std::is_same_v<N, engine::SlotChanged>) {
          slot_changed(n);
        }
      },
      notice);
}

void ExchangeCore::note(const engine::LinkReady& ready) {
  LinkEvent event;
  event.to_parent = ready.role == engine::LinkRole::parent;
  event.peer = ready.peer;
  event.peer_name = ready.peer_name;
  event.address = shell_->peer(ready.link);
  linked_[ready.link] = event;
  journal_->add(std::move(event));
}

void ExchangeCore::note(const engine::LinkLost& lost) {
  const auto it = linked_.find(lost.link);
  if (it == linked_.end()) return;
  LinkEvent event = std::move(it->second);
  linked_.erase(it);
  event.kind = LinkEventKind::lost;
  event.error = lost.code;
  journal_->add(std::move(event));
}

void ExchangeCore::slot_changed(const engine::SlotChanged& slot) {
  const auto sink = sinks_.find(slot.sink.value);
  if (sink == sinks_.end()) return;
  std::vector<std::shared_ptr<ObserveCell>> observers;
  for (const ContractId id : slot.observers)
    if (const auto it = contracts_.find(id.value); it != contracts_.end())
      if (auto cell = std::dynamic_pointer_cast<ObserveCell>(it->second)) observers.push_back(std::move(cell));
  sink->second->set_slot(slot.nth, slot.alone, std::move(observers));
}

std::optional<engine::Publish> ExchangeCore::fetch(SinkId sink) {
  auto it = sinks_.find(sink.value);
  if (it == sinks_.end()) return std::nullopt;
  return it->second->fetch();
}

bool ExchangeCore::deliver(SinkId sink) {
  auto it = sinks_.find(sink.value);
  return it == sinks_.end() || it->second->deliver();
}

ExchangeInfo ExchangeCore::info_here() {
  engine::EngineInfo from = shell_->info();
  ExchangeInfo info;
  info.name = name();
  info.node = from.node;
  info.path = std::move(from.path);
  info.objects = from.objects;
  info.tags = from.tags;
  info.contracts = from.contracts - (describer_ ? describer_->contracts() : 0);
  info.epochs_minted = from.epochs_minted;
  info.states_accepted = from.states_accepted;
  info.states_fenced = from.states_fenced;
  info.states_not_newer = from.states_not_newer;
  info.states_oversized = from.states_oversized;
  info.frames_skipped = from.frames_skipped;
  for (engine::LinkInfo& link : from.links) {
    LinkInfo out;
    out.link = link.link.value;
    out.to_parent = link.role == engine::LinkRole::parent;
    out.ready = link.ready;
    out.peer = link.peer;
    out.peer_name = std::move(link.peer_name);
    out.address = shell_->peer(link.link);
    out.round_trip = link.round_trip;
    out.messages_in = link.messages_in;
    out.messages_out = link.messages_out;
    out.bytes_in = link.bytes_in;
    out.bytes_out = link.bytes_out;
    out.states_in = link.states_in;
    out.states_out = link.states_out;
    out.differences_in = link.differences_in;
    out.differences_out = link.differences_out;
    out.queued_bytes = link.queued_bytes;
    out.pending_objects = link.pending_objects;
    for (std::size_t kind = 0; kind < link.heard.size(); ++kind) {
      const auto &in = link.heard[kind], &sent = link.said[kind];
      if (in.frames || sent.frames)
        out.kinds.push_back({std::string(codec::kind_name(kind)), in.frames, in.bytes, sent.frames, sent.bytes});
    }
    info.links.push_back(std::move(out));
  }
  rates_.measure(shell_->now(), info.links);
  info.gone_parents = totals(from.gone_parents);
  info.gone_children = totals(from.gone_children);
  info.accept = gone_accept_;
  for (const auto& [id, listener] : listeners) add(info.accept, listener->counters());
  return info;
}

ExchangeInfo ExchangeCore::info() {
  auto told = shell_->ask([this] { return info_here(); });
  ExchangeInfo info = told ? *std::move(told) : ExchangeInfo{};
  info.name = name();
  return info;
}

void ExchangeCore::describe_for(std::uint64_t listener) {
  describing_listeners_.insert(listener);
  if (describer_) return;
  describer_ = std::make_shared<Describer>(*this);
  describer_->start();
}

void ExchangeCore::listener_gone(std::uint64_t listener) {
  if (describing_listeners_.erase(listener) && describing_listeners_.empty()) stop_describing();
}

void ExchangeCore::drop_listener(std::uint64_t listener) {
  const auto it = listeners.find(listener);
  if (it == listeners.end()) return;
  add(gone_accept_, it->second->counters());
  gone_accept_.handshakes_now = 0;
  it->second->stop();
  listeners.erase(it);
  listener_gone(listener);
}

void ExchangeCore::link_status_changed() {
  if (describer_) describer_->follow_node_id();
}

void ExchangeCore::stop_describing() {
  if (auto describer = std::exchange(describer_, nullptr)) describer->stop();
}

void ExchangeCore::close() {
  shell_->close([this] { close_on_loop(); }, kPatience);
  callbacks_->close();
}

void ExchangeCore::close_on_loop() {
  stop_describing();
  for (auto& [id, listener] : std::exchange(listeners, {})) listener->stop();
  for (auto& [id, handle] : std::exchange(connector_handles, {}))
    if (auto held = handle.lock()) held->closed();
  // Here and not later: what they hold belongs to this loop, which may go before the last handle of the exchange.
  for (auto& [id, connector] : std::exchange(connectors, {})) connector->retire();
  latest_cell_ = nullptr;
  for (auto& [id, cell] : std::exchange(contracts_, {})) cell->close(EndReason::exchange_closed);
  sinks_.clear();
  sinks_of_.clear();
}

ExchangeHandle::ExchangeHandle(std::shared_ptr<runtime::RuntimeCore> runtime, ExchangeOptions options)
    : runtime_(std::move(runtime)), core_(std::make_shared<ExchangeCore>(runtime_, std::move(options))) {}

ExchangeHandle::~ExchangeHandle() {
  core_->close();
}

}  // namespace mla::facade
