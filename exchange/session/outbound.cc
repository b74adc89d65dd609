#include "exchange/session/outbound.h"

#include <algorithm>
#include <utility>

#include "contracts/mutant.h"

namespace mla::session {

using codec::Frame;
using codec::Outgoing;

namespace {
constexpr std::size_t kSpareLanes = 8;
}  // namespace

Outbound::Outbound(LinkId link, const Common& common) : link_(link), common_(common) {}

Outbound::~Outbound() {
  for (std::size_t i = 0; i < few_.size(); ++i) common_.names.unpin(few_[i]);
  std::vector<std::pair<std::uint64_t, Name*>> pinned;  // in order: it may show
  for (const auto& [handle, lane] : lanes_) pinned.emplace_back(handle, lane->name);
  std::sort(pinned.begin(), pinned.end());
  for (const auto& [handle, name] : pinned) common_.names.unpin(*name);
  for (const auto& [handle, base] : bases_) common_.encodings.let_go(Handle{handle}, base);
  if (mutant(Mutant::kHandleReused)) defined_.for_each([&](Handle handle) { common_.names.outlives(handle); });
}

void Outbound::queue(const Frame& link_control) {
  std::vector<std::byte> bytes;
  codec::encode(link_control, bytes);
  queued_bytes_ += bytes.size();
  const std::size_t kind = link_control.index();
  const bool newest_counts =
      std::holds_alternative<codec::Pong>(link_control) || std::holds_alternative<codec::Path>(link_control);
  const auto older =
      !newest_counts ? queue_.end()
                     : std::find_if(queue_.begin(), queue_.end(), [&](const auto& q) { return q.kind == kind; });
  if (older != queue_.end()) {
    queued_bytes_ -= older->bytes.size();
    older->bytes = std::move(bytes);
  } else {
    pings_queued_ += std::holds_alternative<codec::Ping>(link_control);
    queue_.push_back({std::move(bytes), kind});
    may_have_more_ = true;
  }
  if (queued_bytes() > common_.limits.outbound_bytes) overflow_ = true;
}

void Outbound::tag(codec::Tag tag, std::vector<Handle> behind) {
  // At most two records of a tag wait: that interest ceased must show before it begins anew.
  const auto join = [](std::vector<Handle>& all, const std::vector<Handle>& more) {
    all.insert(all.end(), more.begin(), more.end());
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
  };
  auto last =
      std::find_if(tags_.rbegin(), tags_.rend(), [&](const TagItem& i) { return i.tag.tag == tag.tag; });
  if (last != tags_.rend() && !(tag.observes && !last->tag.observes)) {
    last->tag = tag;
    join(last->behind, behind);
    auto before =
        std::find_if(std::next(last), tags_.rend(), [&](const TagItem& i) { return i.tag.tag == tag.tag; });
    if (before != tags_.rend() && !before->tag.observes && !tag.observes) {
      before->tag = tag;
      join(before->behind, last->behind);
      tags_.erase(std::next(last).base());
    }
    return;
  }
  tags_.push_back({std::move(tag), std::move(behind)});
  may_have_more_ = true;
}

Lane& Outbound::lane(Name& name, Handle handle) {
  auto& slot = lanes_[handle.value];
  if (!slot) {
    if (spare_lanes_.empty()) {
      slot = std::make_unique<Lane>();
    } else {
      slot = std::move(spare_lanes_.back());
      spare_lanes_.pop_back();
    }
    slot->name = &name;
    may_have_more_ = true;
    common_.names.pin(name);
  }
  return *slot;
}

/// Keeps the sum of what waits beyond the common measure. Rather a gap in freshness than a link lost.
void Outbound::account(Lane& l) {
  const auto count = [&] {
    extra_bytes_ -= l.counted;
    l.counted = l.extra();
    extra_bytes_ += l.counted;
  };
  count();
  if (queued_bytes() > common_.limits.outbound_bytes) {
    l.shed();
    count();
  }
  if (queued_bytes() > common_.limits.outbound_bytes) overflow_ = true;
}

void Outbound::schedule(Handle handle, Lane& l) {
  account(l);
  left(l);
  if (l.overfull()) overflow_ = true;
  if (l.control_first()) {
    if (!l.in_control_ring) control_ring_.push_back(handle);
    l.in_control_ring = true;
  } else if (!l.empty()) {
    if (!l.in_state_ring) state_ring_.push_back(handle);
    l.in_state_ring = true;
  }
}

/// A marked state becomes a definite one, so that what follows stays behind it.
void Outbound::capture(Lane& l) {
  if (!l.marked) return;
  l.marked = false;
  if (auto state = take(*l.name)) l.push(std::move(*state));
}

void Outbound::control(Name& name, Frame frame) {
  into_lanes();
  const Handle handle = name.handle();
  Lane& l = lane(name, handle);
  if (!mutant(Mutant::kControlOvertakes)) capture(l);
  l.push(std::move(frame));
  if (l.empty())
    rest(handle, l);
  else
    schedule(handle, l);
}

void Outbound::flush(Handle handle) {
  into_lanes();
  auto it = lanes_.find(handle.value);
  if (it == lanes_.end()) return;
  capture(*it->second);
  account(*it->second);
  if (it->second->empty()) return rest(handle, *it->second);
  left(*it->second);
}

void Outbound::lose_base(Handle handle) {
  if (bases_.empty() || mutant(Mutant::kBaseKept)) return;
  const auto it = bases_.find(handle.value);
  if (it == bases_.end()) return;
  common_.encodings.let_go(handle, it->second);
  bases_.erase(it);
}

void Outbound::discard(Handle handle) {
  lose_base(handle);
  into_lanes();
  auto it = lanes_.find(handle.value);
  if (it == lanes_.end()) return;
  Lane& l = *it->second;
  l.discard_states();
  if (l.empty())
    rest(handle, l);
  else
    schedule(handle, l);
}

void Outbound::carry(Name& name, Outgoing state) {
  into_lanes();
  const Handle handle = state.handle;
  Lane& l = lane(name, handle);
  l.push(std::move(state));
  schedule(handle, l);
}

void Outbound::rest(Handle handle, Lane& l) {
  if (l.in_control_ring) control_ring_.remove(handle);
  if (l.in_state_ring) state_ring_.remove(handle);
  before_tag_ -= l.before_tag;
  extra_bytes_ -= l.counted;
  Name& name = *l.name;
  const auto it = lanes_.find(handle.value);
  if (spare_lanes_.size() < kSpareLanes) {
    l.reset();
    spare_lanes_.push_back(std::move(it->second));
  }
  lanes_.erase(it);
  if (lanes_.empty()) give_back_room(lanes_);
  common_.names.unpin(name);
}

void Outbound::forget(Handle handle) {
  lose_base(handle);
  if (defined_last_ == handle) defined_last_ = {};
  if (defined_.erase(handle)) queue(codec::Release{handle});
}

void Outbound::define(Handle handle, Name& name) {
  if (name.is_known_on(link_) || !defined_.insert(handle)) return;
  if (mutant(Mutant::kHandleReused) && common_.names.outlived_a_link(handle)) return;
  common_.names.defined(name, link_);
  write(codec::kind_of<codec::DefineObject>(), [&](auto& message) {
    codec::encode(codec::DefineObject{handle, std::string(name.canonical())}, message);
  });
}

/// All that leaves passes here: `put` appends one frame.
template <class Put>
void Outbound::write(std::size_t kind, Put put) {
  if (!message_) message_ = common_.buffers.take();
  const std::size_t before = message_->size();
  put(*message_);
  said(kind).add(message_->size() - before);
}

codec::Traffic& Outbound::said(std::size_t kind) { return kind == codec::kind_of<codec::StateFrame>() ? states_ : said_[kind]; }

codec::TrafficByKind Outbound::said() const {
  codec::TrafficByKind all = said_;
  all[codec::kind_of<codec::StateFrame>()] = states_;
  return all;
}

void Outbound::emit(Handle handle, Name& name, const Frame& frame) {
  define(handle, name);
  write(frame.index(), [&](auto& message) { codec::encode(frame, message); });
}

/// The state from `offset` on; what came before has left in parts.
void Outbound::emit_state(Instant now, Name& name, const Outgoing& out, std::size_t offset) {
  define(out.handle, name);
  std::optional<std::uint64_t> age;
  if (out.synced_at) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now - *out.synced_at).count();
    age = us > 0 ? static_cast<std::uint64_t>(us) : 0;
  }
  const bool fresh = out.kind == Outgoing::Kind::fresh;
  write(fresh ? codec::kind_of<codec::Fresh>() : codec::kind_of<codec::StateFrame>(),
        [&](auto& message) { codec::encode(out, age, offset, message); });
  if (out.encoded && out.encoded->base_nth) ++differences_sent_;
}

