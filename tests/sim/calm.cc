#include <algorithm>

#include "tests/sim/world.h"

// A tree in which no link breaks, no exposer goes and all answer in time: hand-overs by priority and by load, new
// exposers and observers, tag observers that leave, two healthy trees that join. Whoever is synchronized stays so (P6).
namespace mla::sim {

namespace {
constexpr auto kToTheRootAndBack = milliseconds(250);
}

void World::check_calm(const Node& n, const Observer& o, const std::string& object, const Seen& was,
                       bool sync) const {
  // A producer with versions of its own may be below the floor, and then nobody is synchronized until it is above.
  if (features_.user_versions || islands_ || !was.sync || sync) return;
  // Nor do those who decide know yet of one who has only just begun.
  if (now_ - o.since < kToTheRootAndBack) return;
  // Nor may a successor know the floor where somebody drove versions far above what epochs give (a guest), and where no
  // states went up: it hears of it when its first state is refused.
  if (!was.version.empty() && was.version.items()[0] > static_cast<std::int64_t>(was.epoch.counter)) return;
  bool observed = false;
  for (const auto& m : nodes_)
    for (const auto& [id, x] : m->observers) observed |= x.kind == ContractKind::object_observe && x.key == object;
  if (observed)
    throw Broken{"P6: observer " + std::to_string(o.id.value) + " at " + n.name + " of " + object +
                 " is no longer synchronized, though nothing broke"};
}

void World::calm() {
  log("--- calm");
  calm_ = true;
  for (auto& w : wires_) w->bytes_per_second = 1e6;
  const auto trees = components();
  std::vector<Node*> tops;
  for (const auto& n : nodes_)
    if (trees.count(n.get())) tops.push_back(n.get());
  bool may_join = more_.chance(.5) && tops.size() > 1 && !tops[0]->parent;
  for (int i = 0; i < profile_.calm_steps; ++i) {
    run_for(more_.between(milliseconds(0), profile_.longest_calm_step));
    Node& n = *more_.pick(nodes_);
    const auto roll = more_.below(100);
    if (may_join && i > 4) {
      may_join = false;
      auto members = trees.at(tops[1]);
      count("merges of healthy trees");
      dial(*tops[0], *more_.pick(members));
    } else if (roll < 25) {
      feed(n, new_contract(n, more_));
    } else if (roll < 85) {
      produce(n);
    } else {
      std::vector<std::uint64_t> ids;
      for (const auto& [id, x] : n.observers)
        if (x.kind == ContractKind::tag_observe) ids.push_back(id);
      if (ids.empty()) continue;
      const std::uint64_t id = more_.pick(ids);
      log(n.name + " drops tag observer " + std::to_string(id));
      n.observers.erase(id);
      model_.drop(id);
      feed(n, engine::DropContract{ContractId{id}});
    }
    count("calm steps");
  }
  run_for(seconds(3));
  calm_ = false;
}

}  // namespace mla::sim
