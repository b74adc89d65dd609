#include "tools/mla/bench/common.h"

#include <algorithm>
#include <cstdio>

namespace mla::cli::bench {
namespace {

constexpr std::size_t kState = 1024;
constexpr std::size_t kJsonState = 100 << 10;

std::string plural(std::uint64_t n, const std::string& one) {
  return std::to_string(n) + " " + one + (n == 1 ? "" : "s");
}

std::string plain(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

std::optional<double> ratio(double value, double of) {
  return of == 0 ? std::nullopt : std::optional<double>(value / of);
}

}  // namespace

Limits limits_for(const BenchOptions& bench, std::uint64_t links, std::uint64_t objects) {
  Limits limits;
  limits.links = std::max(limits.links, links + 16);
  limits.objects_per_link = std::max(limits.objects_per_link, objects + 1024);
  limits.state_bytes = std::max<std::uint64_t>(limits.state_bytes, state_bytes(bench));
  if (!bench.differences) limits.delta_bytes = limits.state_bytes_ceiling;
  if (bench.stall)  // who is not polled cannot say that it lives
    limits.heartbeat =
        std::max(limits.heartbeat, std::chrono::ceil<std::chrono::milliseconds>(seconds(*bench.stall)));
  return limits;
}

std::size_t state_bytes(const BenchOptions& bench) {
  return static_cast<std::size_t>(bench.bytes.value_or(bench.json_field ? kJsonState : kState));
}

Payload payload_for(const BenchOptions& bench) {
  return Payload(state_bytes(bench), bench.json_field);
}

std::string describe_run(const BenchOptions& bench) {
  std::string out = plural(bench.observers, "observer") + " of ";
  if (bench.kind == BenchKind::objects) out += std::to_string(bench.share) + " out of ";
  out += plural(bench.objects, "object") + ", states of " + std::to_string(state_bytes(bench)) + " B";
  if (bench.json_field) out += " of JSON, one field changes";
  if (!bench.differences) out += ", sent whole";
  out += bench.rate ? ", open loop at " + plain(*bench.rate) + " states/s"
                    : ", closed loop (window " + std::to_string(bench.window) + ")";
  return out + ", " + plain(bench.seconds) + " s";
}

void tell_settings(Report& report, const BenchOptions& bench) {
  report.setting("observers", bench.observers);
  report.setting("objects", bench.objects);
  report.setting("share", bench.share);
  report.setting("state_bytes", state_bytes(bench));
  report.setting("json_field", bench.json_field);
  report.setting("differences", bench.differences);
  report.setting("loop", bench.rate ? "open" : "closed");
  report.setting("rate", bench.rate);
  report.setting("window", bench.rate ? std::nullopt : std::optional<double>(bench.window));
  report.setting("seconds", std::optional<double>(bench.seconds));
}

void tell_tally(Report& report, const Tally& tally) {
  report.count("deliveries", "deliveries", tally.deliveries, "");
  const bool exact = tally.told_exactly && tally.skipped_told == tally.skipped;
  report.count("skipped", "skipped (conflated)", tally.skipped,
               exact ? "told exactly" : "told as " + std::to_string(tally.skipped_told));
  report.setting("skipped_told", tally.skipped_told);
  report.setting("skipped_exact", exact);
  report.setting("outstanding", tally.outstanding());
}

void tell_throughput(Report& report, nanoseconds elapsed, std::uint64_t states, std::uint64_t deliveries,
                     const std::string& when) {
  const double seconds = in_seconds(elapsed);
  report.number("elapsed_s", "elapsed" + when, seconds, "s");
  report.number("states_per_s", "throughput" + when, ratio(static_cast<double>(states), seconds), "states/s");
  report.number("deliveries_per_s", "", ratio(static_cast<double>(deliveries), seconds), "deliveries/s");
}

void tell_router(Report& report, const std::string& key, const std::string& title,
                 const std::optional<RouterCost>& router, std::uint64_t deliveries) {
  const auto cpu = router ? std::optional<double>(in_seconds(router->cpu)) : std::nullopt;
  report.number(key + "_cpu_s", title + " CPU", cpu, "s");
  report.number(key + "_cpu_us_per_delivery", title + " CPU per delivery",
                cpu ? ratio(*cpu * 1e6, static_cast<double>(deliveries)) : std::nullopt, "µs");
  report.number(
      key + "_resident_mib", title + " memory, resident",
      router ? std::optional<double>(static_cast<double>(router->resident_bytes) / (1 << 20)) : std::nullopt,
      "MiB");
}

void tell_cost(Report& report, const Cost& cost, std::uint64_t states, std::uint64_t deliveries) {
  tell_router(report, "router", "router", cost.routers.front(), deliveries);
  report.number("generator_cores", "generator CPU", cost.generator_cores, "cores");
  const auto& [producer, observers, states_in, differences_in] = cost.wire;
  const auto from = producer ? std::optional(producer->sent) : std::nullopt;
  const auto to = observers ? std::optional(observers->received) : std::nullopt;
  const auto each = [](std::optional<std::uint64_t> bytes, std::uint64_t of) {
    return bytes ? ratio(static_cast<double>(*bytes), static_cast<double>(of)) : std::nullopt;
  };
  report.count("bytes_from_producer", "on the producer's link", from, "B");
  report.number("producer_bytes_per_state", "on the producer's link, per state", each(from, states), "B");
  report.count("bytes_to_observers", "on observers' links", to, "B");
  report.number("observer_bytes_per_delivery", "on observers' links, per delivery", each(to, deliveries),
                "B");
  report.count("states_to_observers", "states on observers' links", states_in, "");
  report.number("differences_percent", "of these, as differences",
                ratio(100 * static_cast<double>(differences_in), static_cast<double>(states_in)), "%");
}

}  // namespace mla::cli::bench