/// The next piece of `data`; `offset` goes on behind it.
void Outbound::emit_part(Handle handle, std::span<const std::byte> data, std::size_t& offset) {
  const auto piece = data.subspan(offset, static_cast<std::size_t>(common_.limits.chunk_bytes));
  write(codec::kind_of<codec::Part>(),
        [&](auto& message) { codec::encode(codec::Part{handle, offset, {piece.begin(), piece.end()}}, message); });
  offset += piece.size();
}

bool Outbound::may_start(const Outgoing& state) const {
  return goes_whole(state) || transfers_ < common_.limits.transfers_per_link;
}

/// In one message, as it is encoded?
bool Outbound::fits(const Outgoing& state) const { return !state.payload || state.body().size() <= common_.limits.chunk_bytes; }

void Outbound::begin_transfer(Lane& l, Outgoing state) {
  ++transfers_;
  l.transfer = std::make_unique<Transfer>(Transfer{std::move(state), 0});
}

/// Neither as a difference nor compressed?
bool Outbound::goes_as_it_is(const Outgoing& state) const {
  return !far_side_reads_.any() || common_.limits.delta_bytes == 0 || state.payload->data.size() < common_.limits.delta_bytes;
}

/// It leaves now, before any other of its object: how it does depends on what the far side was sent before.
void Outbound::encode(Outgoing& state) {
  if (state.kind == Outgoing::Kind::fresh) return;
  if (state.kind == Outgoing::Kind::carry || goes_as_it_is(state)) return lose_base(state.handle);
  Base& base = bases_[state.handle.value];
  base = common_.encodings.choose(state, base, far_side_reads_);
}

