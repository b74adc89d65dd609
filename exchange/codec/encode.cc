#include <algorithm>
#include <cassert>

#include "exchange/codec/cbor_writer.h"
#include "exchange/codec/codec.h"
#include "exchange/codec/layout.h"
#include "exchange/codec/plain_state.h"
#include "exchange/codec/text.h"

// One writer per frame kind; the fields in the order WIRE.md draws them.
namespace mla::codec {
namespace {

// These enums' numbers are on the wire.
static_assert(static_cast<int>(EndReason::none) == 0 && static_cast<int>(EndReason::exchange_closed) == 6);
static_assert(static_cast<int>(StandingKind::unexposed) == 0 && static_cast<int>(StandingKind::stale) == 4);

/// Opens a frame of so many fields (the kind not counted).
void open(CborWriter& out, Kind kind, std::size_t fields) {
  out.array(fields + 1);
  out.uint(static_cast<std::uint8_t>(kind));
}

void open(CborWriter& out, Kind kind, std::size_t fields, Handle handle) {
  open(out, kind, fields);
  out.uint(handle.value);
}

/// What people wrote: made fit for the wire rather than refused by the far side.
void write_text(CborWriter& out, const std::string& text) {
  if (text.size() <= kMaxTextBytes && valid_utf8(text)) {
    out.text(text);
  } else {
    out.text(clean_text(text, kMaxTextBytes));
  }
}

void write(CborWriter& out, const Epoch& epoch) {
  out.uint(epoch.counter);
  out.uint(epoch.minter.value);
}

void write(CborWriter& out, const Version& version) {
  out.array(version.items().size());
  for (const std::int64_t item : version.items()) out.integer(item);
}

void write(CborWriter& out, const std::vector<NodeId>& path) {
  assert(path.size() <= kMaxPathIds);
  out.array(path.size());
  for (const NodeId id : path) out.uint(id.value);
}

void write_labels(CborWriter& out, const std::vector<std::string>& labels) {
  out.array(labels.size());
  for (const std::string& label : labels) out.text(label);
}

void write_format(CborWriter& out, const Format& format) {
  assert(format.size() <= kMaxFormatLabels);
  if (format.empty()) return out.uint(0);
  if (format.size() == 1) {
    for (std::size_t i = 0; i < kWellKnownLabels.size(); ++i) {
      if (format[0] == kWellKnownLabels[i]) return out.uint(i + 1);
    }
  }
  write_labels(out, format);
}

void write_optional(CborWriter& out, const std::optional<std::uint64_t>& value) {
  value ? out.uint(*value) : out.null();
}

void write_age(CborWriter& out, const std::optional<std::uint64_t>& age_us) {
  age_us ? out.uint(std::min(*age_us, kMaxAgeUs)) : out.null();
}

void write_optional(CborWriter& out, const std::optional<Exposure>& exposure) {
  if (!exposure) return out.null();
  const bool some_wait = exposure->takes_over != exposure->priority;
  out.array(some_wait ? 3 : 2);
  out.integer(exposure->priority);
  out.uint(std::min(exposure->capacity, kMaxCapacity));
  if (some_wait) out.integer(exposure->takes_over);
}

void write_optional(CborWriter& out, const std::optional<AtWork>& at_work) {
  if (!at_work) return out.null();
  out.array(2);
  out.integer(at_work->priority);
  out.uint(at_work->linger_ms);
}

void write_optional(CborWriter& out, const std::optional<Epoch>& epoch) {
  if (!epoch) return out.null();
  out.array(2);
  write(out, *epoch);
}

void write_optional(CborWriter& out, const std::optional<Stamp>& stamp) {
  if (!stamp) return out.null();
  out.array(3);
  write(out, stamp->epoch);
  write(out, stamp->version);
}

void write(CborWriter& out, const Hello& f) {
  open(out, Kind::hello, 9);
  out.uint(f.protocol_min);
  out.uint(f.protocol_max);
  out.uint(f.node.value);
  out.uint(f.connection);
  out.uint(f.heartbeat_ms);
  write_text(out, f.name);
  write(out, f.path);
  write_labels(out, f.codecs);
  out.bytes(std::as_bytes(std::span(f.credentials)));
}

void write(CborWriter& out, const Welcome& f) {
  open(out, Kind::welcome, 6);
  out.uint(f.protocol);
  out.uint(f.node.value);
  out.uint(f.heartbeat_ms);
  write_text(out, f.name);
  write(out, f.path);
  write_labels(out, f.codecs);
}

void write(CborWriter& out, const Close& f) {
  open(out, Kind::close, 2);
  out.uint(static_cast<std::uint16_t>(f.code));
  write_text(out, f.detail);
}

void write(CborWriter& out, const Ping& f) {
  open(out, Kind::ping, 1);
  out.uint(f.sequence);
}

void write(CborWriter& out, const Pong& f) {
  open(out, Kind::pong, 1);
  out.uint(f.sequence);
}

void write(CborWriter& out, const Path& f) {
  open(out, Kind::path, 1);
  write(out, f.ids);
}

void write(CborWriter& out, const DefineObject& f) {
  open(out, Kind::define_object, 2, f.handle);
  out.text(f.canonical);
}

void write(CborWriter& out, const Release& f) {
  open(out, Kind::release, 1, f.handle);
}

void write(CborWriter& out, const Tag& f) {
  open(out, Kind::tag, 4);
  out.text(f.tag);
  out.uint(f.observes ? kFlagObserves : 0);
  write_optional(out, f.exposes);
  out.uint(f.interval.count());
}

void write(CborWriter& out, const Interest& f) {
  if (f.gone) {
    open(out, Kind::interest, 2, f.handle);
    return out.uint(kFlagGone);
  }
  open(out, Kind::interest, 12, f.handle);
  out.uint((f.observes ? kFlagObserves : 0) | (f.fresh ? kFlagFresh : 0) | (f.holds ? kFlagHolds : 0));
  write_optional(out, f.exposes);
  write(out, f.heard);
  write(out, f.floor);
  write_optional(out, f.have);
  write_optional(out, f.avail);
  write_optional(out, f.active);
  write_optional(out, f.again);
  out.uint(f.interval.count());
  write_optional(out, f.at_work);
}

void write(CborWriter& out, const Giveup& f) {
  open(out, Kind::giveup, 6, f.handle);
  write(out, f.epoch);
  out.uint(static_cast<std::uint8_t>(f.reason));
  write_text(out, f.text);
  out.uint(f.retry_after_ms);
}

void write(CborWriter& out, const Started& f) {
  open(out, Kind::started, 4, f.handle);
  write(out, f.epoch);
  write(out, f.version);
}

void write(CborWriter& out, const Assign& f) {
  open(out, Kind::assign, 6, f.handle);
  write(out, f.epoch);
  write(out, f.floor);
  out.boolean(f.want);
  out.uint(f.interval.count());
}

void write(CborWriter& out, const Want& f) {
  open(out, Kind::want, 3, f.handle);
  out.boolean(f.want);
  out.uint(f.interval.count());
}

void write(CborWriter& out, const Floor& f) {
  open(out, Kind::floor, 2, f.handle);
  write(out, f.floor);
}

void write(CborWriter& out, const Withdraw& f) {
  open(out, Kind::withdraw, 4, f.handle);
  write(out, f.epoch);
  out.uint(static_cast<std::uint8_t>(f.reason));
}

void write(CborWriter& out, const End& f) {
  open(out, Kind::end, 1, f.handle);
}
void write(CborWriter& out, const Pull& f) {
  open(out, Kind::pull, 1, f.handle);
}

void write(CborWriter& out, const StandingTold& f) {
  open(out, Kind::standing, 3, f.handle);
  out.uint(static_cast<std::uint8_t>(f.kind));
  write_text(out, f.reason);
}

void write_flags(CborWriter& out, std::uint64_t flags) {
  if (flags != 0) out.uint(flags);
}

void write(CborWriter& out, const StateFrame& f) {
  const std::uint64_t flags = (f.confirm ? kFlagConfirm : 0) | (f.zstd ? kFlagZstd : 0);
  open(out, f.carry ? Kind::carry : Kind::state, flags != 0 ? 12 : 11, f.handle);
  write(out, f.epoch);
  write(out, f.version);
  out.uint(f.nth);
  write_optional(out, f.base_nth);
  write_age(out, f.age_us);
  write_format(out, f.format);
  write_optional(out, f.checksum);
  out.uint(f.parts_bytes);
  out.bytes(f.body);
  write_flags(out, flags);
}

/// The same as a StateFrame, from where the state lies, so that it is copied once.
void write(CborWriter& out, const Outgoing& state, const std::optional<std::uint64_t>& age_us, std::size_t offset) {
  const Encoded* const encoded = state.encoded.get();
  const std::uint64_t flags = (state.confirm ? kFlagConfirm : 0) | (encoded && encoded->zstd ? kFlagZstd : 0);
  open(out, state.kind == Outgoing::Kind::carry ? Kind::carry : Kind::state, flags != 0 ? 12 : 11, state.handle);
  write(out, state.stamp.epoch);
  write(out, state.stamp.version);
  out.uint(state.nth);
  encoded ? write_optional(out, encoded->base_nth) : out.null();
  write_age(out, age_us);
  write_format(out, state.payload->format);
  encoded && encoded->base_nth ? out.uint(encoded->checksum) : out.null();
  out.uint(offset);
  out.bytes(state.body().subspan(offset));
  write_flags(out, flags);
}

void write(CborWriter& out, const Part& f) {
  open(out, Kind::part, 3, f.handle);
  out.uint(f.offset);
  out.bytes(f.bytes);
}

void write(CborWriter& out, const Fresh& f) {
  open(out, Kind::fresh, 5, f.handle);
  write(out, f.epoch);
  write(out, f.version);
  write_age(out, f.age_us);
}

void write(CborWriter& out, const Need& f) {
  open(out, Kind::need, 1, f.handle);
}

void write(CborWriter& out, const Confirmed& f) {
  open(out, Kind::confirmed, 5, f.handle);
  write(out, f.epoch);
  write(out, f.version);
  out.uint(f.observers);
}

}  // namespace

void encode(const Frame& frame, std::vector<std::byte>& out) {
  const auto* state = std::get_if<StateFrame>(&frame);
  CborWriter writer(out, state != nullptr ? state->body.size() : 0);
  std::visit([&](const auto& f) { write(writer, f); }, frame);
}

void encode(const Outgoing& state, std::optional<std::uint64_t> age_us, std::size_t offset, std::vector<std::byte>& out) {
  if (state.kind == Outgoing::Kind::fresh) {
    CborWriter writer(out);
    return write(writer, Fresh{state.handle, state.stamp.epoch, state.stamp.version, age_us});
  }
  if (age_us) age_us = std::min(*age_us, kMaxAgeUs);
  if (write_plain_state(state, age_us, offset, out)) return;
  CborWriter writer(out, state.body().size() - offset);
  write(writer, state, age_us, offset);
}

}  // namespace mla::codec
