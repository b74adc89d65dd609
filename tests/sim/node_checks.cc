#include <algorithm>

#include "tests/sim/world.h"

// What must hold after every event, for the exchange that took it.
namespace mla::sim {

namespace {
std::string writer_of(const std::string& data) {
  return data.substr(0, data.find('#'));
}
}  // namespace

void World::check_node(Node& n) {
  for (const auto& o : objects_) {
    const std::string key = o->canonical();
    const auto* r = n.engine->tree().find(key);
    watch_record(n, key, r);
    if (r && r->held) check_held(n, key, *r);
  }
}

void World::check_held(const Node& n, const std::string& key, const core::ObjectRecord& r) {
  const auto& data = r.held->payload->data;
  const std::string text(reinterpret_cast<const char*>(data.data()),
                         std::min<std::size_t>(data.size(), 60));
  const std::string writer = writer_of(text);
  const auto& st = r.held->stamp;
  auto [w, made] = writer_.try_emplace({key, st.epoch}, writer);
  if (!made && w->second != writer)
    throw Broken{"P4: two writers in " + to_string(st.epoch) + " of " + key + ": " + w->second + " and " +
                 writer};
  const auto items = st.version.items();
  auto [d, new_one] = identity_.try_emplace({key, {st.epoch, {items.begin(), items.end()}}}, text, r.held->nth);
  if (!new_one && d->second.second != r.held->nth)
    throw Broken{"P3: " + to_string(st.epoch) + " " + to_string(st.version) + " of " + key + " is number " +
                 std::to_string(d->second.second) + " and number " + std::to_string(r.held->nth)};
  if (!new_one && d->second.first != text)
    throw Broken{"identity: two states at " + to_string(st.epoch) + " " + to_string(st.version) + " of " +
                 key};
  if (r.cur && r.drain && !(r.drain->epoch < r.cur->epoch))
    throw Broken{"drain is not older than cur: " + key + " at " + n.name};
  if (r.sync && r.source.kind == core::Target::Kind::none)
    throw Broken{"synchronized without a source: " + key + " at " + n.name};
}

}  // namespace mla::sim