bool Outbound::serve_queue() {
  if (queue_.empty()) return false;
  const auto& [bytes, kind] = queue_.front();
  write(kind, [&bytes = bytes](auto& message) { message.insert(message.end(), bytes.begin(), bytes.end()); });
  if (!mutant(Mutant::kBudgetNotReleased)) queued_bytes_ -= bytes.size();
  pings_queued_ -= kind == Frame(codec::Ping{}).index();
  queue_.pop_front();
  return true;
}

bool Outbound::serve_tag() {
  if (tags_.empty()) return false;
  for (const Handle h : std::exchange(tags_.front().behind, {})) {
    const auto it = lanes_.find(h.value);
    if (it == lanes_.end() || !it->second->has_state() || std::exchange(it->second->before_tag, true)) continue;
    ++before_tag_;
  }
  if (before_tag_ > 0) return false;
  write(codec::kind_of<codec::Tag>(), [&](auto& message) { codec::encode(tags_.front().tag, message); });
  tags_.pop_front();
  return true;
}

/// A tag's record waits for states that must leave before it. What is said of interest in other objects may rest on that
/// record, so it does not pass it; what has to leave first does.
bool Outbound::waits_for_tag(const Lane& l) const {
  return !tags_.empty() && !l.before_tag && std::holds_alternative<codec::Interest>(std::get<Frame>(l.items().front()));
}

/// A lane whose states have left is not waited for any more.
void Outbound::left(Lane& l) {
  if (!l.before_tag || l.has_state()) return;
  l.before_tag = false;
  --before_tag_;
}

bool Outbound::serve_control() {
  for (std::size_t left = control_ring_.size(); left > 0; --left) {
    const Handle handle = control_ring_.front();
    control_ring_.pop_front();
    Lane& l = *lanes_.find(handle.value)->second;
    l.in_control_ring = false;
    if (!l.control_first()) continue;
    if (waits_for_tag(l)) {
      schedule(handle, l);
      continue;
    }
    while (l.control_first()) emit(handle, *l.name, std::get<Frame>(l.pop()));
    if (l.empty())
      rest(handle, l);
    else
      schedule(handle, l);
    return true;
  }
  return false;
}

bool Outbound::serve_state(Instant now) {
  // Each lane at most once round: those that may not start another transfer are passed over.
  for (std::size_t left = state_ring_.size(); left > 0; --left) {
    const Handle handle = state_ring_.front();
    state_ring_.pop_front();
    Lane& l = *lanes_.find(handle.value)->second;
    l.in_state_ring = false;
    if (l.control_first()) {
      schedule(handle, l);
      continue;
    }
    if (!l.transfer) {
      std::optional<Outgoing> next;
      if (l.items().empty()) {  // the usual case: the newest state, and nothing else
        l.marked = false;
        next = take(*l.name);
        if (!next) {
          rest(handle, l);
          continue;
        }
        if (!may_start(*next)) {
          l.push(std::move(*next));
          schedule(handle, l);
          continue;
        }
      } else {
        if (l.only_states()) capture(l);  // what had to stay behind the elder is gone: the newest takes its place
        if (!may_start(std::get<Outgoing>(l.items().front()))) {
          schedule(handle, l);
          continue;
        }
        next = std::get<Outgoing>(l.pop());
      }
      encode(*next);
      if (fits(*next))
        emit_state(now, *l.name, *next, 0);
      else
        begin_transfer(l, std::move(*next));
    }
    if (l.transfer) {
      Transfer& t = *l.transfer;
      if (mutant(Mutant::kPiecesOfTwoStates))
        if (auto s = take(*l.name); s && s->payload && s->payload->data.size() > t.offset)
          t.state = std::move(*s);
      const auto data = t.state.body();
      if (data.size() - t.offset <= common_.limits.chunk_bytes) {
        emit_state(now, *l.name, t.state, t.offset);
        l.transfer.reset();
        --transfers_;
      } else {
        define(handle, *l.name);
        emit_part(handle, data, t.offset);
      }
    }
    if (l.empty())
      rest(handle, l);
    else
      schedule(handle, l);
    return true;
  }
  return false;
}

void Outbound::finish(std::size_t& budget, std::vector<Bytes>& messages) {
  if (!message_) return;
  budget -= std::min(budget, message_->size());
  messages.push_back(std::move(message_));
  message_.reset();
}

void Outbound::produce(Instant now, std::size_t& budget, std::vector<Bytes>& messages) {
  if (!few_.empty()) {
    if (serve_few(now, budget, messages) && !pending()) return;
    into_lanes();
  }
  while (budget > message_bytes()) {
    if (!serve_queue() && !serve_tag() && !serve_control() && !serve_state(now)) break;
    if (message_bytes() >= kMessageGoal) finish(budget, messages);
  }
  finish(budget, messages);
  may_have_more_ = has_more();
}

}  // namespace mla::session
