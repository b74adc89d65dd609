#include <algorithm>

#include "tests/sim/world.h"

// Links that fail by halves: one side notices and the other does not, one way is deaf, bytes come slowly or wrong.
namespace mla::sim {

using namespace engine;

void World::link_fault() {
  auto wires = standing_wires();
  if (wires.empty()) return;
  Wire& w = *most_.pick(wires);
  auto& d = most_.chance(.5) ? w.up : w.down;
  switch (most_.below(4)) {
    case 0:
      lose_one_side(w);
      break;
    case 1:
      log("wire " + std::to_string(w.id) + " is deaf " + (&d == &w.up ? "up" : "down"));
      count("links deaf one way");
      d.deaf = true;
      break;
    case 2:
      log("wire " + std::to_string(w.id) + " slows down");
      count("links that slow down");
      w.bytes_per_second = std::min(w.bytes_per_second, features_.slow ? 3000. : 20000.);
      break;
    default:
      log("wire " + std::to_string(w.id) + " will bring something malformed");
      d.spoilt = true;
  }
}

/// One side notices at once, as when its network says so; the other only by silence, unless the first one dials anew.
void World::lose_one_side(Wire& w) {
  const bool child = most_.chance(.5);
  log("wire " + std::to_string(w.id) + " is lost for one side");
  count(child ? "links lost for the child first" : "links lost for the parent first");
  w.cut = true;
  watch_end(w);
  lost(w, child ? *w.child : *w.parent, most_.between(milliseconds(0), milliseconds(50)));
}

/// What arrives is no sequence of frames. This link ends, and no other (P11).
void World::spoilt(Wire& w, Node& to, LinkId link, const Bytes& message) {
  std::vector<std::byte> bytes = *message;
  switch (most_.below(3)) {
    case 0:
      bytes.insert(bytes.begin(), std::byte{0xff});
      break;
    case 1:
      bytes.push_back(std::byte{0xff});
      break;
    default:
      bytes.push_back(std::byte{0x82});  // an array of two, and nothing in it
  }
  log("what arrives on wire " + std::to_string(w.id) + " is malformed");
  count("malformed messages on a link");
  // A HELLO before it may replace an older link of the same peer.
  const Node* far = &to == w.parent ? w.child : w.parent;
  const auto peers = to.wires;
  if (!to.heard.empty()) feed_heard(to);
  closed_.clear();
  Actions actions;
  const Event event = LinkFrames{link, bytes};
  watch_event(event);
  step(to, event, actions);
  carry_out(to, actions);
  check_node(to);
  if (!std::count(closed_.begin(), closed_.end(), link)) throw Broken{"P14: " + to.name + " keeps a link that brought something malformed"};
  for (LinkId l : closed_)
    if (const auto it = peers.find(l); it == peers.end() || (it->second->child != far && it->second->parent != far))
      throw Broken{"P11: " + to.name + " closes another link for what one peer did"};
  feed(to, DeadlineReached{});
}

}  // namespace mla::sim
