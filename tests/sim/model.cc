#include "tests/sim/model.h"

#include <algorithm>

namespace mla::sim {

void Model::drop(Id contract) {
  contracts_.erase(contract);
  std::erase_if(writers_, [&](const auto& w) { return w.second.contract == contract; });
}

void Model::set_capacity(Id contract, std::uint32_t capacity) {
  if (auto it = contracts_.find(contract); it != contracts_.end()) it->second.capacity = capacity;
}

void Model::exchange_gone(int exchange) {
  std::erase_if(contracts_, [&](const auto& c) { return c.second.exchange == exchange; });
  std::erase_if(writers_, [&](const auto& w) { return w.first.first == exchange; });
}

void Model::elected(Id contract, Id sink, const std::string& object) {
  if (auto it = contracts_.find(contract); it != contracts_.end())
    writers_[{it->second.exchange, sink}] = Writer{contract, object, {}};
}

void Model::accepted(int exchange, Id sink, const std::string& data) {
  if (auto it = writers_.find({exchange, sink}); it != writers_.end()) it->second.last = data;
}

Model::Expected Model::expect(const Object& object, const Tree& tree) const {
  Expected e;
  bool observed = false, exposed = false;
  std::vector<Id> offering, others;  // who would take it; who only goes on with what they have
  std::int32_t best = INT32_MIN;
  for (const auto& [id, c] : contracts_) {
    if (!matches(c, object) || !tree.count(c.exchange)) continue;
    if (observes(c.kind)) {
      e.observers.push_back(id);
      observed |= !by_tag(c.kind);
      continue;
    }
    exposed |= !by_tag(c.kind);
    (c.capacity ? offering : others).push_back(id);
    if (c.capacity && c.takes_over) best = std::max(best, c.priority);
  }
  e.live = observed || (exposed && !e.observers.empty());
  for (const auto& [at, w] : writers_)
    if (w.object == object.name && tree.count(at.first)) {
      e.writers.push_back(w.contract);
      e.data = w.last;
    }
  if (!e.live) return e;
  e.must_write = !offering.empty();
  for (Id id : offering)
    if (contracts_.at(id).priority >= best) e.may_write.insert(id);
  if (offering.empty()) e.may_write.insert(others.begin(), others.end());
  return e;
}

std::optional<StandingKind> Model::standing(const Expected& e, Id observer, bool holds) const {
  if (!e.writers.empty()) return StandingKind::synchronized;
  if (holds) return StandingKind::stale;
  if (by_tag(contracts_.at(observer).kind)) return std::nullopt;
  return StandingKind::unexposed;
}

}  // namespace mla::sim
