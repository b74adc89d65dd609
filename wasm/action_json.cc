#include "wasm/action_json.h"

#include <mla/descriptor.h>
#include <mla/error.h>

#include <string_view>
#include <variant>

#include "contracts/json_writer.h"

namespace mla::wasm {
namespace {

struct Writer {
  JsonWriter out;
  std::span<const std::byte> bytes;

  Writer& begin(std::string_view name) {
    out.begin_object().member("do", name);
    return *this;
  }
  Writer& contract(ContractId id) {
    out.member("contract", id.value);
    return *this;
  }
  Writer& link(LinkId id) {
    out.member("link", id.value);
    return *this;
  }
  Writer& sink(SinkId id) {
    out.member("sink", id.value);
    return *this;
  }
  Writer& object(const ObjectPtr& object) {
    out.key("object").raw(object->canonical());
    return *this;
  }
  Writer& reason(EndReason reason) {
    out.member("reason", to_string(reason));
    return *this;
  }
  Writer& version(const char* name, const Version& version) {
    out.key(name).begin_array();
    for (const std::int64_t item : version.items()) out.value(std::to_string(item));
    out.end_array();
    return *this;
  }
  void state(const State& state) {
    version("version", state.version());
    out.key("format").begin_array();
    for (const std::string& label : state.format()) out.value(label);
    out.end_array();
    out.member("synchronized", state.synchronized()).member("age_us", state.age().count());
    bytes = state.data();
  }

  void operator()(const engine::SendFrames& a) {
    begin("send").link(a.link);
    bytes = *a.message;
  }
  void operator()(const engine::CloseLink& a) {
    begin("close").link(a.link).out.member("code", to_string(a.code)).member("detail", a.detail);
  }
  void operator()(const engine::StateArrived& a) {
    begin("state").contract(a.contract).object(a.object).state(a.state);
  }
  void operator()(const engine::StandingChanged& a) {
    begin("standing").contract(a.contract).object(a.object);
    out.member("kind", to_string(a.standing.kind)).member("reason", a.standing.reason);
  }
  void operator()(const engine::ObjectEnded& a) {
    begin("ended").contract(a.contract).object(a.object).reason(a.reason);
  }
  void operator()(const engine::Elected& a) {
    begin("elected").contract(a.contract).sink(a.sink).object(a.object).version("floor", a.floor);
  }
  void operator()(const engine::TermChanged& a) { begin("term").sink(a.sink).version("floor", a.floor); }
  void operator()(const engine::Withdrawn& a) {
    begin("withdrawn").contract(a.contract).sink(a.sink).object(a.object).reason(a.reason);
  }
  void operator()(const engine::Published& a) {
    constexpr std::string_view kOutcome[] = {"accepted", "stale", "ended"};
    begin("published").sink(a.sink).version("version", a.version);
    out.member("outcome", kOutcome[static_cast<std::size_t>(a.outcome)]);
  }
  void operator()(const engine::SinkStale& a) { begin("stale").sink(a.sink).version("floor", a.floor); }
  void operator()(const engine::Confirmed& a) {
    begin("confirmed").sink(a.sink).version("version", a.version).out.member("observers", a.observers);
  }
  void operator()(const engine::SlotChanged& a) {
    begin("slot").sink(a.sink).out.member("nth", a.nth).key("observers").begin_array();
    for (const ContractId id : a.observers) out.value(id.value);
    out.end_array();
  }
  void operator()(const engine::LinkReady& a) { begin("ready").link(a.link).out.member("peer", a.peer_name); }
  void operator()(const engine::LinkLost& a) { begin("lost").link(a.link).out.member("code", to_string(a.code)); }
  void operator()(const engine::ContractRefused& a) {
    begin("refused").contract(a.contract).out.member("code", to_string(a.code));
  }
};

}  // namespace

std::string action_json(const engine::Action& action, std::span<const std::byte>& bytes) {
  Writer writer;
  std::visit(writer, action);
  bytes = writer.bytes;
  return writer.out.end_object().take();
}

}  // namespace mla::wasm
