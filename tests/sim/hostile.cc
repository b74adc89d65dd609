#include <algorithm>

#include "exchange/codec/codec.h"
#include "tests/sim/world.h"

// A peer that says HELLO and then what it may not. Only its own link may close (P11, P14).
namespace mla::sim {

namespace {

using namespace codec;

struct Misdeed {
  std::vector<std::byte> message;
  bool must_close = true;
};

std::vector<std::byte> bytes(std::initializer_list<Frame> frames) {
  std::vector<std::byte> result;
  for (const auto& f : frames) encode(f, result);
  return result;
}

Misdeed misdeed(Random& random, const std::string& object) {
  const DefineObject define{{7}, object};
  switch (random.below(10)) {
    case 0: {
      std::vector<std::byte> noise(1 + random.below(300));
      for (auto& b : noise) b = static_cast<std::byte>(random.below(256));
      return {std::move(noise), false};  // it may happen to be frames of unknown kinds
    }
    case 1: {
      auto cut = bytes({Interest{.handle = {7}, .observes = true, .floor = {5, 3}}});
      cut.resize(1 + random.below(cut.size() - 1));
      return {std::move(cut), true};
    }
    case 2:
      return {bytes({define, Assign{.handle = {7}, .epoch = {900, NodeId{9}}, .floor = {}}}), true};
    case 3:
      return {bytes({Path{{NodeId{1}, NodeId{2}}}}), true};
    case 4:
      return {bytes({Interest{.handle = {random.bits()}, .observes = true}}), true};
    case 5:
      return {bytes({DefineObject{{8}, "not a descriptor"}}), true};
    case 6:
      return {bytes({define, define}), true};
    case 7:
      return {bytes({define, Part{{7}, 5000, {std::byte{1}}}}), true};
    case 8:
      return {std::vector<std::byte>(200 << 10), true};
    default:
      return {bytes({Welcome{}}), true};
  }
}

}  // namespace

/// Peers that keep to the form, but write for objects that nobody gave them: in the very term of another, above all
/// that is known. Nobody may ever see it (P4).
std::vector<std::byte> World::unasked(const Node& n, NodeId id) {
  const ObjectPtr& o = more_.pick(objects_);
  const auto* r = n.engine->tree().find(o->canonical());
  const DefineObject define{{7}, o->canonical()};
  StateFrame state{.handle = {7}, .epoch = {50, id}, .version = {50, 0}, .nth = 1, .format = {"TEXT"}};
  if (r && r->has_state()) state.epoch = r->held().stamp.epoch, state.version = r->held().stamp.version;
  if (r && r->cur) state.epoch = r->cur->epoch;
  if (r) state.version = std::max(state.version, r->floor()).next();
  for (char c : "guest." + std::to_string(id.value % 1000) + "#0") state.body.push_back(static_cast<std::byte>(c));
  count("states that nobody asked for");
  Interest interest{.handle = {7}, .fresh = true, .observes = more_.chance(.5)};
  return more_.chance(.5) ? bytes({define, state}) : bytes({define, interest, state});
}

void World::hostile(Node& n) {
  count("hostile peers");
  const LinkId link{next_link_++};
  const NodeId id{more_.bits() | 1};
  const auto close = [&] { return std::find(closed_.begin(), closed_.end(), link) != closed_.end(); };
  feed(n, engine::LinkUp{link, engine::LinkRole::child, 100000, {}, {}});
  if (more_.chance(.9)) {
    const auto hello = bytes({Hello{.node = id, .connection = 1, .heartbeat_ms = 300, .path = {id}}});
    feed(n, engine::LinkFrames{link, hello});
  }
  const Misdeed m = profile_.guests && more_.chance(.7) ? Misdeed{unasked(n, id), false}
                                                      : misdeed(more_, more_.pick(objects_)->canonical());
  closed_.clear();
  engine::Actions actions;
  const engine::Event event = engine::LinkFrames{link, m.message};
  watch_event(event);
  step(n, event, actions);
  carry_out(n, actions);
  check_node(n);
  if (m.must_close && !close()) throw Broken{"P14: " + n.name + " keeps a peer that broke the protocol"};
  for (LinkId l : closed_)
    if (l != link) throw Broken{"P11: " + n.name + " closes another link for what one peer did"};
  if (!close()) feed(n, engine::LinkDown{link});
  feed(n, engine::DeadlineReached{});
}

}  // namespace mla::sim
