#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/codec/difference.h"
#include "exchange/engine/ahead.h"
#include "exchange/engine/epochs.h"
#include "exchange/engine/impl.h"

// Messages become frames, frames become what the tree is told. What a peer may not say ends its session,
// nothing else.
namespace mla::engine {

using namespace codec;

void Engine::Impl::on(const LinkFrames& e) {
  Session* s = find(e.link);
  if (!s) return;
  s->heard_at = now_;
  ++s->messages_in;
  s->bytes_in += e.message.size();
  if (e.message.size() > config_.limits.message_bytes) return refuse(*s, ErrorCode::message_too_large, {});
  if (!s->ready && s->bytes_in > config_.limits.pre_welcome_bytes)
    return refuse(*s, ErrorCode::message_too_large, {});
  Decoder decoder(e.message);
  Ahead ahead(s->in, decoder);
  auto& frames = room_->frames;
  for (std::size_t at = 0;; at ^= 1) {
    switch (const Ahead::Read read = ahead.next(frames[at], frames[at ^ 1]); read.outcome) {
      case Decoder::Outcome::done:
        if (decoder.skipped()) {
          frames_skipped_ += decoder.skipped();
          s->heard[kFrameKinds].frames += decoder.skipped();
          s->heard[kFrameKinds].bytes += decoder.skipped_bytes();
        }
        return;
      case Decoder::Outcome::malformed:
        if (mutant(Mutant::kGarbageEndsTheParent) && parent_ && parent_ != e.link)
          end(*parent_, ErrorCode::bad_frame, {}, true);
        return refuse(*s, ErrorCode::bad_frame, {});
      case Decoder::Outcome::frame:
        s->heard[frames[at].index()].add(read.bytes);
        if (!receive(*s, frames[at])) return;
        tree_.settle();
        conflate_if_many();
        // A decision about a loop may have given up this very link; it ends with the step.
        if (!find(e.link)) return;
    }
  }
}

bool Engine::Impl::receive(Session& s, Frame& frame) {
  if (auto* hello = std::get_if<Hello>(&frame)) return on_hello(s, *hello);
  if (auto* welcome = std::get_if<Welcome>(&frame)) return on_welcome(s, *welcome);
  if (auto* close = std::get_if<Close>(&frame)) {
    const LinkId link = s.link;
    // Two processes with one id: the one that is refused draws another.
    const bool duplicate = close->code == ErrorCode::duplicate_id && s.role == LinkRole::parent && !s.ready;
    end(link, close->code, close->detail, true);
    if (duplicate) tree_.set_node(NodeId{random_() | 1});
    return false;
  }
  if (!s.ready) {
    refuse(s, ErrorCode::unexpected_frame, {});
    return false;
  }
  if (!believe(s, frame)) return false;
  bool known = true;
  if (!receive_link(s, frame, known)) return false;
  if (known) return true;
  return s.role == LinkRole::child ? receive_from_child(s, frame) : receive_from_parent(s, frame);
}

/// False: it speaks of epochs that nobody can have reached. The session is over.
bool Engine::Impl::believe(Session& s, const Frame& frame) {
  const std::uint64_t claimed = greatest_counter(frame), known = tree_.counter();
  if (claimed <= known + kLeast) return true;
  const std::uint64_t farthest = std::min(known + kFarthestLeap, kEndOfEpochs - 1);
  if (++s.leaps <= kLeapsPerSession && claimed <= farthest) return true;
  if (claimed < kEndOfEpochs) tree_.raise_counter(std::min(claimed, farthest));
  refuse(s, ErrorCode::bad_frame, {});
  return false;
}

/// What both sides may say, whatever it is about.
bool Engine::Impl::receive_link(Session& s, Frame& frame, bool& known) {
  const auto check = [&](ErrorCode code) {
    if (code == ErrorCode::ok) return true;
    refuse(s, code, {});
    return false;
  };
  if (auto* ping = std::get_if<Ping>(&frame)) {
    s.out.queue(Pong{ping->sequence});
    pending_.insert(s);
    return true;
  }
  if (auto* pong = std::get_if<Pong>(&frame)) {
    if (pong->sequence == s.ping_sequence && s.ping_sent_at) {
      s.round_trip = std::chrono::duration_cast<std::chrono::microseconds>(now_ - *s.ping_sent_at);
      s.ping_sent_at.reset();
    }
    return true;
  }
  if (auto* define = std::get_if<DefineObject>(&frame)) return check(s.in.define(*define));
  if (auto* release = std::get_if<Release>(&frame)) {
    if (names::Name* named = s.in.find(release->handle)) {
      if (s.role == LinkRole::child)
        tree_.on_child_release(s.link, *named);
      else
        tree_.on_parent_release(*named);
    }
    return check(s.in.release(release->handle));
  }
  if (auto* part = std::get_if<Part>(&frame)) {
    if (!s.in.find(part->handle)) return drop_unnamed();
    return check(s.in.part(std::move(*part)));
  }
  if (auto* state = std::get_if<StateFrame>(&frame)) return receive_state(s, *state);
  if (auto* confirmed = std::get_if<codec::Confirmed>(&frame)) {
    names::Name* const object = object_of(s, confirmed->handle);
    if (!object) return false;
    tree_.on_confirmed(s.link, *object, *confirmed);
    return true;
  }
  known = false;
  return true;
}

names::Name* Engine::Impl::object_of(Session& s, core::Handle handle) {
  names::Name* const object = s.in.find(handle);
  if (!object) refuse(s, ErrorCode::bad_handle, {});
  return object;
}

/// Asked before any interest of a peer's counts. False: the session is over.
template <class Descriptor>
bool Engine::Impl::permitted(Session& s, const Descriptor& what, bool observes, bool exposes) {
  const bool may = (!observes || check(s.principal, Operation::observe, what) == Permission::granted) &&
                   (!exposes || check(s.principal, Operation::expose, what) == Permission::granted);
  if (!may) refuse(s, ErrorCode::permission_denied, {});
  return may;
}

bool Engine::Impl::permitted(Session& s, const names::Name& what, bool observes, bool exposes) {
  if (s.principal.admin) return true;  // as check() would say: only for others the descriptor is taken apart
  return permitted(s, *ObjectDescriptor::from_canonical(what.canonical()), observes, exposes);
}

namespace {
constexpr std::size_t kSpareRoom = 256;

std::optional<Instant> synced_at(Instant now, const std::optional<std::uint64_t>& age_us) {
  if (!age_us) return std::nullopt;
  if (mutant(Mutant::kAgeNotAdded)) return now;
  // Beyond a year an age says nothing more; and nobody overflows our clock.
  constexpr std::uint64_t kMost = 365ull * 24 * 3600 * 1'000'000;
  return now - std::chrono::microseconds(std::min(*age_us, kMost));
}
}  // namespace

/// A state of an object that was never named, or whose name was taken back, is of no use and does no harm.
bool Engine::Impl::drop_unnamed() {
  ++states_unnamed_;
  return true;
}

/// Turns a body that came encoded into the data that it stands for. False: what it builds on is not here, or something else
/// would come of it.
bool Engine::Impl::rebuild(const names::Name& object, const Encoded& encoded, const Epoch& epoch, std::vector<std::byte>& data) {
  std::span<const std::byte> base;
  if (encoded.base_nth) {
    const core::ObjectRecord* const record = object.record;
    if (!record || !record->has_state()) return false;
    const core::Held& held = record->held();
    const bool is_here = held.stamp.epoch == epoch && held.nth == *encoded.base_nth;
    if (!is_here && !mutant(Mutant::kBaseNotCompared)) return false;
    base = held.payload->data;
  }
  const auto limit = static_cast<std::size_t>(config_.limits.state_bytes);
  const bool rebuilt = encoded.zstd ? encodings_.compressor().expand(encoded.body, base, limit, data)
                                    : unsplice(base, encoded.body, limit, data);
  return rebuilt && (!encoded.base_nth || mutant(Mutant::kBaseNotCompared) || checksum(data) == encoded.checksum);
}

bool Engine::Impl::receive_state(Session& s, StateFrame& m) {
  names::Name* const object = s.in.find(m.handle);
  if (!object) return drop_unnamed();
  const bool splice = m.base_nth && !m.zstd;
  const bool readable = (!m.zstd || config_.reads.zstd) && (!splice || config_.reads.splice);
  if ((m.carry && (s.role != LinkRole::child || m.zstd || splice)) || !readable || (m.base_nth && !m.checksum)) {
    refuse(s, ErrorCode::unexpected_frame, {});
    return false;
  }
  auto payload = room_->payloads.take();
  const auto whole = s.in.complete(m, payload->data);
  if (!whole) {
    refuse(s, whole.error(), {});
    return false;
  }
  ++s.states_in;
  s.differences_in += m.base_nth.has_value();
  if (!m.base_nth) s.in.came_whole(m.handle);
  if (!*whole) return true;  // too large for us: left out and counted
  core::Stamp stamp{m.epoch, std::move(m.version)};
  EncodedPtr encoded;
  if (m.zstd || splice) {
    encoded = std::make_shared<const Encoded>(Encoded{std::move(payload->data), m.base_nth, m.checksum.value_or(0), m.zstd});
    payload->data.clear();
    if (!rebuild(*object, *encoded, m.epoch, payload->data)) {
      if (!m.base_nth) return s.in.left_out(), true;  // as one that is too large
      payload = nullptr;
    }
  }
  if (!payload) {
    const bool taken = s.role == LinkRole::child ? tree_.takes_from_child(s.link, *object, stamp)
                                                 : tree_.takes_from_parent(*object, stamp);
    if (taken) return need(s, *object, m.handle);
  } else {
    // A state may be held for long: not in the room that a much larger one left.
    auto& data = payload->data;
    if (data.capacity() > 2 * data.size() + kSpareRoom) {
      m.body.swap(data);
      data = std::vector<std::byte>(m.body.begin(), m.body.end());
    }
    payload->format.assign(m.format);
    if (encoded && object->record) encodings_.came(object->handle(), stamp, m.nth, std::move(encoded));
  }
  const auto at = synced_at(now_, m.age_us);
  if (s.role == LinkRole::child)
    tree_.on_child_state(s.link, *object, stamp, m.nth, std::move(payload), at, m.carry, m.confirm);
  else
    tree_.on_parent_state(*object, stamp, m.nth, std::move(payload), at, m.confirm);
  return true;
}

/// A state that counts is a difference to what is not here: it is to be sent whole, and what follows on it will not do either.
bool Engine::Impl::need(Session& s, names::Name& object, core::Handle named) {
  ++bases_missed_;
  if (!mutant(Mutant::kNeedNotSaid) && s.in.ask_whole(named)) control(s.link, object, Need{object.handle()});
  return true;
}

bool Engine::Impl::receive_from_child(Session& s, Frame& frame) {
  return std::visit(
      [&](auto& m) {
        using T = std::decay_t<decltype(m)>;
        if constexpr (std::is_same_v<T, Tag>) {
          if (m.tag.size() > config_.limits.descriptor_bytes) {
            refuse(s, ErrorCode::descriptor_too_large, {});
            return false;
          }
          auto parsed = Json::parse(m.tag);
          if (!parsed || parsed->text() != m.tag) {
            refuse(s, ErrorCode::bad_descriptor, {});
            return false;
          }
          if (!permitted(s, TagDescriptor(*std::move(parsed)), m.observes, m.exposes.has_value())) return false;
          const bool more = (m.observes || m.exposes) && !tree_.has_tag(s.link, m.tag);
          if (more && tree_.tags_of(s.link) >= config_.limits.contracts_per_link) {
            refuse(s, ErrorCode::too_many_contracts, {});
            return false;
          }
          tree_.on_tag(s.link, m);
          return true;
        } else if constexpr (std::is_same_v<T, Interest> || std::is_same_v<T, Giveup> ||
                             std::is_same_v<T, Started> || std::is_same_v<T, Fresh> ||
                             std::is_same_v<T, Need>) {
          names::Name* const found = object_of(s, m.handle);
          if (!found) return false;
          names::Name& object = *found;
          if constexpr (std::is_same_v<T, Interest>) {
            if (!permitted(s, object, m.observes, m.exposes || m.holds)) return false;
            tree_.on_interest(s.link, object, m);
          }
          if constexpr (std::is_same_v<T, Giveup>) tree_.on_giveup(s.link, object, m);
          if constexpr (std::is_same_v<T, Started>) tree_.on_started(s.link, object, m);
          if constexpr (std::is_same_v<T, Fresh>)
            tree_.on_child_fresh(s.link, object, core::Stamp{m.epoch, m.version}, synced_at(now_, m.age_us));
          if constexpr (std::is_same_v<T, Need>) {
            s.out.lose_base(object.handle());
            tree_.on_child_need(s.link, object);
          }
          return true;
        } else {
          refuse(s, ErrorCode::unexpected_frame, {});
          return false;
        }
      },
      frame);
}

bool Engine::Impl::receive_from_parent(Session& s, Frame& frame) {
  return std::visit(
      [&](auto& m) {
        using T = std::decay_t<decltype(m)>;
        if constexpr (std::is_same_v<T, Path>) {
          if (m.ids.empty() || m.ids.back() != s.peer) {
            refuse(s, ErrorCode::bad_frame, {});
            return false;
          }
          tree_.on_path(m.ids);
          return true;
        } else if constexpr (std::is_same_v<T, Assign> || std::is_same_v<T, Want> ||
                             std::is_same_v<T, Floor> || std::is_same_v<T, Withdraw> ||
                             std::is_same_v<T, End> || std::is_same_v<T, Pull> ||
                             std::is_same_v<T, StandingTold> || std::is_same_v<T, Fresh> ||
                             std::is_same_v<T, Need>) {
          names::Name* const found = object_of(s, m.handle);
          if (!found) return false;
          names::Name& object = *found;
          if constexpr (std::is_same_v<T, Assign>) tree_.on_assign(object, m);
          if constexpr (std::is_same_v<T, Want>) tree_.on_want(object, m);
          if constexpr (std::is_same_v<T, Floor>) tree_.on_floor(object, m);
          if constexpr (std::is_same_v<T, Withdraw>) tree_.on_withdraw(object, m);
          if constexpr (std::is_same_v<T, End>) tree_.on_end(object);
          if constexpr (std::is_same_v<T, Pull>) tree_.on_pull(object);
          if constexpr (std::is_same_v<T, StandingTold>) tree_.on_standing(object, m);
          if constexpr (std::is_same_v<T, Fresh>)
            tree_.on_parent_fresh(object, core::Stamp{m.epoch, m.version}, synced_at(now_, m.age_us));
          if constexpr (std::is_same_v<T, Need>) {
            s.out.lose_base(object.handle());
            tree_.on_parent_need(object);
          }
          return true;
        } else {
          refuse(s, ErrorCode::unexpected_frame, {});
          return false;
        }
      },
      frame);
}

}  // namespace mla::engine
