#include "tools/mla/host/part.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cmath>
#include <set>
#include <utility>

#include "tools/mla/host/proc_cpu.h"
#include "tools/mla/host/proc_disks.h"
#include "tools/mla/host/proc_memory.h"
#include "tools/mla/host/proc_network.h"
#include "tools/mla/host/proc_processes.h"
#include "tools/mla/host/proc_text.h"

namespace mla::host {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kTopProcesses = 10;

/// The whole text of a small file; empty when it cannot be read.
std::string read_text(const std::string& path) {
  std::string text;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return text;
  char buffer[16384];
  for (ssize_t n; (n = ::read(fd, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  ::close(fd);
  return text;
}

/// What was read, and when.
template <class T>
struct Reading {
  T counters{};
  Clock::time_point at;
  bool valid = false;
};

double seconds_between(Clock::time_point a, Clock::time_point b) {
  return std::chrono::duration<double>(b - a).count();
}

/// A figure that somebody reads: two decimals carry all that is in it, and more would change at every sample.
double rounded(double value) {
  return std::round(value * 100) / 100;
}

/// Per second, whole; a counter that fell was reset.
std::uint64_t rate(std::uint64_t before, std::uint64_t after, double seconds) {
  if (after < before || seconds <= 0) return 0;
  return static_cast<std::uint64_t>(std::llround(static_cast<double>(after - before) / seconds));
}

class Cpu : public Part {
 public:
  explicit Cpu(std::string root) : root_(std::move(root)) {}
  std::string_view name() const override { return "cpu"; }
  bool needs_baseline() const override { return true; }
  void read_baseline() override { last_ = parse_stat(read_text(root_ + "/proc/stat")); }
  bool sample(JsonWriter& out, std::string& why) override {
    const auto now = parse_stat(read_text(root_ + "/proc/stat"));
    const auto load = parse_loadavg(read_text(root_ + "/proc/loadavg"));
    if (!now || !load) return why = "/proc/stat or /proc/loadavg cannot be read", false;
    const CpuCounters before = last_.value_or(*now);
    out.member("usage_percent", rounded(busy_percent(before.all, now->all)));
    out.key("cores_percent").begin_array();
    for (std::size_t i = 0; i < now->cores.size(); ++i)
      out.value(i < before.cores.size() ? rounded(busy_percent(before.cores[i], now->cores[i])) : 0.0);
    out.end_array();
    out.key("load").begin_array().value(load->one).value(load->five).value(load->fifteen).end_array();
    out.member("running", now->running).member("blocked", now->blocked);
    last_ = now;
    return true;
  }

 private:
  std::string root_;
  std::optional<CpuCounters> last_;
};

class MemoryPart : public Part {
 public:
  explicit MemoryPart(std::string root) : root_(std::move(root)) {}
  std::string_view name() const override { return "memory"; }
  bool needs_baseline() const override { return false; }
  void read_baseline() override {}
  bool sample(JsonWriter& out, std::string& why) override {
    const auto m = parse_meminfo(read_text(root_ + "/proc/meminfo"));
    if (!m) return why = "/proc/meminfo cannot be read", false;
    const auto used = m->total - std::min(m->total, m->available);
    out.member("total_bytes", m->total).member("used_bytes", used).member("available_bytes", m->available);
    out.member("used_percent", rounded(100.0 * static_cast<double>(used) / static_cast<double>(m->total)));
    out.member("cached_bytes", m->cached + m->buffers).member("dirty_bytes", m->dirty);
    out.member("swap_total_bytes", m->swap_total)
        .member("swap_used_bytes", m->swap_total - std::min(m->swap_total, m->swap_free));
    return true;
  }

 private:
  std::string root_;
};

class Disks : public Part {
 public:
  explicit Disks(std::string root) : root_(std::move(root)) {}
  std::string_view name() const override { return "disks"; }
  bool needs_baseline() const override { return true; }
  void read_baseline() override { last_ = read(); }
  bool sample(JsonWriter& out, std::string&) override {
    auto now = read();
    const double seconds = last_.valid ? seconds_between(last_.at, now.at) : 0;
    out.key("devices").begin_object();
    for (const auto& [device, d] : now.counters) {
      const auto was = last_.counters.find(device);
      const DiskCounters& b = was == last_.counters.end() ? d : was->second;
      out.key(device).begin_object();
      out.member("read_bytes_per_s", rate(b.read_bytes, d.read_bytes, seconds));
      out.member("written_bytes_per_s", rate(b.written_bytes, d.written_bytes, seconds));
      out.member("reads_per_s", rate(b.reads, d.reads, seconds))
          .member("writes_per_s", rate(b.writes, d.writes, seconds));
      out.member("busy_percent",
                 std::min(100.0, rounded(static_cast<double>(rate(b.busy_ms, d.busy_ms, seconds)) / 10)));
      out.end_object();
    }
    out.end_object();
    filesystems(out);
    last_ = std::move(now);
    return true;
  }

 private:
  using Counters = std::map<std::string, DiskCounters, std::less<>>;

  Reading<Counters> read() const {
    Reading<Counters> r{{}, Clock::now(), true};
    for (auto& [device, counters] : parse_diskstats(read_text(root_ + "/proc/diskstats"))) {
      // Whole devices have a folder here, partitions do not; memory disks and loops are no disks.
      if (device.starts_with("loop") || device.starts_with("ram") || device.starts_with("zram")) continue;
      if (::access((root_ + "/sys/block/" + device).c_str(), F_OK) != 0) continue;
      r.counters.emplace(device, counters);
    }
    return r;
  }

  void filesystems(JsonWriter& out) const {
    out.key("filesystems").begin_object();
    std::set<std::string> seen;  // the same device may be mounted at many places: the first one stands for it
    for (const auto& mount : parse_mounts(read_text(root_ + "/proc/self/mounts"))) {
      struct statvfs fs {};
      if (!is_local_storage(mount) || ::statvfs(mount.point.c_str(), &fs) != 0 || fs.f_blocks == 0) continue;
      if (!seen.insert(mount.type == "overlay" ? mount.point : mount.device).second) continue;
      const std::uint64_t total = fs.f_blocks * fs.f_frsize, used = (fs.f_blocks - fs.f_bfree) * fs.f_frsize;
      const std::uint64_t reachable = used + fs.f_bavail * fs.f_frsize;
      out.key(mount.point).begin_object().member("total_bytes", total).member("used_bytes", used);
      out.member(
          "used_percent",
          reachable == 0 ? 0 : rounded(100.0 * static_cast<double>(used) / static_cast<double>(reachable)));
      out.end_object();
    }
    out.end_object();
  }

  std::string root_;
  Reading<Counters> last_;
};

class Network : public Part {
 public:
  explicit Network(std::string root) : root_(std::move(root)) {}
  std::string_view name() const override { return "network"; }
  bool needs_baseline() const override { return true; }
  void read_baseline() override { last_ = read(); }
  bool sample(JsonWriter& out, std::string&) override {
    auto now = read();
    const double seconds = last_.valid ? seconds_between(last_.at, now.at) : 0;
    out.key("interfaces").begin_object();
    for (const auto& [interface, n] : now.counters) {
      const auto was = last_.counters.find(interface);
      const NetworkCounters& b = was == last_.counters.end() ? n : was->second;
      out.key(interface).begin_object();
      out.member("received_bytes_per_s", rate(b.received_bytes, n.received_bytes, seconds));
      out.member("sent_bytes_per_s", rate(b.sent_bytes, n.sent_bytes, seconds));
      out.member("received_packets_per_s", rate(b.received_packets, n.received_packets, seconds));
      out.member("sent_packets_per_s", rate(b.sent_packets, n.sent_packets, seconds));
      out.member("errors", n.errors).member("dropped", n.dropped);
      out.end_object();
    }
    out.end_object();
    last_ = std::move(now);
    return true;
  }

 private:
  using Counters = std::map<std::string, NetworkCounters, std::less<>>;
  Reading<Counters> read() const {
    return {parse_net_dev(read_text(root_ + "/proc/net/dev")), Clock::now(), true};
  }

  std::string root_;
  Reading<Counters> last_;
};

class ProcessesPart : public Part {
 public:
  explicit ProcessesPart(std::string root) : root_(std::move(root)) {}
  std::string_view name() const override { return "processes"; }
  bool needs_baseline() const override { return true; }
  void read_baseline() override { last_ = read(); }
  bool sample(JsonWriter& out, std::string& why) override {
    auto now = read();
    if (now.counters.empty()) return why = "/proc shows no processes", false;
    const double seconds = last_.valid ? seconds_between(last_.at, now.at) : 0;
    static const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    out.member("count", now.counters.size()).key("top").begin_array();
    for (const auto& share :
         top_processes(last_.valid ? last_.counters : now.counters, now.counters, kTopProcesses)) {
      const double percent =
          seconds <= 0 ? 0 : 100.0 * static_cast<double>(share.cpu_ticks) / ticks / seconds;
      out.begin_object().member("name", share.name).member("processes", share.processes);
      out.member("cpu_percent", rounded(percent))
          .member("resident_bytes", share.resident_pages * page)
          .end_object();
    }
    out.end_array();
    last_ = std::move(now);
    return true;
  }

 private:
  Reading<Processes> read() const {
    Reading<Processes> r{{}, Clock::now(), true};
    DIR* folder = ::opendir((root_ + "/proc").c_str());
    if (!folder) return r;
    while (const dirent* entry = ::readdir(folder)) {
      const auto pid = number(entry->d_name);
      if (!pid) continue;
      // A process may go between being listed and being read.
      if (auto p = parse_pid_stat(read_text(root_ + "/proc/" + entry->d_name + "/stat")))
        r.counters.emplace(static_cast<int>(*pid), std::move(*p));
    }
    ::closedir(folder);
    return r;
  }

  std::string root_;
  Reading<Processes> last_;
};

}  // namespace

std::vector<std::unique_ptr<Part>> make_parts(std::string root) {
  std::vector<std::unique_ptr<Part>> parts;
  parts.push_back(std::make_unique<Cpu>(root));
  parts.push_back(std::make_unique<MemoryPart>(root));
  parts.push_back(std::make_unique<Disks>(root));
  parts.push_back(std::make_unique<Network>(root));
  parts.push_back(std::make_unique<ProcessesPart>(root));
  return parts;
}

}  // namespace mla::host
