#pragma once
#include <mla/contract.h>
#include <mla/stream.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "contracts/machines/observe_machine.h"
#include "contracts/prefetch.h"
#include "exchange/facade/exchange_core.h"
#include "exchange/facade/wait_point.h"

namespace mla::facade {

/// An observe contract between the loop, which brings news, and user threads, which take it: one machine
/// under one mutex, so that taking needs no trip through the loop. *thread-safe*
class ObserveCell : public ContractCell, public std::enable_shared_from_this<ObserveCell> {
 public:
  ObserveCell(std::shared_ptr<runtime::Shell> shell, std::shared_ptr<runtime::CallbackQueue> callbacks,
              ObjectPtr object, std::chrono::nanoseconds min_interval)
      : shell_(std::move(shell)),
        callbacks_(std::move(callbacks)),
        object_(std::move(object)),
        machine_(min_interval) {}

  void on_notice(Instant now, engine::Action& notice) override;
  void close(EndReason reason) override;
  /// What the next state of the same object will be written to; for expect_straight() alone, since it may be gone. *value*
  struct Writes {
    std::span<const std::byte> machine;
    const void* flag = nullptr;
  };
  /// From a local sink, past the engine, which brings the same state later.
  Writes on_straight(const ObjectPtr& object, const State& state);
  /// on_straight() comes soon. What a reader on another core has written to last comes from there one line after the other,
  /// 100 ns each, unless the processor is told of all in time.
  void expect_straight(const Writes& writes) const;

  using Limit = std::optional<std::chrono::nanoseconds>;
  Next<StateStream> next_stream(Limit limit);
  Next<StateStream> try_stream();
  Next<ObserveEvent> next_event(Limit limit);
  Next<ObserveEvent> try_event();
  std::size_t try_events(std::vector<ObserveEvent>& out, std::size_t most);
  detail::AsyncSource<StateStream> stream_source();
  detail::AsyncSource<ObserveEvent> event_source();
  void on_ready(std::function<void()> f);
  std::optional<Standing> standing(const ObjectDescriptor* object) const;
  void set_min_interval(std::chrono::nanoseconds interval);
  EndReason end_reason() const;

  Next<State> next_state(machines::StreamId stream, WaitPoint& point, Limit limit);
  Next<State> try_state(machines::StreamId stream, WaitPoint& point);
  detail::AsyncSource<State> state_source(machines::StreamId stream, std::shared_ptr<WaitPoint> point);
  void on_ready(const std::shared_ptr<WaitPoint>& point, std::function<void()> f);
  void let_go(machines::StreamId stream);
  EndReason end_reason(machines::StreamId stream) const;

 private:
  std::optional<StateStream> take_stream(Instant at);
  std::optional<ObserveEvent> take_event(Instant at) { return machine_.next_event(at); }
  template <class T, class Take>
  detail::AsyncSource<T> source(Take take);
  void armed_once();
  const WaitPoint* tell(const machines::News& news);  ///< the stream's that was told
  void arm();
  void on_due();

  const std::shared_ptr<runtime::Shell> shell_;
  const std::shared_ptr<runtime::CallbackQueue> callbacks_;
  const ObjectPtr object_;  // none: a tag's
  alignas(kCacheLine) mutable std::mutex mutex_;  // with what the machine counts in, which comes first there: one line
  machines::ObserveMachine machine_;
  WaitPoint point_;
  std::map<machines::StreamId, std::shared_ptr<WaitPoint>> streams_;
  std::optional<Instant> told_due_;  // what waiting threads know of next_due()
  bool callbacks_used_ = false;
  std::optional<Instant>
      armed_;  // a call at that time is due on the loop, for on_ready under a minimum interval
};

/// What user handles of one stream share; when it goes, the object is muted.
class StreamHandle {
 public:
  StreamHandle(std::shared_ptr<ObserveCell> of, machines::StreamId number, ObjectPtr its_object,
               std::shared_ptr<WaitPoint> its_point)
      : cell(std::move(of)), id(number), object(std::move(its_object)), point(std::move(its_point)) {}
  ~StreamHandle();

  const std::shared_ptr<ObserveCell> cell;
  const machines::StreamId id;
  const ObjectPtr object;
  const std::shared_ptr<WaitPoint> point;
};

/// As links are told of it: they keep back for an hour at most.
Interval on_links(std::chrono::nanoseconds interval);

/// What user handles of one observe contract share; when it goes, the contract is dropped.
class ObserveHandle {
 public:
  ObserveHandle(std::shared_ptr<ExchangeCore> core, ContractId id, std::shared_ptr<ObserveCell> its_cell)
      : cell(std::move(its_cell)), core_(std::move(core)), id_(id) {}
  ~ObserveHandle();
  void set_min_interval(std::chrono::nanoseconds interval);
  void close();

  const std::shared_ptr<ObserveCell> cell;

 private:
  const std::shared_ptr<ExchangeCore> core_;
  const ContractId id_;
};

}  // namespace mla::facade
