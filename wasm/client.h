#pragma once
#include <mla/contract_options.h>
#include <mla/descriptor.h>
#include <mla/error.h>
#include <mla/standing.h>
#include <mla/state.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "contracts/machines/expose_machine.h"
#include "contracts/machines/observe_machine.h"
#include "contracts/machines/sink_machine.h"
#include "exchange/engine/engine.h"

namespace mla::wasm {

/// What JavaScript has to do, or to look at. *value*
struct Outgoing {
  enum class Kind : std::uint32_t {
    send = 1,      // `message` on the link `id`
    close,         // the link `id`, which the engine has forgotten: `code`, `text`
    linked,        // the link `id` is ready; `text`: the peer's name
    lost,          // the link `id` was ready and is no more: `code`
    contract,      // the contract `id` may have something to take
    stream,        // so may the stream `number` of the contract `id`
    sink_ended,    // the sink `number` of the contract `id`; `text`: the reason
    refused,       // the contract `id` was not opened: `code`
  };
  Kind kind;
  std::uint32_t id = 0;
  std::uint64_t number = 0;
  ErrorCode code = ErrorCode::ok;
  std::string text;
  engine::Bytes message;
};

/// One exchange of a page: the engine, and what its contracts have not told yet, in the machines that all languages share. It has
/// no thread and no clock: JavaScript brings events with their time, takes what is outgoing until there is nothing, and then what
/// contracts hold. A newer state takes the place of one that was not taken. *loop-confined*
class Client {
 public:
  explicit Client(engine::Config config) : limits_(config.limits), engine_(std::move(config)) {}

  // ---- events
  /// Carries out one event, after what sinks have sent.
  void step(Instant now, const engine::Event& event);
  /// What sinks have sent since leaves together.
  void flush(Instant now);
  void wake(Instant now);
  std::optional<Instant> next_deadline() const;
  std::optional<Outgoing> next_outgoing();

  // ---- contracts
  ErrorCode open(Instant now, engine::OpenContract open, std::chrono::nanoseconds min_interval);
  void drop(Instant now, ContractId id);
  void set_min_interval(Instant now, ContractId id, std::chrono::nanoseconds interval);

  /// A number for each object that a contract has told of, until its end is told. *value*
  struct Told {
    ObserveEvent seen;
    std::uint32_t object = 0;
    bool first = false;  // the number is new
  };
  std::optional<Told> take_event(Instant now, ContractId id);
  std::optional<machines::StreamId> take_stream(Instant now, ContractId id);
  ObjectPtr object_of(ContractId id, machines::StreamId stream) const;
  std::optional<State> take_state(Instant now, ContractId id, machines::StreamId stream);
  /// `none` while states may come.
  EndReason stream_end(ContractId id, machines::StreamId stream) const;
  void let_go(ContractId id, machines::StreamId stream);
  struct Election {
    SinkId sink;
    ObjectPtr object;
  };
  std::optional<Election> take_sink(ContractId id);

  // ---- sinks. An unknown one has ended.
  struct Sent {
    machines::SendAnswer answer = machines::SendAnswer::ended;
    ErrorCode refused = ErrorCode::ok;
    bool leaves = false;  // flush() has something to do
  };
  Sent send(SinkId sink, const State& state);
  std::optional<State> current(SinkId sink) const;
  void decline(Instant now, SinkId sink, std::string reason, std::chrono::milliseconds retry_after);

  std::size_t contracts() const { return observing_.size() + exposing_.size(); }
  std::size_t sinks() const { return sinks_.size(); }

 private:
  struct Observing {
    explicit Observing(std::chrono::nanoseconds interval) : machine(interval) {}
    machines::ObserveMachine machine;
    bool told = false;                          // there is something, and JavaScript knows it
    std::map<machines::StreamId, bool> streams;  // the same for each that was handed out
    std::map<const ObjectDescriptor*, std::uint32_t> numbers;
    std::uint32_t last_number = 0;
  };
  struct Exposing {
    machines::ExposeMachine machine;
    bool told = false;
  };
  struct Elected {
    machines::SinkPtr machine;
    ContractId contract;
  };

  void run(Instant now, std::span<const engine::Event> events);
  void carry_out(Instant now, engine::Action& action);
  void tell(ContractId id, Observing& contract, const machines::News& news);
  void tell(ContractId id, Exposing& contract);
  Observing* observing(ContractId id);
  const Observing* observing(ContractId id) const;
  machines::SinkMachine* sink(SinkId id);

  const Limits limits_;
  engine::Engine engine_;
  std::deque<Outgoing> outgoing_;
  std::map<ContractId, Observing> observing_;
  std::map<ContractId, Exposing> exposing_;
  std::set<ContractId> keeping_time_;  // contracts with a minimum interval
  std::map<SinkId, Elected> sinks_;
  std::vector<SinkId> to_publish_;
};

}  // namespace mla::wasm
