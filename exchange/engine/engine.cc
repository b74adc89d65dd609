#include "exchange/engine/engine.h"

#include <mla/permission.h>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <set>
#include <tuple>

#include "exchange/engine/impl.h"

namespace mla::engine {

Engine::Engine(Config config, Outlet* outlet, std::shared_ptr<Workspace> room)
    : impl_(std::make_unique<Impl>(std::move(config), outlet, room ? std::move(room) : std::make_shared<Workspace>())) {}
Engine::~Engine() = default;
void Engine::step(Instant now, std::span<const Event> events, Actions& actions) {
  impl_->step(now, events, actions);
}
std::optional<Instant> Engine::next_deadline() const {
  return impl_->next_deadline();
}
NodeId Engine::node() const {
  return impl_->node();
}
EngineInfo Engine::info() const {
  return impl_->info();
}
core::Explanation Engine::explain(const ObjectDescriptor& object) const {
  return impl_->tree().explain(object);
}
const core::Tree& Engine::tree() const {
  return impl_->tree();
}

namespace {
// Messages that are made before they leave: what makes them and what sends them are each warm then, and the first waits for
// some microseconds only.
constexpr std::size_t kTogether = 64;
}  // namespace

Engine::Impl::Impl(Config config, Outlet* outlet, std::shared_ptr<Workspace> room)
    : outlet_(outlet),
      room_(std::move(room)),
      config_(std::move(config)),
      tree_(config_.node, config_.limits, names_, *this, room_->notices),
      common_{config_.limits, names_, room_->buffers, encodings_, *this},
      random_(config_.seed) {
  if (config_.reads.zstd) encodings_.compressor().prepare();
}

void Engine::Impl::step(Instant now, std::span<const Event> events, Actions& actions) {
  assert(!room_->stepping);
  room_->stepping = true;
  now_ = std::max(now_, now);
  actions_ = &actions;
  tree_.set_now(now_);
  for (const Event& event : events) {
    look_ahead({&event, &events.back() + 1});
    std::visit([this](const auto& e) { on(e); }, event);
    if (&event == &events.back()) break;
    tree_.settle();
    conflate_if_many();
  }
  do {  // again when a link was given up, which the others are to hear of
    tree_.settle();
    while (!room_->closing.empty()) {
      const auto closing = std::exchange(room_->closing, {});
      for (const auto& [link, code] : closing)
        if (Session* s = find(link)) refuse(*s, code, {});
      tree_.settle();
    }
    if (names_.any_to_retire()) retire_names();
  } while (!send_pending());
  core::Notices& notices = room_->notices;
  for (auto& n : notices) {
    if (auto* state = std::get_if<StateArrived>(&n))  // nearly all are
      actions.emplace_back(std::in_place_type<StateArrived>, std::move(*state));
    else
      std::visit([&](auto& notice) { actions.emplace_back(std::move(notice)); }, n);
  }
  notices.clear();
  encodings_.end_of_step();
  room_->conflate_at = kManyNotices;
  actions_ = nullptr;
  room_->stepping = false;
}

/// Of many objects none is in the processor's caches, and what is published of them comes together: while one is worked off,
/// those that follow it come nearer.
void Engine::Impl::look_ahead(std::span<const Event> events) const {
  for (std::size_t i = 1; i <= core::Tree::kFarthestExpected && i < events.size(); ++i)
    if (const auto* publish = std::get_if<Publish>(&events[i])) tree_.expect_publish(publish->sink, i);
}

/// Links are told which numbers stand for nothing any more.
void Engine::Impl::retire_names() {
  for (const auto& name : names_.retire()) {
    const auto forget = [&](Session& s) {
      s.out.forget(name.handle);
      pending_.insert(s);
    };
    if (name.known_on_others) {
      for (const auto& [link, s] : sessions_) forget(*s);
    } else {
      for (LinkId link : name.known_on)
        if (Session* s = find(link)) forget(*s);
    }
  }
}

std::optional<Instant> Engine::Impl::next_deadline() const {
  return timers_.sooner(tree_.next_deadline());
}

void Engine::Impl::send(LinkId link, Bytes message, bool more) {
  if (!outlet_) return static_cast<void>(actions_->emplace_back(SendFrames{link, std::move(message)}));
  room_->leaving.push_back({link, std::move(message), more});
}

void Engine::Impl::send_leaving() {
  if (room_->leaving.empty()) return;
  outlet_->send(room_->leaving);
  room_->leaving.clear();
}

/// False: links were given up because too much waits on them.
bool Engine::Impl::send_pending() {
  if (pending_.size() == 0) return send_leaving(), true;
  std::vector<LinkId> overflowing;
  encodings_.many_links(pending_.size() > 1);
  auto& messages = room_->messages;
  pending_.erase_if([&](Session& s) {
    if (s.credit > 0) {
      messages.clear();
      s.out.produce(now_, s.credit, messages);
      for (std::size_t i = 0; i < messages.size(); ++i) {
        ++s.messages_out;
        s.bytes_out += messages[i]->size();
        send(s.link, std::move(messages[i]), i + 1 < messages.size());
      }
    }
    if (room_->leaving.size() >= kTogether) send_leaving();
    if (s.out.overflow()) overflowing.push_back(s.link);
    // A stalled link stays out of the way until it is writable again.
    return !s.out.pending() || s.credit == 0;
  });
  send_leaving();
  for (LinkId link : overflowing) end(link, ErrorCode::outbound_overflow, {}, true);
  return overflowing.empty();
}

/// One message may hold thousands of states, each of which is told every observer: only the newest of what one
/// contract or sink is told the same way is kept.
void Engine::Impl::conflate_notices() {
  using Key = std::tuple<std::size_t, std::uint64_t, const ObjectDescriptor*>;
  std::set<Key> told;  // later on
  std::vector<core::Notice> kept;
  core::Notices& notices = room_->notices;
  for (auto it = notices.rbegin(); it != notices.rend(); ++it) {
    const std::size_t kind = it->index();
    const bool last = std::visit(
        [&](const auto& n) {
          using N = std::decay_t<decltype(n)>;
          if constexpr (std::is_same_v<N, StateArrived> || std::is_same_v<N, StandingChanged>) {
            return told.insert(Key{kind, n.contract.value, n.object.get()}).second;
          } else if constexpr (std::is_same_v<N, TermChanged> || std::is_same_v<N, SinkStale> ||
                               std::is_same_v<N, Confirmed>) {
            return told.insert(Key{kind, n.sink.value, nullptr}).second;
          } else {
            // What came before the end of a stream belongs to that stream.
            if constexpr (std::is_same_v<N, ObjectEnded>)
              for (std::size_t k = 0; k < std::variant_size_v<core::Notice>; ++k)
                told.erase(Key{k, n.contract.value, n.object.get()});
            return true;
          }
        },
        *it);
    if (last) kept.push_back(std::move(*it));
  }
  notices.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
  room_->conflate_at = std::max(kManyNotices, 2 * notices.size());
}

void Engine::Impl::on(const LinkWritable& e) {
  Session* s = find(e.link);
  if (!s) return;
  s->credit = e.bytes_free;
  if (s->out.pending()) pending_.insert(*s);
}

void Engine::Impl::on(const DeadlineReached&) {
  tree_.on_deadline();
  while (const auto link = timers_.take_due(now_))
    if (Session* s = find(*link)) {
      s->timer.reset();
      beat(*s);
    }
}

void Engine::Impl::on(const OpenContract& e) {
  const Operation operation = observes(e.kind) ? Operation::observe : Operation::expose;
  const Permission permission =
      by_tag(e.kind) ? check(config_.local, operation, e.tag) : check(config_.local, operation, *e.object);
  if (permission != Permission::granted) {
    actions_->emplace_back(ContractRefused{e.id, to_error(permission)});
    return;
  }
  tree_.open(e.id, e.kind, by_tag(e.kind) ? nullptr : &names_.of(e.object->canonical()), e.tag, e.options);
}
void Engine::Impl::on(const DropContract& e) {
  tree_.drop(e.id);
}
void Engine::Impl::on(const SetCapacity& e) {
  tree_.set_capacity(e.id, e.capacity);
}
void Engine::Impl::on(const SetMinInterval& e) {
  tree_.set_min_interval(e.id, e.interval);
}
void Engine::Impl::on(const Publish& e) {
  tree_.publish(e.sink, e.payload, e.version, e.own_version, e.sends);
}
void Engine::Impl::on(const Decline& e) {
  tree_.decline(e.sink, e.reason, e.retry_after);
}

void Engine::Impl::on(const Reconfigured& e) {
  // Tree and sessions refer to these.
  config_.limits = e.limits;
  tree_.limits_changed();
}

void Engine::Impl::on(const Shutdown&) {
  shut_down_ = true;
  std::vector<LinkId> links;
  for (const auto& [link, s] : sessions_) links.push_back(link);
  for (LinkId link : links)
    if (Session* s = find(link)) refuse(*s, ErrorCode::shutting_down, {});
}

// ---- what the tree decides goes to the sessions' lanes

void Engine::Impl::control(LinkId link, names::Name& name, codec::Frame frame) {
  if (Session* s = find(link)) {
    s->out.control(name, std::move(frame));
    pending_.insert(*s);
  }
}
void Engine::Impl::mark(LinkId link, names::Name& name) {
  constexpr std::size_t kAhead = 4;  // many links are marked in turn
  if (const auto* const entry = sessions_.entry(link)) {
    if (const auto* const later = sessions_.after(*entry, kAhead)) later->second->fetch_early();
    entry->second->out.mark(name);
    pending_.insert(*entry->second);
  }
}
void Engine::Impl::flush(LinkId link, core::Handle handle) {
  if (Session* s = find(link)) s->out.flush(handle);
}
void Engine::Impl::discard(LinkId link, core::Handle handle) {
  if (Session* s = find(link)) s->out.discard(handle);
}
void Engine::Impl::carry(LinkId link, names::Name& name, codec::Outgoing state) {
  if (Session* s = find(link)) {
    s->out.carry(name, std::move(state));
    pending_.insert(*s);
  }
}
void Engine::Impl::spent(PayloadPtr payload) {
  room_->payloads.give_back(std::move(payload));
}
void Engine::Impl::tag(LinkId link, codec::Tag tag, std::vector<core::Handle> behind) {
  if (Session* s = find(link)) {
    s->out.tag(std::move(tag), std::move(behind));
    pending_.insert(*s);
  }
}
void Engine::Impl::path(LinkId link, codec::Path path) {
  if (Session* s = find(link)) {
    s->out.queue(std::move(path));
    pending_.insert(*s);
  }
}
void Engine::Impl::close(LinkId link, ErrorCode code) {
  room_->closing.emplace_back(link, code);
}

codec::Taken Engine::Impl::take_state(LinkId link, const names::Name& name, const codec::Outgoing* last) {
  return tree_.take_state(link, name, last);
}

EngineInfo Engine::Impl::info() const {
  const auto& c = tree_.counters();
  EngineInfo info{.node = tree_.node(),
                  .path = tree_.path(),
                  .objects = tree_.object_count(),
                  .tags = tree_.tag_count(),
                  .contracts = tree_.contract_count(),
                  .epochs_minted = c.epochs_minted,
                  .states_accepted = c.states_accepted,
                  .states_fenced = c.states_fenced,
                  .states_not_newer = c.states_not_newer,
                  .states_unnamed = states_unnamed_,
                  .frames_skipped = frames_skipped_,
                  .bases_missed = bases_missed_,
                  .links = {},
                  .gone_parents = gone_parents_,
                  .gone_children = gone_children_};
  info.states_oversized = gone_oversized_;
  for (const auto& [link, s] : sessions_) info.states_oversized += s->in.oversized();
  for (const auto& [link, s] : sessions_)
    info.links.push_back({link, s->role, s->ready, s->peer, s->peer_name, s->round_trip, s->messages_in,
                          s->messages_out, s->bytes_in, s->bytes_out, s->states_in, s->out.states_sent(),
                          s->differences_in, s->out.differences_sent(), s->out.queued_bytes(), s->out.pending_objects(), s->heard, s->out.said()});
  return info;
}

}  // namespace mla::engine
