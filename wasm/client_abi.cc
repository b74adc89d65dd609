#include <emscripten/emscripten.h>
#include <mla/descriptor.h>
#include <mla/error.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "wasm/client.h"

// The client as JavaScript calls it: plain numbers; bytes and texts go in through one buffer, and come out through one record
// whose layout engine.ts knows too. Times are milliseconds as performance.now() gives them. Numbers of links and contracts are
// chosen by the caller. No check of arguments: engine.ts is the only caller.
using namespace mla;
using wasm::Client;
using wasm::Outgoing;

namespace {

enum Kind : std::uint32_t { kNothing, kState, kStanding, kEnded, kSink, kStream };

/// What the last call gave. Pointers are valid until the next call of any function here.
struct Record {
  double age_ms = 0;
  double skipped = 0;
  double number = 0;  // of a sink or stream
  std::uint64_t epoch = 0;
  std::uint32_t kind = kNothing;
  std::uint32_t id = 0;
  std::uint32_t object = 0;  // the number by which the contract tells of it
  std::uint32_t code = 0;
  std::uint32_t synchronized = 0;
  std::uint32_t skipped_exact = 0;
  const char* text = nullptr;  // the object when its number is new; else what the kind says
  std::uint32_t text_size = 0;
  const std::byte* data = nullptr;
  std::uint32_t data_size = 0;
  const char* format = nullptr;  // none: JSON
  std::uint32_t format_size = 0;
  const std::int64_t* version = nullptr;
  std::uint32_t version_size = 0;  // items
  const char* reason = nullptr;
  std::uint32_t reason_size = 0;
};
static_assert(sizeof(Record) == 96 && offsetof(Record, kind) == 32, "engine.ts reads it");

// What a record points into.
Record g_record;
State g_state;
std::string g_text, g_format, g_reason;
Outgoing g_outgoing;
ObjectPtr g_object;
std::vector<std::byte> g_input;

Instant at(double now) {
  return Instant(std::chrono::nanoseconds(static_cast<std::int64_t>(now * 1e6)));
}
std::chrono::nanoseconds span(double ms) {
  constexpr double kMost = 1e12;  // some thirty years
  return std::chrono::nanoseconds(static_cast<std::int64_t>(std::clamp(ms, 0.0, kMost) * 1e6));
}
double ms(std::chrono::microseconds age) {
  return static_cast<double>(age.count()) / 1000;
}
std::string_view input(std::size_t size) {
  return {reinterpret_cast<const char*>(g_input.data()), size};
}

void put(std::string_view text, const char*& where, std::uint32_t& size) {
  where = text.data();
  size = static_cast<std::uint32_t>(text.size());
}
void put_object(ObjectPtr object) {
  g_object = std::move(object);
  put(g_object->canonical(), g_record.text, g_record.text_size);
}

void put_state(State state) {
  g_state = std::move(state);
  g_record.kind = kState;
  g_record.data = g_state.data().data();
  g_record.data_size = static_cast<std::uint32_t>(g_state.data().size());
  const Format& format = g_state.format();
  if (format.size() != 1 || format[0] != "JSON") {
    g_format.clear();
    for (const auto& label : format) (g_format += g_format.empty() ? "" : " ") += label;
    g_record.format = g_format.c_str();
    g_record.format_size = static_cast<std::uint32_t>(g_format.size());
  }
  const auto items = g_state.version().items();
  g_record.version = items.data();
  g_record.version_size = static_cast<std::uint32_t>(items.size());
  g_record.epoch = g_state.epoch().counter;
  g_record.synchronized = g_state.synchronized();
  g_record.age_ms = ms(g_state.age());
  g_record.skipped = static_cast<double>(g_state.skipped());
  g_record.skipped_exact = g_state.skipped_exact();
}

void put_event(ObserveEvent& seen) {
  switch (seen.kind) {
    case ObserveEventKind::state:
      return put_state(std::move(seen.state));
    case ObserveEventKind::standing:
      g_record.kind = kStanding;
      g_reason = std::string(to_string(seen.standing.kind)) + ' ' + seen.standing.reason;
      put(g_reason, g_record.reason, g_record.reason_size);
      g_record.age_ms = ms(seen.standing.age);
      return;
    case ObserveEventKind::ended:
      g_record.kind = kEnded;
      return put(to_string(seen.reason), g_record.reason, g_record.reason_size);
  }
}

}  // namespace

#define MLA_ABI extern "C" EMSCRIPTEN_KEEPALIVE

/// Where the record is.
MLA_ABI const Record* mla_record() {
  return &g_record;
}
/// Room for `size` bytes, which the next call reads.
MLA_ABI std::byte* mla_input(std::size_t size) {
  if (g_input.size() < size) g_input.resize(std::max(size, std::size_t{4096}));
  return g_input.data();
}

