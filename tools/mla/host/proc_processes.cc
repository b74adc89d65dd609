#include "tools/mla/host/proc_processes.h"

#include <algorithm>

#include "tools/mla/host/proc_text.h"

namespace mla::host {

std::optional<ProcessCounters> parse_pid_stat(std::string_view text) {
  // pid (name) state ppid …: the name may itself hold blanks and brackets, so it ends at the last one.
  const auto open = text.find('(');
  const auto close = text.rfind(')');
  if (open == text.npos || close == text.npos || close < open) return {};
  ProcessCounters p;
  p.name = std::string(text.substr(open + 1, close - open - 1));
  std::string_view rest = text.substr(close + 1);
  for (int field = 3; field <= 24; ++field) {  // as numbered by proc(5)
    const auto word = next_word(rest);
    if (word.empty()) return {};
    if (field == 14 || field == 15) p.cpu_ticks += number(word).value_or(0);
    if (field == 22) p.started = number(word).value_or(0);
    if (field == 24) p.resident_pages = number(word).value_or(0);
  }
  return p;
}

std::vector<ProcessShare> top_processes(const Processes& before, const Processes& after, std::size_t count) {
  std::map<std::string, ProcessShare> by_name;
  for (const auto& [pid, now] : after) {
    ProcessShare& share = by_name[now.name];
    share.name = now.name;
    ++share.processes;
    share.resident_pages += now.resident_pages;
    const auto was = before.find(pid);
    if (was == before.end())
      share.cpu_ticks += now.cpu_ticks;  // it began in between
    else if (was->second.started == now.started && now.cpu_ticks >= was->second.cpu_ticks)
      share.cpu_ticks += now.cpu_ticks - was->second.cpu_ticks;
  }
  std::vector<ProcessShare> shares;
  for (auto& [name, share] : by_name) shares.push_back(std::move(share));
  std::sort(shares.begin(), shares.end(), [](const ProcessShare& a, const ProcessShare& b) {
    if (a.cpu_ticks != b.cpu_ticks) return a.cpu_ticks > b.cpu_ticks;
    if (a.resident_pages != b.resident_pages) return a.resident_pages > b.resident_pages;
    return a.name < b.name;
  });
  if (shares.size() > count) shares.resize(count);
  return shares;
}

}  // namespace mla::host
