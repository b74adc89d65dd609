#include <algorithm>

#include "exchange/codec/codec.h"
#include "exchange/core/tree.h"
#include "tests/sim/world.h"

// What a link may carry, and how states are numbered. Judged when the bytes leave, by decoding them.
namespace mla::sim {

using namespace codec;

void World::check_message(Wire& w, Node& from, const std::vector<std::byte>& message) {
  if (options_.plain) return;
  Decoder decoder(message);
  Frame frame;
  std::map<std::uint64_t, std::optional<Version>> told;  // by handle
  while (decoder.next(frame) == Decoder::Outcome::frame) {
    watch_frame(w, from, frame);
    if (const auto* define = std::get_if<DefineObject>(&frame)) from.named[define->handle.value] = define->canonical;
    const bool about_objects = std::visit([](const auto& m) { return requires { m.handle; }; }, frame);
    if (silent_ && about_objects)
      throw Broken{"P7: " + from.name + " still speaks of objects when nothing happens"};
    const auto* state = std::get_if<StateFrame>(&frame);
    check_slot(w, from, frame, told);
    if (&from != w.parent) continue;
    const auto* fresh = std::get_if<Fresh>(&frame);
    if (!state && !fresh) continue;
    if (state && state->parts_bytes) continue;  // begun before: finished, or the receiver would keep the pieces
    const auto handle = state ? state->handle : fresh->handle;
    const auto name = from.named.find(handle.value);
    if (name == from.named.end()) throw Broken{"P7: a state without a name leaves " + from.name};
    const auto* r = from.engine->tree().find(name->second);
    // Without a record it is the last word before END, to one who has the object by tag.
    if (!r || from.engine->tree().link_needs(w.parent_link, *r)) continue;
    throw Broken{"P7: a state of " + name->second + " leaves " + from.name + " for " + w.child->name +
                 ", where nobody needs it"};
  }
}

/// What one message holds leaves at one moment: of two states of one object the first should not have waited, unless it
/// had begun to leave, or something else is said of the object, which it may not pass nor follow.
void World::check_slot(const Wire& w, const Node& from, const Frame& frame, std::map<std::uint64_t, std::optional<Version>>& told) const {
  const auto handle = std::visit(
      [](const auto& m) -> std::uint64_t {
        if constexpr (requires { m.handle; }) return m.handle.value;
        return 0;
      },
      frame);
  if (!handle || std::holds_alternative<DefineObject>(frame)) return;
  const auto* state = std::get_if<StateFrame>(&frame);
  const bool whole = state && !state->carry && !state->parts_bytes;
  auto [at, first] = told.try_emplace(handle);
  if (!whole) {
    at->second.reset();
    return;
  }
  if (!first && at->second && *at->second != state->version)
    throw Broken{"P3: two states of one object wait on the link " + std::to_string(w.id) + " of " + from.name};
  if (first) at->second = state->version;
}

void World::check_bounds(const Node& n) const {
  if (options_.plain || stats_.events % 16 != 0) return;
  for (const auto& l : n.engine->info().links)
    if (l.pending_objects > objects_.size() || l.queued_bytes > (64 << 10))
      throw Broken{"P13: " + n.name + " keeps " + std::to_string(l.pending_objects) + " lanes and " +
                   std::to_string(l.queued_bytes) + " B for one link"};
}

std::optional<World::Numbered> World::numbered(const Node& n, SinkId sink) const {
  for (const auto& [id, x] : n.exposers)
    if (auto u = x.sinks.find(sink); u != x.sinks.end()) {
      const auto* r = n.engine->tree().find(u->second.object);
      if (!r) return std::nullopt;
      return Numbered{u->second.object, r->here()->nth_epoch, r->here()->nth};
    }
  return std::nullopt;
}

/// Within an epoch each state counts on from the one before by what it stands for, so what a receiver left out follows
/// from two numbers.
void World::check_numbers(const Node& n, const engine::Publish& p, const Numbered& before,
                          const engine::Actions& actions) const {
  // By what it sent it may be elected anew, and then that is published once more, as the first of another epoch.
  const bool again = std::any_of(actions.begin(), actions.end(), [&](const auto& a) {
    const auto* term = std::get_if<engine::TermChanged>(&a);
    return term && term->published && term->sink == p.sink;
  });
  for (const auto& a : actions) {
    const auto* published = std::get_if<engine::Published>(&a);
    if (!published || published->outcome != engine::PublishOutcome::accepted) continue;
    const auto* r = n.engine->tree().find(before.object);
    if (!r || !r->has_state() || r->held().stamp.version != published->version) continue;
    const std::uint64_t expected = again ? 1 : (before.epoch == r->held().stamp.epoch ? before.nth : 0) + p.sends;
    if (r->held().nth != expected)
      throw Broken{"P3: state " + std::to_string(expected) + " of its epoch is numbered " +
                   std::to_string(r->held().nth) + " at " + n.name};
  }
}

}  // namespace mla::sim
