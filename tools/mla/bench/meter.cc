#include "tools/mla/bench/meter.h"

namespace mla::cli::bench {
namespace {

std::optional<ProcessUsage> usage_of_router(std::optional<pid_t> router) {
  if (!router) return {};
  auto usage = usage_of(*router);
  if (!usage)
    throw Failed(ExitCode::failed,
                 "there is no process " + std::to_string(*router) + " whose CPU could be told");
  return usage;
}

}  // namespace

Meter::Meter(const Rig& rig, const Peer& producer, std::vector<Peer*> observers)
    : router_(rig.router_pid()),
      producer_(producer),
      observers_(std::move(observers)),
      wire_(wire()),
      usage_(usage_of_router(router_)),  // after wire(): asking takes time
      cpu_(own_cpu()),
      start_(Clock::now()) {}

Wire Meter::wire() const {
  Wire sum;
  for (const LinkInfo& link : producer_.exchange.info().links) sum.bytes_out += link.bytes_out;
  for (const Peer* observer : observers_)
    for (const LinkInfo& link : observer->exchange.info().links) {
      sum.bytes_in += link.bytes_in;
      sum.states_in += link.states_in;
      sum.differences_in += link.differences_in;
    }
  return sum;
}

Cost Meter::stop() {
  Cost cost;
  cost.generator_cores = in_seconds(own_cpu() - cpu_) / in_seconds(Clock::now() - start_);
  if (const auto usage = usage_of_router(router_)) {
    cost.router_cpu = usage->cpu - usage_->cpu;
    cost.router_bytes = usage->resident_bytes;
    cost.router_growth =
        static_cast<std::int64_t>(usage->resident_bytes) - static_cast<std::int64_t>(usage_->resident_bytes);
  }
  const Wire now = wire();
  cost.wire = {now.bytes_out - wire_.bytes_out, now.bytes_in - wire_.bytes_in,
               now.states_in - wire_.states_in, now.differences_in - wire_.differences_in};
  return cost;
}

}  // namespace mla::cli::bench
