#include "contracts/quantity.h"
#include "router/settings.h"

// Which keys of the configuration differ.
namespace mla::router {
namespace {

std::string shown(const std::string& text) {
  return text.empty() ? "(none)" : text;
}
std::string shown(unsigned number) {
  return std::to_string(number);
}
std::string shown(bool truth) {
  return truth ? "true" : "false";
}
std::string shown(const std::vector<std::string>& list) {
  std::string out;
  for (const auto& item : list) out += (out.empty() ? "" : " ") + item;
  return shown(out);
}
std::string shown(const LimitRow& row) {
  if (row.unit == "ms") return format_duration(std::chrono::milliseconds(row.value));
  return std::to_string(row.value) + (row.unit.empty() ? "" : " ") + std::string(row.unit);
}

}  // namespace

std::vector<Change> changes(const Settings& before, const Settings& after) {
  std::vector<Change> out;
  const auto compare = [&](const char* key, const auto& from, const auto& to, bool live = true) {
    if (from != to) out.push_back({key, shown(from), shown(to), live});
  };
  compare("listen", before.listen, after.listen);
  compare("parent", before.parent, after.parent);
  compare("admin", before.admin, after.admin);
  compare("name", before.name, after.name, false);  // peers have been told
  compare("threads", before.threads, after.threads, false);
  compare("busy_poll", before.busy_poll, after.busy_poll, false);
  compare("log_level", before.log_level, after.log_level);
  compare("log_format", before.log_format, after.log_format);
  compare("insecure", before.insecure, after.insecure);
  compare("allowed_origins", before.allowed_origins, after.allowed_origins);
  compare("allowed_hosts", before.allowed_hosts, after.allowed_hosts);
  const auto from = limit_rows(before.limits), to = limit_rows(after.limits);
  for (std::size_t i = 0; i < from.size(); ++i)
    if (from[i].value != to[i].value)
      out.push_back({"limits." + std::string(from[i].name), shown(from[i]), shown(to[i])});
  return out;
}

std::string to_string(const Change& change) {
  return change.key + ": " + change.from + " -> " + change.to;
}

}  // namespace mla::router
