#include <algorithm>
#include <cstdio>

#include "tests/sim/world.h"

namespace mla::sim {

World::World(Options options)
    : options_(options),
      profile_(*options.profile),
      random_(options.seed * 0x9e3779b97f4a7c15ull + 1),
      more_(options.seed * 0xd1342543de82ef95ull + 7),
      most_(options.seed * 0xa0761d6478bd642full + 13),
      rules_(options.seed * 0xa0761d6478bd642full + 3),
      now_(Instant(seconds(1000))) {
  const auto add = [&](std::vector<TagDescriptor> tags, const std::string& json) {
    objects_.push_back(std::make_shared<const ObjectDescriptor>(std::move(tags), Json(json)));
    by_canonical_[objects_.back()->canonical()] = objects_.back();
  };
  add({{"T"}}, "a");
  if (random_.chance(profile_.several_objects)) {
    add({{"T"}, {"U"}}, "b");
    add({}, "c");
  }
  for (int i = 0; i < profile_.herd; ++i) add({{"T"}}, std::to_string(i));
  tags_ = {"T", "U"};
  const auto& f = profile_.features;
  features_ = {random_.chance(f.user_versions), random_.chance(f.tags), random_.chance(f.crashes), random_.chance(f.loops),
               random_.chance(f.priorities),    random_.chance(f.slow), random_.chance(f.pauses),  random_.chance(f.big)};
  const int n = options.nodes ? options.nodes : some(profile_.nodes);
  for (int i = 0; i < n; ++i) {
    nodes_.push_back(std::make_unique<Node>());
    nodes_.back()->name = "n" + std::to_string(i);
    nodes_.back()->index = i;
    boot(*nodes_.back());
  }
  if (threads()) make_processes();
}
World::~World() = default;

int World::some(const Profile::Range& r) {
  return r.least + static_cast<int>(random_.below(static_cast<std::uint64_t>(r.most - r.least + 1)));
}

void World::at(Instant when, std::function<void()> what) {
  heap_.push({std::max(when, now_), order_++, std::move(what)});
}

void World::run_until(Instant end) {
  while (!heap_.empty() && heap_.top().when <= end) {
    auto next = heap_.top();
    heap_.pop();
    now_ = next.when;
    next.what();
    if (++stats_.events > 3'000'000) throw Broken{"livelock: three million events"};
  }
  now_ = end;
}

void World::run() {
  if (profile_.herd) observe_all(*nodes_.front());
  const int rounds = some(profile_.rounds);
  for (int i = 0; i < rounds; ++i) {
    chaos(random_.between(seconds(1), seconds(6)));
    heal(random_.chance(.7));
    quiet();
    checks_at_quiet();
    silence();
    for (auto& n : nodes_)
      if (!n->parent && n->up) n->parent = n->up->parent;
  }
  if (!options_.plain) {
    calm();
    if (profile_.autonomy) autonomy();
    quiet();
    checks_at_quiet();
    silence();
  }
  clean_up();
}

void World::log(const std::string& text) {
  if (options_.verbose)
    std::printf("%10.3f %s\n", std::chrono::duration<double>(now_.time_since_epoch()).count() - 1000,
                text.c_str());
}

std::string World::stamp(const Epoch& e, const Version& v) const {
  return std::to_string(e.counter) + "@" + std::to_string(e.minter.value % 1000) + to_string(v);
}

}  // namespace mla::sim
