#include "tests/sim/world.h"

// P1: the age of a state that is no longer synchronized. It adds up along the links, so it is never below the time since
// anybody held that state as synchronized, nor above the time since anybody first did. Time on a wire is no age, so this
// is judged where wires are quick and nobody is paused.
namespace mla::sim {

namespace {
constexpr auto kOnTheWay = milliseconds(600);  // some links, one after the other
}

void World::watch_ages(Node& n) {
  if (features_.slow || features_.pauses || profile_.weights.stall || profile_.herd) return;
  for (const auto& o : objects_) {
    const std::string& key = o->canonical();
    const auto at = std::pair(n.index, key);
    if (auto was = watched_.synchronized.find(at); was != watched_.synchronized.end()) {
      watched_.seen.at(was->second).last = now_;
      watched_.synchronized.erase(was);
    }
    const auto* r = n.engine->tree().find(key);
    if (!r || !r->has_state() || !r->sync) continue;
    const Watched::State state{key, r->held().stamp.epoch, r->held().stamp.version};
    auto [span, first] = watched_.seen.try_emplace(state, Watched::Span{now_, now_});
    span->second.last = now_;
    watched_.synchronized.emplace(at, state);
  }
}

void World::check_age(const Node& n, const engine::StateArrived& s) {
  if (s.state.synchronized()) return;
  const Watched::State state{s.object->canonical(), s.state.epoch(), s.state.version()};
  const auto span = watched_.seen.find(state);
  if (span == watched_.seen.end()) return;  // not judged in this world, or from a peer that is no exchange
  for (const auto& [at, held] : watched_.synchronized)
    if (held == state) span->second.last = now_;
  count("ages checked");
  const double age = std::chrono::duration<double>(s.state.age()).count();
  const double least = std::chrono::duration<double>(now_ - span->second.last - kOnTheWay).count() * .8;
  const double most = std::chrono::duration<double>(now_ - span->second.first + kOnTheWay).count() * 1.2;
  if (age < least || age > most)
    throw Broken{"P1: a state of " + s.object->canonical() + " is said at " + n.name + " to be " + std::to_string(age) +
                 " s old, not between " + std::to_string(least) + " and " + std::to_string(most)};
}

}  // namespace mla::sim
