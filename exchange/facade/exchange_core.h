#pragma once
#include <mla/contract_options.h>
#include <mla/exchange.h>
#include <mla/result.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "contracts/containers.h"
#include "contracts/prefetch.h"
#include "exchange/describe/rate_meter.h"
#include "exchange/facade/gate.h"
#include "exchange/facade/link_journal.h"
#include "exchange/runtime/callback_queue.h"
#include "exchange/runtime/runtime_core.h"
#include "exchange/runtime/shell.h"

namespace mla::runtime {
class Connector;
class Listener;
}  // namespace mla::runtime

namespace mla::facade {

class ConnectorHandle;
class Describer;
class ObserveCell;
class SinkHandle;

/// One contract as the loop sees it. Called on the loop, while user threads use the same contract.
class ContractCell {
 public:
  virtual ~ContractCell() = default;
  virtual void on_notice(Instant now, engine::Action& notice) = 0;
  /// From any thread; the first reason stays.
  virtual void close(EndReason reason) = 0;
};

/// What a builder has collected.
struct ContractDraft {
  std::shared_ptr<class ExchangeCore> core;
  engine::OpenContract open;
  std::chrono::nanoseconds min_interval{0};
  bool with_current = false;
  ErrorCode error = ErrorCode::ok;  // the first option that was out of range
};

/// Joins the shell with the contracts of one exchange: gives each notice of the engine to the contract or
/// sink it is for. Public members say where they may be called; what is kept per contract lives on the loop.
class alignas(kCacheLine) ExchangeCore : public runtime::Notices, public std::enable_shared_from_this<ExchangeCore> {
  // What every state has to do with comes first, in one line of the processor's caches.
  const std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  ContractId latest_;
  ContractCell* latest_cell_ = nullptr;  // found last; none: nothing was, or it is gone
  FlatMap<std::uint64_t, std::shared_ptr<ContractCell>> contracts_;

 public:
  ExchangeCore(std::shared_ptr<runtime::RuntimeCore> runtime, ExchangeOptions options);

  // ---- any thread
  runtime::Shell& shell() { return *shell_; }
  const std::shared_ptr<runtime::Shell>& shell_ptr() const { return shell_; }
  const std::shared_ptr<runtime::CallbackQueue>& callbacks() const { return callbacks_; }
  Limits limits() const;
  ErrorCode set_limits(const Limits& limits, std::string* why);
  LinkJournal& journal() { return *journal_; }
  const std::shared_ptr<LinkJournal>& journal_ptr() const { return journal_; }
  const std::string& name() const { return options_.name; }
  const std::shared_ptr<Gate>& gate() const { return gate_; }
  ContractId next_contract() { return ContractId{last_contract_.fetch_add(1) + 1}; }
  /// False after close().
  bool open(engine::OpenContract open, std::shared_ptr<ContractCell> cell);
  void drop(ContractId contract);
  /// Who this process is to the exchange's permissions.
  const Principal& principal() const { return options_.principal; }
  ExchangeInfo info();
  void close();

  // ---- on the loop
  void on_notice(Instant now, engine::Action& notice) override;
  std::optional<engine::Publish> fetch(SinkId sink) override;
  bool deliver(SinkId sink) override;
  void begin_step() override { gate_->close(); }
  void end_step() override { gate_->open(); }
  void open_here(engine::OpenContract open, std::shared_ptr<ContractCell> cell);
  void drop_here(ContractId contract);
  ExchangeInfo info_here();
  /// From the first listener that wants it to the last, the exchange describes itself.
  void describe_for(std::uint64_t listener);
  void listener_gone(std::uint64_t listener);
  void link_status_changed();
  void add_sink(ContractId contract, SinkId id, std::shared_ptr<SinkHandle> sink);

  /// The loop's halves of connectors and listeners, kept by the number of their handle.
  std::map<std::uint64_t, std::shared_ptr<runtime::Connector>> connectors;
  std::map<std::uint64_t, std::weak_ptr<ConnectorHandle>> connector_handles;
  std::map<std::uint64_t, std::shared_ptr<runtime::Listener>> listeners;
  /// Stops it; what it has counted stays.
  void drop_listener(std::uint64_t listener);
  std::uint64_t next_endpoint() { return ++last_endpoint_; }

 private:
  void close_on_loop();
  void stop_describing();
  void note(const engine::LinkReady& ready);
  void note(const engine::LinkLost& lost);
  void slot_changed(const engine::SlotChanged& slot);

  ContractCell* cell(ContractId contract);

  const ExchangeOptions options_;
  mutable std::mutex limits_mutex_;
  Limits limits_;  // guarded by limits_mutex_
  const std::shared_ptr<runtime::CallbackQueue> callbacks_;
  const std::shared_ptr<LinkJournal> journal_;
  const std::shared_ptr<runtime::Shell> shell_;
  std::atomic<std::uint64_t> last_contract_{0};
  std::uint64_t last_endpoint_ = 0;
  description::RateMeter rates_;
  std::map<LinkId, LinkEvent> linked_;  // who is at the other end, for when it is lost
  AcceptInfo gone_accept_;              // of listeners that are gone
  std::set<std::uint64_t> describing_listeners_;
  std::shared_ptr<Describer> describer_;
  FlatMap<std::uint64_t, std::shared_ptr<SinkHandle>> sinks_;
  std::set<std::pair<ContractId, SinkId>> sinks_of_;
};

/// What user handles of an exchange share: the exchange lives as long as this.
class ExchangeHandle {
 public:
  ExchangeHandle(std::shared_ptr<runtime::RuntimeCore> runtime, ExchangeOptions options);
  ~ExchangeHandle();
  const std::shared_ptr<ExchangeCore>& core() const { return core_; }
  const std::shared_ptr<runtime::RuntimeCore>& runtime() const { return runtime_; }

 private:
  std::shared_ptr<runtime::RuntimeCore> runtime_;
  std::shared_ptr<ExchangeCore> core_;
};

}  // namespace mla::facade
