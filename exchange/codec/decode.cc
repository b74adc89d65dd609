#include "exchange/codec/codec.h"
#include "exchange/codec/field_reader.h"
#include "exchange/codec/layout.h"
#include "exchange/codec/plain_state.h"

// One reader per frame kind; the fields in the order WIRE.md draws them. Each sets every member, so that a
// frame which held something before can be read into again.
namespace mla::codec {
namespace {

/// A number of a later version than ours means the enum's `other`, so that a new reason does not cost the
/// link.
template <class Enum>
Enum enumerator(std::uint8_t number, Enum last, Enum other) {
  return number <= static_cast<std::uint8_t>(last) ? static_cast<Enum>(number) : other;
}

void read(FieldReader& in, Hello& f) {
  f.protocol_min = in.uint32();
  f.protocol_max = in.uint32();
  f.node.value = in.uint();
  f.connection = in.uint();
  f.heartbeat_ms = in.uint32();
  f.name = in.text(kMaxTextBytes);
  in.path(f.path);
  in.labels(f.codecs);
  const auto credentials = in.bytes(kMaxCredentialBytes);
  f.credentials.assign(reinterpret_cast<const char*>(credentials.data()), credentials.size());
}

void read(FieldReader& in, Welcome& f) {
  f.protocol = in.uint32();
  f.node.value = in.uint();
  f.heartbeat_ms = in.uint32();
  f.name = in.text(kMaxTextBytes);
  in.path(f.path);
  in.labels(f.codecs);
}

void read(FieldReader& in, Close& f) {
  f.code = static_cast<ErrorCode>(in.uint16());
  f.detail = in.text(kMaxTextBytes);
}

void read(FieldReader& in, Ping& f) {
  f.sequence = in.uint();
}
void read(FieldReader& in, Pong& f) {
  f.sequence = in.uint();
}
void read(FieldReader& in, Path& f) {
  in.path(f.ids);
}

void read(FieldReader& in, DefineObject& f) {
  f.handle = in.handle();
  f.canonical = in.text(kMaxCanonicalBytes);
}

void read(FieldReader& in, Release& f) {
  f.handle = in.handle();
}

void read(FieldReader& in, Tag& f) {
  f.tag = in.text(kMaxCanonicalBytes);
  f.observes = (in.uint() & kFlagObserves) != 0;
  f.exposes = in.exposure();
  f.interval = in.trailing_interval();
}

void read(FieldReader& in, Interest& f) {
  f = Interest{};
  f.handle = in.handle();
  const std::uint64_t flags = in.uint();
  f.gone = (flags & kFlagGone) != 0;
  if (f.gone) return;
  f.fresh = (flags & kFlagFresh) != 0;
  f.observes = (flags & kFlagObserves) != 0;
  f.holds = (flags & kFlagHolds) != 0;
  f.exposes = in.exposure();
  f.heard = in.epoch();
  in.version(f.floor);
  f.have = in.optional_stamp();
  f.avail = in.optional_stamp();
  f.active = in.optional_epoch();
  f.again = in.optional_epoch();
  f.interval = in.trailing_interval();
  f.at_work = in.trailing_at_work();
}

void read(FieldReader& in, Giveup& f) {
  f.handle = in.handle();
  f.epoch = in.epoch();
  f.reason = enumerator(in.uint8(), GiveupReason::full, GiveupReason::lost);
  f.text = in.text(kMaxTextBytes);
  f.retry_after_ms = in.uint32();
}

void read(FieldReader& in, Started& f) {
  f.handle = in.handle();
  f.epoch = in.epoch();
  in.version(f.version);
}

void read(FieldReader& in, Assign& f) {
  f.handle = in.handle();
  f.epoch = in.epoch();
  in.version(f.floor);
  f.want = in.boolean();
  f.interval = in.trailing_interval();
}

void read(FieldReader& in, Want& f) {
  f.handle = in.handle();
  f.want = in.boolean();
  f.interval = in.trailing_interval();
}

void read(FieldReader& in, Floor& f) {
  f.handle = in.handle();
  in.version(f.floor);
}

void read(FieldReader& in, Withdraw& f) {
  f.handle = in.handle();
  f.epoch = in.epoch();
  f.reason = enumerator(in.uint8(), EndReason::exchange_closed, EndReason::none);
}

void read(FieldReader& in, End& f) {
  f.handle = in.handle();
}
void read(FieldReader& in, Pull& f) {
  f.handle = in.handle();
}

void read(FieldReader& in, StandingTold& f) {
  f.handle = in.handle();
  f.kind = enumerator(in.uint8(), StandingKind::stale, StandingKind::waiting);
  f.reason = in.text(kMaxTextBytes);
}

void read(FieldReader& in, StateFrame& f) {
  f.handle = in.handle();
  f.epoch = in.epoch();
  in.version(f.version);
  f.nth = in.uint();
  f.base_nth = in.optional_uint();
  f.age_us = in.optional_uint(kMaxAgeUs);
  in.format(f.format);
  f.checksum = in.optional_uint();
  f.parts_bytes = in.uint(kMaxStateBytes);
  const auto body = in.bytes();
  f.body.assign(body.begin(), body.end());
  const std::uint64_t flags = in.more() ? in.uint() : 0;
  f.confirm = (flags & kFlagConfirm) != 0;
  f.zstd = (flags & kFlagZstd) != 0;
}

void read(FieldReader& in, Part& f) {
  f.handle = in.handle();
  f.offset = in.uint(kMaxStateBytes);
  const auto bytes = in.bytes();
  f.bytes.assign(bytes.begin(), bytes.end());
}

void read(FieldReader& in, Fresh& f) {
  f.handle = in.handle();
  f.epoch = in.epoch();
  in.version(f.version);
  f.age_us = in.optional_uint(kMaxAgeUs);
}

void read(FieldReader& in, Need& f) {
  f.handle = in.handle();
}

void read(FieldReader& in, Confirmed& f) {
  f.handle = in.handle();
  f.epoch = in.epoch();
  in.version(f.version);
  f.observers = in.uint();
}

/// Reads into what `out` holds when it is of the kind already: its strings' room is used again.
template <class T>
void read_as(FieldReader& in, Frame& out) {
  T* frame = std::get_if<T>(&out);
  read(in, frame != nullptr ? *frame : out.emplace<T>());
}

void read_state(FieldReader& in, Frame& out, bool carry) {
  read_as<StateFrame>(in, out);
  std::get<StateFrame>(out).carry = carry;
}

/// False: a kind that is not known here; nothing was read.
bool read_kind(std::uint64_t kind, FieldReader& in, Frame& out) {
  if (kind > 0xff) return false;
  switch (static_cast<Kind>(kind)) {
    case Kind::state:
      return read_state(in, out, false), true;
    case Kind::carry:
      return read_state(in, out, true), true;
    case Kind::part:
      return read_as<Part>(in, out), true;
    case Kind::fresh:
      return read_as<Fresh>(in, out), true;
    case Kind::need:
      return read_as<Need>(in, out), true;
    case Kind::define_object:
      return read_as<DefineObject>(in, out), true;
    case Kind::release:
      return read_as<Release>(in, out), true;
    case Kind::hello:
      return read_as<Hello>(in, out), true;
    case Kind::welcome:
      return read_as<Welcome>(in, out), true;
    case Kind::close:
      return read_as<Close>(in, out), true;
    case Kind::ping:
      return read_as<Ping>(in, out), true;
    case Kind::pong:
      return read_as<Pong>(in, out), true;
    case Kind::path:
      return read_as<Path>(in, out), true;
    case Kind::tag:
      return read_as<Tag>(in, out), true;
    case Kind::interest:
      return read_as<Interest>(in, out), true;
    case Kind::giveup:
      return read_as<Giveup>(in, out), true;
    case Kind::started:
      return read_as<Started>(in, out), true;
    case Kind::assign:
      return read_as<Assign>(in, out), true;
    case Kind::want:
      return read_as<Want>(in, out), true;
    case Kind::floor:
      return read_as<Floor>(in, out), true;
    case Kind::withdraw:
      return read_as<Withdraw>(in, out), true;
    case Kind::end:
      return read_as<End>(in, out), true;
    case Kind::pull:
      return read_as<Pull>(in, out), true;
    case Kind::standing:
      return read_as<StandingTold>(in, out), true;
    case Kind::confirmed:
      return read_as<Confirmed>(in, out), true;
  }
  return false;
}

}  // namespace

std::optional<Handle> Decoder::peek() const {
  return peek_plain_state(rest_);
}

Decoder::Outcome Decoder::next(Frame& out) {
  if (auto* state = std::get_if<StateFrame>(&out); state && !failed_) {
    if (const std::size_t bytes = read_plain_state(rest_, *state)) {
      frame_bytes_ = bytes;
      rest_ = rest_.subspan(bytes);
      return Outcome::frame;
    }
  }
  while (!failed_ && !rest_.empty()) {
    CborReader items(rest_);
    std::uint64_t count = 0;
    if (!items.array(count)) count = 0;
    FieldReader fields(items, count);
    const std::uint64_t kind = fields.uint();
    const bool known = count > 0 && read_kind(kind, fields, out);
    failed_ = !fields.finish();
    frame_bytes_ = rest_.size() - items.rest().size();
    rest_ = items.rest();
    if (failed_) break;
    if (known) return Outcome::frame;
    ++skipped_;
    skipped_bytes_ += frame_bytes_;
  }
  return failed_ ? Outcome::malformed : Outcome::done;
}

}  // namespace mla::codec
