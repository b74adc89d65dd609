#include <algorithm>

#include "tests/sim/world.h"

// User code that calls back in from within what it is told, of every kind: its commands are the next events.
namespace mla::sim {

using namespace engine;

namespace {

/// What a notice is about, and how often it is answered.
struct About {
  const char* kind = nullptr;  // none: nothing that user code hears of
  double chance = 0;
  std::optional<ContractId> contract;
  std::optional<SinkId> sink;
};

struct Describe {
  About operator()(const StateArrived& a) const { return {"a state", .01, a.contract, {}}; }
  About operator()(const StandingChanged& a) const { return {"a standing", .03, a.contract, {}}; }
  About operator()(const ObjectEnded& a) const { return {"an end", .9, a.contract, {}}; }
  About operator()(const Elected& a) const { return {"an election", .1, a.contract, a.sink}; }
  About operator()(const TermChanged& a) const { return {"another term", .2, {}, a.sink}; }
  About operator()(const Withdrawn& a) const { return {"a withdrawal", .2, a.contract, a.sink}; }
  About operator()(const Published& a) const { return {"an answer", .02, {}, a.sink}; }
  About operator()(const SinkStale& a) const { return {"a stale sink", .3, {}, a.sink}; }
  About operator()(const engine::Confirmed& a) const { return {"a confirmation", .2, {}, a.sink}; }
  About operator()(const LinkReady&) const { return {"a link", .05, {}, {}}; }
  About operator()(const LinkLost&) const { return {"a lost link", .05, {}, {}}; }
  template <class Other>
  About operator()(const Other&) const {
    return {};
  }
};

}  // namespace

void World::answer(Node& n, const Action& action) {
  if (!chaotic_ || !newest()) return;
  const About about = std::visit(Describe{}, action);
  if (!about.kind || !most_.chance(about.chance)) return;
  const auto did = [&](const std::string& what) {
    count("from within " + std::string(about.kind) + ": " + what);
    log(n.name + " " + what + " from within " + about.kind);
  };
  struct Held {
    std::uint64_t contract;
    SinkId sink;
  };
  std::vector<Held> sinks;
  std::optional<Held> own;
  std::vector<std::uint64_t> exposers, all;
  for (auto& [id, o] : n.observers) all.push_back(id);
  for (auto& [id, x] : n.exposers) {
    all.push_back(id), exposers.push_back(id);
    for (auto& [sink, u] : x.sinks) {
      sinks.push_back({id, sink});
      if (about.sink == sink) own = sinks.back();
    }
  }
  const auto a_sink = [&] { return own && most_.chance(.7) ? *own : most_.pick(sinks); };
  switch (most_.below(6)) {
    case 0:
      did("opened");
      n.commands.push_back(new_contract(n, most_));
      break;
    case 1:
      if (all.empty()) return;
      did("dropped");
      forget(n, most_.pick(all));
      break;
    case 2:
      if (!about.contract || !std::count(all.begin(), all.end(), about.contract->value)) return;
      did("dropped itself");
      forget(n, about.contract->value);
      break;
    case 3: {
      if (sinks.empty()) return;
      const Held s = a_sink();
      did("published");
      publish(n, n.exposers.at(s.contract), s.sink);
      break;
    }
    case 4:
      if (sinks.empty()) return;
      did("declined");
      n.commands.push_back(Decline{a_sink().sink, "busy", milliseconds(200)});
      break;
    default:
      if (exposers.empty()) return;
      did("set a capacity");
      n.commands.push_back(capacity(n, most_.pick(exposers), most_));
  }
}

}  // namespace mla::sim