/// Input: the name that peers show.
MLA_ABI Client* mla_client_new(std::uint32_t node_low, std::uint32_t node_high, std::uint32_t seed_low, std::uint32_t seed_high,
                               std::size_t name) {
  const std::uint64_t node = std::uint64_t{node_high} << 32 | node_low;
  const std::uint64_t seed = std::uint64_t{seed_high} << 32 | seed_low;
  return new Client({.node = NodeId{node}, .seed = seed, .name = std::string(input(name))});
}
MLA_ABI void mla_client_free(Client* client) {
  delete client;
}
/// 0: contracts, 1: sinks
MLA_ABI std::size_t mla_count(const Client* client, int what) {
  return what == 0 ? client->contracts() : client->sinks();
}

/// A link to the parent is there.
MLA_ABI void mla_link_up(Client* client, double now, std::uint32_t link, std::size_t bytes_free) {
  client->step(at(now), engine::LinkUp{.link = LinkId{link}, .role = engine::LinkRole::parent, .bytes_free = bytes_free});
}
/// Input: one message.
MLA_ABI void mla_link_message(Client* client, double now, std::uint32_t link, std::size_t size) {
  client->step(at(now), engine::LinkFrames{LinkId{link}, std::span(g_input).first(size)});
}
MLA_ABI void mla_link_writable(Client* client, double now, std::uint32_t link, std::size_t bytes_free) {
  client->step(at(now), engine::LinkWritable{LinkId{link}, bytes_free});
}
MLA_ABI void mla_link_down(Client* client, double now, std::uint32_t link) {
  client->step(at(now), engine::LinkDown{LinkId{link}});
}
MLA_ABI void mla_wake(Client* client, double now) {
  client->wake(at(now));
}
MLA_ABI void mla_flush(Client* client, double now) {
  client->flush(at(now));
}
/// Says goodbye to the parent.
MLA_ABI void mla_shut_down(Client* client, double now) {
  client->step(at(now), engine::Shutdown{});
}
/// Infinity: nothing to wait for.
MLA_ABI double mla_next_deadline(const Client* client) {
  const auto deadline = client->next_deadline();
  if (!deadline) return std::numeric_limits<double>::infinity();
  return static_cast<double>(deadline->time_since_epoch().count()) / 1e6;
}
/// The kind of Outgoing, 0: nothing. Its message is the record's data, its text the record's text.
MLA_ABI std::uint32_t mla_next_outgoing(Client* client) {
  auto next = client->next_outgoing();
  if (!next) return 0;
  g_outgoing = *std::move(next);
  g_record = {.number = static_cast<double>(g_outgoing.number),
              .id = g_outgoing.id,
              .code = static_cast<std::uint32_t>(g_outgoing.code)};
  put(g_outgoing.text, g_record.text, g_record.text_size);
  if (g_outgoing.message) {
    g_record.data = g_outgoing.message->data();
    g_record.data_size = static_cast<std::uint32_t>(g_outgoing.message->size());
  }
  return static_cast<std::uint32_t>(g_outgoing.kind);
}

/// Input: JSON texts, one a line: the tag; or the object's value, then its tags. Answers an ErrorCode, 0 when it is open.
/// `limit` 0: none.
MLA_ABI std::uint32_t mla_open(Client* client, double now, std::uint32_t id, int kind, std::size_t size, std::int32_t priority,
                               std::uint32_t capacity, std::uint32_t limit, int takes_over, double linger_ms, double min_interval_ms) {
  engine::OpenContract open{.id = ContractId{id}, .kind = static_cast<ContractKind>(kind)};
  open.options.priority = priority;
  open.options.capacity = capacity;
  if (limit > 0) open.options.limit = limit;
  open.options.takes_over = takes_over != 0;
  open.options.linger = std::chrono::duration_cast<std::chrono::milliseconds>(span(linger_ms));
  std::vector<std::string> lines(1);
  for (const char c : input(size)) {  // no JSON text that JSON.stringify() writes holds a line feed
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += c;
  }
  if (by_tag(open.kind)) {
    const auto json = Json::parse(lines[0]);
    if (!json) return static_cast<std::uint32_t>(json.error());
    open.tag = TagDescriptor(*json);
  } else {
    const std::string value = std::move(lines[0]);
    lines.erase(lines.begin());
    auto object = ObjectDescriptor::parse(lines, value);
    if (!object) return static_cast<std::uint32_t>(object.error());
    open.object = std::make_shared<const ObjectDescriptor>(*std::move(object));
  }
  return static_cast<std::uint32_t>(client->open(at(now), std::move(open), span(min_interval_ms)));
}
MLA_ABI void mla_drop(Client* client, double now, std::uint32_t id) {
  client->drop(at(now), ContractId{id});
}
MLA_ABI void mla_set_capacity(Client* client, double now, std::uint32_t id, std::uint32_t capacity) {
  client->step(at(now), engine::SetCapacity{ContractId{id}, capacity});
}
MLA_ABI void mla_set_min_interval(Client* client, double now, std::uint32_t id, double interval_ms) {
  client->set_min_interval(at(now), ContractId{id}, span(interval_ms));
}

