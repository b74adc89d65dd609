#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/core/tree.h"

// The one place that decides whether a state may leave on a link. Nothing is sent that the far side may not
// have any more.
namespace mla::core {

namespace {

codec::Outgoing outgoing(const ObjectRecord& o, codec::Outgoing::Kind kind) {
  codec::Outgoing out{.kind = kind, .handle = o.handle, .stamp = o.held->stamp, .nth = o.held->nth};
  if (kind != codec::Outgoing::Kind::fresh) out.payload = o.held->payload;
  out.confirm = o.confirming != nullptr;
  if (!o.sync) out.synced_at = o.synced_at;
  return out;
}

/// Fills in what the far side then knows; none when it has nothing to learn.
std::optional<codec::Outgoing> take_newer(const ObjectRecord& o, std::optional<Stamp>& peer,
                                          std::optional<bool>& told_sync) {
  if (peer == o.held->stamp) {
    if (told_sync == o.sync) return std::nullopt;
    told_sync = o.sync;
    return outgoing(o, codec::Outgoing::Kind::fresh);
  }
  if (!newer(peer, o.held->stamp)) return std::nullopt;
  peer = o.held->stamp;
  told_sync = o.sync;
  return outgoing(o, codec::Outgoing::Kind::state);
}

}  // namespace

std::optional<codec::Outgoing> Tree::take_state(LinkId link, Handle handle) {
  auto it = by_handle_.find(handle.value);
  if (it == by_handle_.end() || !it->second->held) return std::nullopt;
  ObjectRecord& o = *it->second;
  if (o.source.is(link)) return std::nullopt;
  if (parent_ == link) {
    if (!o.up.want || !has_term(o, o.held->stamp.epoch)) return std::nullopt;
    auto out = take_newer(o, o.up.peer, o.up.told_sync);
    if (out && out->kind == codec::Outgoing::Kind::state) o.up.started = o.held->stamp.epoch;
    return out;
  }
  if (!child_needs(link, o) && !mutant(Mutant::kStatesEverywhere)) return std::nullopt;
  ChildRecord& c = child(o, link);
  return take_newer(o, c.peer, c.told_sync);
}

bool Tree::has_term(const ObjectRecord& o, const Epoch& epoch) const {
  return std::find(o.up.terms.begin(), o.up.terms.end(), epoch) != o.up.terms.end();
}

}  // namespace mla::core
