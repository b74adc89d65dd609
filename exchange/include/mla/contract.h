#pragma once
#include <mla/descriptor.h>
#include <mla/observe_event.h>
#include <mla/result.h>
#include <mla/sink.h>
#include <mla/standing.h>
#include <mla/state.h>
#include <mla/stream.h>
#include <mla/wait.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace mla {

namespace facade {
class ObserveHandle;
class ExposeHandle;
class ExchangeCore;
struct ContractDraft;
}  // namespace facade

/// The promise to observe one object, or all live objects of a tag. Take either streams (next), one per
/// object at a time, or events (next_event), merged over all objects; an object that was handed out as a
/// stream gives its states there and only its standing and end as events. Ends when the last copy of the
/// handle goes, when closed, or with the exchange. *thread-safe*; one thread waits at a time.
class ObserveContract {
 public:
  /// The next object's stream, handed out with its first state. nullopt when the contract has ended. Throws
  /// Error: busy, would_deadlock.
  std::optional<StateStream> next();
  Next<StateStream> next_for(std::chrono::nanoseconds limit);
  Next<StateStream> try_next();

  /// The next event: objects take turns, each gives its newest state only. nullopt when the contract has
  /// ended. Throws Error: busy, would_deadlock.
  std::optional<ObserveEvent> next_event();
  Next<ObserveEvent> next_event_for(std::chrono::nanoseconds limit);
  Next<ObserveEvent> try_next_event();
  /// Adds up to `most` of those that are there to `out`; how many. For readers of very many objects: senders are held up once.
  std::size_t try_next_events(std::vector<ObserveEvent>& out, std::size_t most);

  /// `co_await async_next(token)`, with any completion token of Asio: include <mla/asio.h>. Completes with what
  /// next_for() gives, on the token's executor.
  template <class Token>
  auto async_next(Token&& token);
  template <class Token>
  auto async_next_event(Token&& token);

  /// As StateStream::on_ready, for try_next() and try_next_event().
  void on_ready(std::function<void()> f);

  std::optional<Standing> standing() const;  ///< of an object contract's object; nullopt: not told yet
  std::optional<Standing> standing(const ObjectDescriptor& object) const;  ///< nullopt: unknown here

  /// Least time between two states of one object; 0: every change. Freshness changes and the first state of a
  /// new writer are not delayed. Links carry no more than the fastest observer behind them asks for; what is
  /// beyond an hour is kept back here.
  void set_min_interval(std::chrono::nanoseconds interval);

  void close();                  ///< ends the contract and all its streams, from any thread; waits return
  EndReason end_reason() const;  ///< none while it lasts

  // For the exchange's own layers.
  explicit ObserveContract(std::shared_ptr<facade::ObserveHandle> handle);

 private:
  detail::AsyncSource<StateStream> source();
  detail::AsyncSource<ObserveEvent> event_source();
  std::shared_ptr<facade::ObserveHandle> handle_;
};

enum class ExposeEventKind : std::uint8_t { elected, withdrawn, confirmed };
std::string_view to_string(ExposeEventKind kind);

struct ExposeEvent {
  ExposeEventKind kind = ExposeEventKind::elected;
  ObjectPtr object;                    ///< never null
  std::optional<StateSink> sink;       ///< always set; for withdrawn the one that ended
  EndReason reason = EndReason::none;  ///< for withdrawn
  Version version;                     ///< for confirmed: the newest one that is, as send() answered it
  std::uint64_t observers = 0;         ///< for confirmed: as ConfirmResult::observers
};

/// The promise to expose one object, or any object of a tag that somebody observes. Ends when the last copy
/// of the handle goes, when closed, or with the exchange. *thread-safe*; one thread waits at a time.
class ExposeContract {
 public:
  /// The next sink: elected, and somebody observes. nullopt when the contract has ended. Throws Error: busy,
  /// would_deadlock.
  std::optional<StateSink> next();
  Next<StateSink> next_for(std::chrono::nanoseconds limit);
  Next<StateSink> try_next();

  /// The same with withdrawals, and with confirmations if the contract was made with_confirmation(): when a newer state
  /// is confirmed, and when the number of those who hold it changes; of several the newest. An election that ended
  /// before it was taken is not told.
  std::optional<ExposeEvent> next_event();
  Next<ExposeEvent> next_event_for(std::chrono::nanoseconds limit);
  Next<ExposeEvent> try_next_event();

  /// `co_await async_next(token)`, with any completion token of Asio: include <mla/asio.h>. Completes with what
  /// next_for() gives, on the token's executor.
  template <class Token>
  auto async_next(Token&& token);
  template <class Token>
  auto async_next_event(Token&& token);

  /// As StateStream::on_ready, for try_next() and try_next_event().
  void on_ready(std::function<void()> f);

  /// A weight, 0…1 000 000. 0: nothing new, and hand over what this contract has. Throws Error: bad_option.
  void set_capacity(std::uint32_t capacity);

  void close();                  ///< ends the contract and all its sinks, from any thread; waits return
  EndReason end_reason() const;  ///< none while it lasts

  // For the exchange's own layers.
  explicit ExposeContract(std::shared_ptr<facade::ExposeHandle> handle);

 private:
  detail::AsyncSource<StateSink> source();
  detail::AsyncSource<ExposeEvent> event_source();
  std::shared_ptr<facade::ExposeHandle> handle_;
};

/// Options of an observe contract. *value*
class ObserveContractBuilder {
 public:
  ObserveContractBuilder& with_min_interval(std::chrono::nanoseconds interval);  ///< see set_min_interval

  /// Throws Error, as try_build() refuses.
  ObserveContract build();
  /// Errors: those of the descriptor's check(), bad_option, closed.
  Result<ObserveContract> try_build();

  // For the exchange's own layers.
  explicit ObserveContractBuilder(std::shared_ptr<facade::ContractDraft> draft);

 private:
  std::shared_ptr<facade::ContractDraft> draft_;
};

/// Options of an expose contract. *value*
class ExposeContractBuilder {
 public:
  ExposeContractBuilder& with_capacity(std::uint32_t capacity);  ///< a weight, 0…1 000 000; default 1
  ExposeContractBuilder& with_limit(
      std::uint32_t objects);  ///< at most so many at a time; beyond it objects wait
  ExposeContractBuilder& with_priority(
      std::int32_t priority);  ///< higher goes first, and takes over; default 0
  /// Waits while one of lower priority is at work; preferred only when a writer is chosen anew.
  ExposeContractBuilder& without_preemption();
  /// An election goes on for so long after the last observer left, at most an hour; default 0. Nothing is
  /// sent meanwhile to where nobody needs it.
  ExposeContractBuilder& with_linger(std::chrono::nanoseconds time);
  ExposeContractBuilder& with_current();                        ///< StateSink::current() from the election on
  ExposeContractBuilder& with_confirmation();  ///< StateSink::confirm(); costs a small frame a state and link

  /// Throws Error, as try_build() refuses.
  ExposeContract build();
  /// Errors: those of the descriptor's check(), bad_option, closed.
  Result<ExposeContract> try_build();

  // For the exchange's own layers.
  explicit ExposeContractBuilder(std::shared_ptr<facade::ContractDraft> draft);

 private:
  std::shared_ptr<facade::ContractDraft> draft_;
};

}  // namespace mla