// ---- taking. Each answers the record's kind, 0 when there is nothing.

MLA_ABI std::uint32_t mla_take_event(Client* client, double now, std::uint32_t id) {
  auto told = client->take_event(at(now), ContractId{id});
  if (!told) return kNothing;
  g_record = {.id = id, .object = told->object};
  if (told->first) put_object(told->seen.object);
  put_event(told->seen);
  return g_record.kind;
}
MLA_ABI std::uint32_t mla_take_stream(Client* client, double now, std::uint32_t id) {
  const auto stream = client->take_stream(at(now), ContractId{id});
  if (!stream) return kNothing;
  g_record = {.number = static_cast<double>(stream->value), .kind = kStream, .id = id};
  put_object(client->object_of(ContractId{id}, *stream));
  return kStream;
}
/// The stream's next state, or its end.
MLA_ABI std::uint32_t mla_take_state(Client* client, double now, std::uint32_t id, double stream) {
  const machines::StreamId number{static_cast<std::uint64_t>(stream)};
  g_record = {.number = stream, .id = id};
  if (auto state = client->take_state(at(now), ContractId{id}, number)) {
    put_state(*std::move(state));
  } else if (const EndReason end = client->stream_end(ContractId{id}, number); end != EndReason::none) {
    g_record.kind = kEnded;
    put(to_string(end), g_record.reason, g_record.reason_size);
  }
  return g_record.kind;
}
MLA_ABI void mla_let_go(Client* client, std::uint32_t id, double stream) {
  client->let_go(ContractId{id}, machines::StreamId{static_cast<std::uint64_t>(stream)});
}
MLA_ABI std::uint32_t mla_take_sink(Client* client, std::uint32_t id) {
  const auto election = client->take_sink(ContractId{id});
  if (!election) return kNothing;
  g_record = {.number = static_cast<double>(election->sink.value), .kind = kSink, .id = id};
  put_object(election->object);
  return kSink;
}

// ---- sinks

/// Input: a line with the format's labels, separated by spaces, then the data. Answers 0 accepted, 1 stale, 2 ended, plus 4 when
/// mla_flush() has something to do; or an ErrorCode.
MLA_ABI std::uint32_t mla_send(Client* client, double sink, std::size_t size, int own_version, std::size_t version_items) {
  // The version's items come first, aligned.
  const std::size_t head = version_items * sizeof(std::int64_t);
  const std::string_view rest = input(size).substr(head);
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  Format format;
  for (std::string_view labels = rest.substr(0, end); !labels.empty();) {
    const std::size_t label = std::min(labels.find(' '), labels.size());
    format.emplace_back(labels.substr(0, label));
    labels.remove_prefix(std::min(label + 1, labels.size()));
  }
  State state = State::bytes(std::span(g_input).first(size).subspan(std::min(head + end + 1, size)), std::move(format));
  if (own_version) {
    const auto version = Version::from({reinterpret_cast<const std::int64_t*>(g_input.data()), version_items});
    if (!version) return static_cast<std::uint32_t>(ErrorCode::bad_version);
    state = std::move(state).with_version(*version);
  }
  const auto sent = client->send(SinkId{static_cast<std::uint64_t>(sink)}, state);
  if (sent.refused != ErrorCode::ok) return static_cast<std::uint32_t>(sent.refused);
  return static_cast<std::uint32_t>(sent.answer) + (sent.leaves ? 4U : 0U);
}
MLA_ABI std::uint32_t mla_current(Client* client, double sink) {
  auto state = client->current(SinkId{static_cast<std::uint64_t>(sink)});
  if (!state) return kNothing;
  g_record = {.number = sink};
  put_state(*std::move(state));
  return kState;
}
/// Input: the reason.
MLA_ABI void mla_decline(Client* client, double now, double sink, std::size_t reason, double retry_after_ms) {
  client->decline(at(now), SinkId{static_cast<std::uint64_t>(sink)}, std::string(input(reason)),
                  std::chrono::duration_cast<std::chrono::milliseconds>(span(retry_after_ms)));
}

/// The record's text: the error's name, a blank, and a sentence.
MLA_ABI void mla_describe(std::uint32_t code) {
  const auto error = static_cast<ErrorCode>(code);
  g_text = std::string(to_string(error)) + ' ' + std::string(describe(error));
  g_record = {};
  put(g_text, g_record.text, g_record.text_size);
}
/// What follows from an error: an ErrorGroup.
MLA_ABI std::uint32_t mla_error_group(std::uint32_t code) {
  return static_cast<std::uint32_t>(group(static_cast<ErrorCode>(code)));
}
