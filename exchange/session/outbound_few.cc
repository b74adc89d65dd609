#include <algorithm>
#include <utility>

#include "contracts/mutant.h"
#include "exchange/session/outbound.h"

// States that are all a link has to say: they wait without lanes, and leave without.
namespace mla::session {

using codec::Outgoing;

void Outbound::mark(Name& name) {
  if (few_.has(name)) return;
  const bool room = few_.empty() ? !pending() : few_.size() < MarkedFew::kMost;
  if (room && !mutant(Mutant::kNoConflation) && !mutant(Mutant::kSlotKeepsOlder)) {
    few_.push_back(name);
    return common_.names.pin(name);
  }
  into_lanes();
  const Handle handle = name.handle();
  Lane& l = lane(name, handle);
  if (mutant(Mutant::kSlotKeepsOlder) && l.has_state()) return;
  l.marked = true;
  if (mutant(Mutant::kNoConflation) || mutant(Mutant::kSlotKeepsOlder)) {
    capture(l);
    if (l.empty()) return rest(handle, l);
  }
  schedule(handle, l);
}

/// Something else is to be said: they wait in lanes from now on.
void Outbound::into_lanes() {
  const MarkedFew few = std::exchange(few_, {});
  for (std::size_t i = 0; i < few.size(); ++i) {
    Name& name = few[i];
    const Handle handle = name.handle();
    Lane& l = lane(name, handle);
    common_.names.unpin(name);
    l.marked = true;
    schedule(handle, l);
  }
}

/// False, or some are left: the ordinary way.
bool Outbound::serve_few(Instant now, std::size_t& budget, std::vector<Bytes>& messages) {
  if (budget == 0 || (may_have_more_ && (!queue_.empty() || !tags_.empty()))) return false;
  if (few_.size() == 1) return serve_only(now, budget, messages);
  std::size_t served = 0;
  for (bool large = false; served < few_.size() && budget > message_bytes() && !large; ++served) {
    Name& name = few_[served];
    auto state = take(name);
    large = state && !goes_whole(*state);
    if (large) {
      Lane& l = lane(name, name.handle());
      l.push(*std::move(state));
      schedule(name.handle(), l);
    } else if (state) {
      encode(*state);
      emit_state(now, name, *state, 0);
    }
    common_.names.unpin(name);
    if (message_bytes() >= kMessageGoal) finish(budget, messages);
  }
  few_.erase_first(served);
  if (few_.empty() && !has_more()) finish(budget, messages);
  return true;
}

/// One state, which many links may have to say at the same moment: the same bytes for all, as long as it goes whole. False: the
/// far side does not know its name.
bool Outbound::serve_only(Instant now, std::size_t& budget, std::vector<Bytes>& messages) {
  Name& name = few_[0];
  if (defined_last_ != name.handle()) {
    if (!name.is_known_on(link_) && !defined_.contains(name.handle())) return false;
    defined_last_ = name.handle();
  }
  few_.erase_first(1);
  const Outgoing* const last = common_.encodings.in_one_message();
  codec::Taken taken = common_.source.take_state(link_, name, last && goes_as_it_is(*last) ? last : nullptr);
  if (taken.is_last) {
    lose_base(last->handle);
    const Bytes& message = common_.encodings.its_message();
    states_.add(message->size());
    budget -= std::min(budget, message->size());
    messages.push_back(message);
  } else if (taken.state) {
    serve_taken(now, name, *taken.state, budget, messages);
  }
  common_.names.unpin(name);
  return true;
}

void Outbound::serve_taken(Instant now, Name& name, Outgoing& state, std::size_t& budget, std::vector<Bytes>& messages) {
  const bool starts = may_start(state);
  if (starts) encode(state);
  if (!starts || !(fits(state) || state.body().size() < budget)) {
    Lane& l = lane(name, name.handle());
    if (starts)
      begin_transfer(l, std::move(state));
    else
      l.push(std::move(state));
    return schedule(name.handle(), l);
  }
  if (const Encodings::Messages* same = common_.encodings.messages_of(state)) {
    for (const Bytes& piece : same->pieces) {
      said(codec::kind_of<codec::Part>()).add(piece->size());
      budget -= std::min(budget, piece->size());
      messages.push_back(piece);
    }
    const std::size_t size = same->last->size();
    states_.add(size);
    if (state.encoded && state.encoded->base_nth) ++differences_sent_;
    budget -= std::min(budget, size);
    messages.push_back(same->last);
    return;
  }
  const std::size_t first = messages.size();
  std::size_t offset = 0;
  if (!fits(state))
    for (; state.body().size() - offset > common_.limits.chunk_bytes; finish(budget, messages)) emit_part(state.handle, state.body(), offset);
  emit_state(now, name, state, offset);
  common_.encodings.keep_messages(state, std::span(messages).subspan(first), message_);
  finish(budget, messages);
}

}  // namespace mla::session
