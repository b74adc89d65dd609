#include "tools/mla/host/proc_cpu.h"

#include <charconv>

#include "tools/mla/host/proc_text.h"

namespace mla::host {
namespace {

/// user nice system idle iowait irq softirq steal guest guest_nice; guests are contained in user and nice.
CpuTimes parse_times(std::string_view fields) {
  CpuTimes times;
  std::uint64_t idle = 0;
  for (int i = 0; i < 8; ++i) {
    const auto ticks = next_number(fields);
    times.total += ticks;
    if (i == 3 || i == 4) idle += ticks;
  }
  times.busy = times.total - idle;
  return times;
}

}  // namespace

std::optional<CpuCounters> parse_stat(std::string_view text) {
  CpuCounters counters;
  bool any = false;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    const auto key = next_word(line);
    if (key == "cpu") {
      counters.all = parse_times(line);
      any = true;
    } else if (key.starts_with("cpu")) {
      counters.cores.push_back(parse_times(line));
    } else if (key == "processes") {
      counters.forks = next_number(line);
    } else if (key == "procs_running") {
      counters.running = next_number(line);
    } else if (key == "procs_blocked") {
      counters.blocked = next_number(line);
    }
  }
  if (!any) return {};
  return counters;
}

std::optional<LoadAverages> parse_loadavg(std::string_view text) {
  LoadAverages load;
  for (double* into : {&load.one, &load.five, &load.fifteen}) {
    const auto word = next_word(text);
    if (word.empty() || std::from_chars(word.data(), word.data() + word.size(), *into).ec != std::errc())
      return {};
  }
  return load;
}

double busy_percent(const CpuTimes& before, const CpuTimes& after) {
  // A core that was taken off and put back counts from 0 again.
  if (after.total <= before.total || after.busy < before.busy) return 0;
  return 100.0 * static_cast<double>(after.busy - before.busy) /
         static_cast<double>(after.total - before.total);
}

}  // namespace mla::host
