#include "tools/mla/bench/meter.h"

namespace mla::cli::bench {
namespace {

std::vector<std::optional<ProcessUsage>> usage_of_routers(const std::vector<std::optional<pid_t>>& routers) {
  std::vector<std::optional<ProcessUsage>> out;
  for (const auto router : routers) {
    out.push_back(router ? usage_of(*router) : std::nullopt);
    if (router && !out.back())
      throw Failed(ExitCode::failed,
                   "there is no process " + std::to_string(*router) + " whose CPU could be told");
  }
  return out;
}

std::optional<StreamBytes> since(const std::optional<StreamBytes>& before,
                                 const std::optional<StreamBytes>& now) {
  if (!before || !now) return {};
  return StreamBytes{now->received - before->received, now->sent - before->sent};
}

}  // namespace

Meter::Meter(const Rig& rig, Sockets producer, Ends observers)
    : routers_(rig.routers()),
      producer_(std::move(producer)),
      observers_(std::move(observers)),
      wire_(wire()),
      usage_(usage_of_routers(routers_)),  // after wire(): asking takes time
      cpu_(own_cpu()),
      start_(Clock::now()) {}

Wire Meter::wire() const {
  Wire sum{bytes_of(producer_), bytes_of(observers_.sockets)};
  for (const Peer* observer : observers_.peers)
    for (const LinkInfo& link : observer->exchange.info().links) {
      sum.states_in += link.states_in;
      sum.differences_in += link.differences_in;
    }
  return sum;
}

Cost Meter::stop() {
  Cost cost;
  cost.generator_cores = in_seconds(own_cpu() - cpu_) / in_seconds(Clock::now() - start_);
  const auto usage = usage_of_routers(routers_);
  for (std::size_t i = 0; i < usage.size(); ++i) {
    auto& router = cost.routers.emplace_back();
    if (!usage[i]) continue;
    router = RouterCost{usage[i]->cpu - usage_[i]->cpu, usage[i]->resident_bytes,
                        static_cast<std::int64_t>(usage[i]->resident_bytes) -
                            static_cast<std::int64_t>(usage_[i]->resident_bytes)};
  }
  const Wire now = wire();
  cost.wire = {since(wire_.producer, now.producer), since(wire_.observers, now.observers),
               now.states_in - wire_.states_in, now.differences_in - wire_.differences_in};
  return cost;
}

}  // namespace mla::cli::bench
