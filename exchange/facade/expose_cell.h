#pragma once
#include <mla/contract.h>
#include <mla/sink.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "contracts/machines/expose_machine.h"
#include "contracts/machines/sink_machine.h"
#include "exchange/facade/exchange_core.h"
#include "exchange/facade/observe_cell.h"
#include "exchange/facade/wait_point.h"

namespace mla::facade {

class ExposeCell;

/// One election: shared by user handles, its contract, and the loop. Its contract's mutex guards the machine
/// it is.
class SinkHandle : public machines::SinkMachine, public std::enable_shared_from_this<SinkHandle> {
 public:
  SinkHandle(std::shared_ptr<ExposeCell> cell, SinkId id, engine::Elected& elected);

  // ---- any thread
  SendResult send(const State& state);
  void decline(std::string_view reason, std::chrono::milliseconds retry_after);
  Next<EndReason> wait_end(std::chrono::nanoseconds limit);
  detail::AsyncSource<EndReason> end_source();
  EndReason end_reason_now() const;
  Epoch epoch_now() const;
  std::optional<State> current_now() const;
  ConfirmResult confirm(const Version& version, std::chrono::nanoseconds limit);
  std::optional<std::uint64_t> observers_now() const;

  // ---- on the loop
  void on_notice(const engine::Action& notice);
  std::optional<engine::Publish> fetch();
  bool deliver();  ///< false: the engine must hear of it now
  /// Whom send() may reach straight; `nth`: of the last state that was fetched.
  void set_slot(std::uint64_t nth, bool alone, std::vector<std::shared_ptr<ObserveCell>> observers);

 private:
  friend class ExposeCell;
  std::optional<EndReason> end_if_any() const;

  const std::shared_ptr<ExposeCell> cell_;
  void ended();
  void deliver_straight();  ///< when there is somebody in the slot

  const SinkId id_;
  WaitPoint point_, confirmed_;
  std::vector<std::shared_ptr<ObserveCell>> slot_;  // local observers, while the engine lets states go straight
  ObserveCell::Writes first_writes_;                // of the first of them
  bool alone_ = false;  // nobody but them needs what is sent
  std::uint64_t fetched_nth_ = 0;
};

/// An expose contract between the loop and user threads. *thread-safe*
class ExposeCell : public ContractCell, public std::enable_shared_from_this<ExposeCell> {
 public:
  ExposeCell(std::shared_ptr<ExchangeCore> core, ContractId id, const ContractDraft& draft);

  void on_notice(Instant now, engine::Action& notice) override;
  void close(EndReason reason) override;

  using Limit = std::optional<std::chrono::nanoseconds>;
  Next<StateSink> next_sink(Limit limit);
  Next<StateSink> try_sink();
  Next<ExposeEvent> next_event(Limit limit);
  Next<ExposeEvent> try_event();
  detail::AsyncSource<StateSink> sink_source();
  detail::AsyncSource<ExposeEvent> event_source();
  void on_ready(std::function<void()> f);
  EndReason end_reason() const;

 private:
  friend class SinkHandle;
  template <class T, class Take>
  detail::AsyncSource<T> source(Take take);
  std::optional<StateSink> take_sink();
  std::optional<ExposeEvent> take_event();

  // The core outlives its contracts' use of it: nothing of it is called after its close().
  ExchangeCore* const core_;
  const std::shared_ptr<runtime::Shell> shell_;
  const std::shared_ptr<runtime::CallbackQueue> callbacks_;
  const std::shared_ptr<Gate> gate_;
  const ContractId id_;
  const bool with_current_;
  const machines::SinkMachine::Confirmation confirmation_;
  const std::uint64_t state_bytes_;
  mutable std::mutex mutex_;
  machines::ExposeMachine machine_;
  WaitPoint point_;
  std::unordered_map<std::uint64_t, std::shared_ptr<SinkHandle>>
      elected_;  // to wake them when the contract ends
};

/// What user handles of one expose contract share; when it goes, the contract is dropped.
class ExposeHandle {
 public:
  ExposeHandle(std::shared_ptr<ExchangeCore> core, ContractId id, std::shared_ptr<ExposeCell> its_cell)
      : cell(std::move(its_cell)), core_(std::move(core)), id_(id) {}
  ~ExposeHandle();
  void close();
  void set_capacity(std::uint32_t capacity);

  const std::shared_ptr<ExposeCell> cell;

 private:
  const std::shared_ptr<ExchangeCore> core_;
  const ContractId id_;
};

}  // namespace mla::facade
