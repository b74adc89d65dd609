#include <algorithm>
#include <string_view>
#include <utility>

#include "tests/sim/world.h"

// What must hold after every event, for the exchange that took it.
namespace mla::sim {

namespace {
std::string who_wrote(const std::string& data) {
  return data.substr(0, data.find('#'));
}
}  // namespace

void World::check_node(Node& n) {
  n.checked.resize(objects_.size());
  for (std::size_t i = 0; i < objects_.size(); ++i) {
    const std::string& key = objects_[i]->canonical();
    const auto* r = n.engine->tree().find(key);
    if (newest()) watch_record(n, key, r);
    if (!r || !r->has_state()) continue;
    Epoch newest;
    const auto later = [&](const Epoch& epoch) { return std::exchange(newest, epoch) < epoch; };
    bool in_order = r->passing->drain ? later(r->passing->drain->epoch) : r->passing->late.empty();
    for (const auto& t : r->passing->late) in_order &= later(t.epoch);
    if (r->cur) in_order &= later(r->cur->epoch);
    if (!in_order) throw Broken{"drain, superseded terms and cur are not in their order: " + key + " at " + n.name};
    if (r->sync && r->source == core::Target{})
      throw Broken{"synchronized without a source: " + key + " at " + n.name};
    const auto& data = r->held().payload->data;
    const std::string_view text(reinterpret_cast<const char*>(data.data()), std::min<std::size_t>(data.size(), 60));
    auto& last = n.checked[i];
    if (last.text == text && last.stamp == r->held().stamp && last.nth == r->held().nth) continue;
    last = {r->held().stamp, r->held().nth, std::string(text)};
    check_state(key, r->held(), last.text);
  }
}

/// One writer in an epoch, one state at a version, one number for a state: whoever holds it.
void World::check_state(const std::string& key, const core::Held& held, const std::string& text) {
  const std::string writer = who_wrote(text);
  const auto& st = held.stamp;
  auto [w, made] = writer_.try_emplace({key, st.epoch}, writer);
  if (!made && w->second != writer)
    throw Broken{"P4: two writers in " + to_string(st.epoch) + " of " + key + ": " + w->second + " and " + writer};
  const auto items = st.version.items();
  auto [d, new_one] = identity_.try_emplace({key, {st.epoch, {items.begin(), items.end()}}}, text, held.nth);
  if (!new_one && d->second.second != held.nth)
    throw Broken{"P3: " + to_string(st.epoch) + " " + to_string(st.version) + " of " + key + " is number " +
                 std::to_string(d->second.second) + " and number " + std::to_string(held.nth)};
  if (!new_one && d->second.first != text)
    throw Broken{"identity: two states at " + to_string(st.epoch) + " " + to_string(st.version) + " of " + key};
}

}  // namespace mla::sim
