#include <algorithm>

#include "contracts/mutant.h"
#include "exchange/core/tree.h"

// What child links say.
namespace mla::core {

namespace {
bool needs_by_other_tag(const ObjectRecord& o, LinkId link, const TagRecord& than) {
  return std::any_of(o.tags.begin(), o.tags.end(), [&](const TagRecord* t) {
    return t != &than && std::any_of(t->children.begin(), t->children.end(), [&](const ChildTag& c) { return c.link == link && c.observes; });
  });
}
}  // namespace

void Tree::on_tag(LinkId link, const codec::Tag& m) {
  TagRecord& t = tag(m.tag);
  auto at = std::lower_bound(t.children.begin(), t.children.end(), link,
                             [](const ChildTag& c, LinkId l) { return c.link < l; });
  const bool found = at != t.children.end() && at->link == link;
  const bool begins = m.observes && !(found && at->observes);
  if (!m.observes && !m.exposes) {
    if (found) {
      t.children.erase(at);
      --children_.at(link).tags;
    }
  } else {
    if (!found) {
      at = t.children.insert(at, ChildTag{.link = link});
      ++children_.at(link).tags;
    }
    if (at->exposes != m.exposes) {
      exposers_changed();
      room_made(link);
    }
    at->observes = m.observes;
    at->interval = m.interval;
    at->exposes = m.exposes;
  }
  for (ObjectRecord* o : t.objects) {
    erase_in(o->passing, &Passing::avoid, [&](const Exclusion& e) { return e.target.is(link); });
    if (!m.exposes) forget_refusals(*o, link);
    if (child_needs(link, *o)) {
      // What it had it may have let go of while it did not need it, and it does not say what it has.
      if (auto* r = begins ? find_child(*o, link) : nullptr; r && !r->observes && !needs_by_other_tag(*o, link, t)) {
        o->set_known(*r, std::nullopt);
        r->set_told_sync({});
      }
      outbox_.mark(link, o->name);
    } else {
      outbox_.discard(link, o->handle());
      pace_.forget({o->handle(), link});
      if (auto* r = find_child(*o, link)) {
        o->set_known(*r, std::nullopt);
        r->set_told_sync({});
      }
    }
  }
  touch(t);
}

namespace {
/// Most say only who observes and exposes, and there are very many.
bool more_than_wished(const codec::Interest& m) {
  return m.active || m.again || m.interval.count() != 0 || m.at_work || m.heard || !m.floor.empty() || m.avail;
}
}  // namespace

void Tree::on_interest(LinkId link, names::Name& name, const codec::Interest& m) {
  ObjectRecord& o = object(name);
  touch(o);
  if (m.gone || m.fresh) unconfirm(o, link);
  if (m.gone) {
    erase_child(o, link);
    if (child_needs(link, o)) {  // still fed by a tag
      child(o, link);
      outbox_.mark(link, o.name);
    } else {
      outbox_.discard(link, o.handle());
      pace_.forget({o.handle(), link});
    }
    return;
  }
  const bool needed = child_needs(link, o);
  ChildRecord& r = child(o, link);
  if (r.exposes() != m.exposes) {
    exposers_changed();
    erase_in(o.passing, &Passing::avoid, [&](const Exclusion& e) { return e.target.is(link); });
    forget_refusals(o, link);
  }
  const bool told_anew = m.observes && (m.fresh || !r.observes);
  if (told_anew) r.standing_told = StandingKind::waiting;
  r.told = true;
  r.observes = m.observes;
  r.holds = m.holds;
  r.set_exposes(m.exposes);
  const bool offers = (m.avail || r.details->avail) && !is_root() && !mutant(Mutant::kReturnNotOffered);
  const auto available_before = offers ? available(o) : std::nullopt;
  if (r.details || more_than_wished(m)) {
    ChildDetails& details = r.details.edit();
    if (told_anew) details.standing_reason_told.clear();
    details.active = m.active;
    details.again = m.again;
    details.interval = m.interval;
    details.at_work = m.at_work;
    details.heard = std::max(details.heard, m.heard);
    details.floor = std::max(details.floor, m.floor);
    details.avail = m.avail;
    details.pulled.reset();
    r.details.tidy();
  }
  const bool needs = child_needs(link, o);
  if (needed && !needs) {
    outbox_.discard(link, o.handle());
    pace_.forget({o.handle(), link});
    o.set_known(r, std::nullopt);
    r.set_told_sync({});
  } else if ((m.fresh || (!needed && needs)) && !mutant(Mutant::kHaveForgotten)) {
    o.set_known(r, m.have);
    r.set_told_sync({});
  }
  // Further up, if the parent does not know: a floor must travel through levels whose own did not change,
  // too. What can be had from here is said anew when that is more or less than before.
  if (m.floor > o.up()->floor || m.heard > o.up()->heard || (offers && available(o) != available_before)) o.report = true;
  if (!mutant(Mutant::kHeardDoesNotRaise)) hear(o, m.heard, m.floor);
  outbox_.mark(link, o.name);
  r.end_due = is_root() && !m.observes && !m.exposes && !m.holds;
}

void Tree::on_giveup(LinkId link, names::Name& name, const codec::Giveup& m) {
  ObjectRecord* found = name.record;
  if (!found) return;
  ObjectRecord& o = *found;
  touch(o);
  const Instant until = now_ + std::chrono::milliseconds(std::min<std::uint32_t>(m.retry_after_ms, 3'600'000));
  if (m.reason == codec::GiveupReason::full)
    found_full(o, link, until);
  else
    room_made(link);
  if (m.reason == codec::GiveupReason::declined) {
    forget_refusals(o, link);
    o.passing.edit().refusals.push_back(Refusal{Target::link(link), {}, until, m.text});
    arm(until, o);
  }
  freshness_unknown(o, link);
  const auto is_it = [&](const Term& t) { return t.target.is(link) && t.epoch == m.epoch; };
  if (!o.any_term(is_it)) return;
  const bool current = o.cur && is_it(*o.cur);
  if (current)
    set_cur(o, std::nullopt);
  else if (is_it(*o.passing->drain))
    drain_over(o);
  else
    std::erase_if(o.passing.edit().late, is_it);
  if (!o.writes(Target::link(link)) || (o.has_state() && o.held().stamp.epoch == m.epoch)) unsync(o, Target::link(link));
  if (!current) return lost_former(o, m.epoch);
  if (!is_root() && o.assigned) lost_current(o, m.epoch);
}

void Tree::on_started(LinkId link, names::Name& name, const codec::Started& m) {
  ObjectRecord* o = name.record;
  if (!o || !gave(*o, link, m.epoch) || (o->passing->drain && o->passing->drain->epoch == m.epoch)) return;
  hear(*o, m.epoch, m.version);
  if (o->cur && o->cur->epoch == m.epoch)
    first_state_came(*o);
  else
    late_came(*o, m.epoch);
  touch(*o);
}

bool Tree::gave(const ObjectRecord& o, LinkId link, const Epoch& epoch) {
  return o.any_term([&](const Term& t) { return t.target.is(link) && t.epoch == epoch; });
}

bool Tree::takes_from_child(LinkId link, const names::Name& name, const Stamp& stamp) const {
  const ObjectRecord* o = name.record;
  return o && gave(*o, link, stamp.epoch) && newer(o->stamp(), stamp);
}

void Tree::on_child_state(LinkId link, names::Name& name, const Stamp& stamp, std::uint64_t nth,
                          PayloadPtr payload, std::optional<Instant> synced_at, bool carry, bool confirm) {
  ObjectRecord* found = name.record;
  if (!found) {
    ++counters_.states_fenced;
    return;
  }
  ObjectRecord& o = *found;
  ChildRecord& r = child(o, link);
  if (!carry && o.cur && o.cur->target.is(link) && o.cur->epoch == stamp.epoch && only_newer(o, stamp, !synced_at)) {
    r.set_told_sync(!synced_at);
    take_from(o, link, Held{stamp, nth, std::move(payload)}, confirm, synced_at);
    return;
  }
  if (!crossed(stamp, o.known_by(r).stamp)) {
    o.set_known(r, stamp);
    r.set_told_sync(!synced_at);
  }
  touch(o);
  if (carry) {
    const bool taken =
        newer(o.stamp(), stamp) && (!o.cur || stamp.epoch < o.cur->epoch) && (need(o, link) || o.pulled);
    if (taken) {
      take(o, Held{stamp, nth, std::move(payload)}, confirm, synced_at.value_or(now_), Target{});
      o.report = true;
      child(o, link).details.edit().avail = stamp;
    } else {
      ChildDetails& details = r.details.edit();
      details.avail = details.avail ? std::max(*details.avail, stamp) : stamp;
      const bool ask_again =
          newer(o.stamp(), *details.avail) && !(o.cur && o.cur->epoch <= stamp.epoch) && !need(o, link);
      details.pulled = ask_again ? std::nullopt : details.avail;
    }
    return;
  }
  if (!gave(o, link, stamp.epoch) && !mutant(Mutant::kTermNotCompared)) {
    ++counters_.states_fenced;
    if (stamp.version > o.floor()) {  // it still informs: whoever writes now must exceed it
      hear(o, {}, stamp.version);
      o.report = true;
    }
    return;
  }
  if (o.stamp() == stamp) {
    on_child_fresh(link, name, stamp, synced_at);
  } else if (newer(o.stamp(), stamp)) {
    take_from(o, link, Held{stamp, nth, std::move(payload)}, confirm, synced_at);
  } else {
    ++counters_.states_not_newer;
    hear(o, stamp.epoch, stamp.version);
    if (o.cur && o.cur->target.is(link) && o.held().stamp.version > stamp.version) {
      r.details.edit().floor_told = o.held().stamp.version;
      outbox_.control(link, o.name, codec::Floor{o.handle(), o.held().stamp.version});
    }
  }
}

void Tree::on_child_fresh(LinkId link, names::Name& name, const Stamp& stamp,
                          std::optional<Instant> synced_at) {
  ObjectRecord* found = name.record;
  if (!found) return;
  ObjectRecord& o = *found;
  touch(o);
  if (ChildRecord& r = child(o, link); !crossed(stamp, o.known_by(r).stamp)) r.set_told_sync(!synced_at);
  if (!gave(o, link, stamp.epoch)) {
    ++counters_.states_fenced;
    if (stamp.version > o.floor()) {
      hear(o, {}, stamp.version);
      o.report = true;
    }
    return;
  }
  if (o.stamp() != stamp || !(o.source.is(link) || o.source == Target{})) return;
  confirm_again(o);
  if (o.cur && o.cur->epoch == stamp.epoch && !o.sent) first_state_came(o);
  late_came(o, stamp.epoch);
  if (o.sync == !synced_at) return;
  set_sync(o, synced_at);
  if (o.sync) o.source = Target::link(link);
  deliver(o);
  mark(o);
}

void Tree::on_child_need(LinkId link, names::Name& name) {
  ObjectRecord* o = name.record;
  if (!o) return;
  o->set_known(child(*o, link), std::nullopt);
  outbox_.mark(link, o->name);
}

/// It has no name for the object any more, so nothing it said of it stands.
void Tree::on_child_release(LinkId link, names::Name& name) {
  if (name.record) on_interest(link, name, codec::Interest{.gone = true});
}

}  // namespace mla::core
