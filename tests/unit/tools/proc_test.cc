#include <catch2/catch.hpp>

#include "tools/mla/host/proc_cpu.h"
#include "tools/mla/host/proc_disks.h"
#include "tools/mla/host/proc_memory.h"
#include "tools/mla/host/proc_network.h"
#include "tools/mla/host/proc_processes.h"

namespace proc_test {

using namespace mla::host;

TEST_CASE("CPU times are summed, waiting for a disk is not busy, guests are not counted twice") {
  const auto c = parse_stat(
      "cpu  100 20 30 400 50 6 7 8 90 10\n"
      "cpu0 60 10 15 200 25 3 4 4 45 5\n"
      "cpu1 40 10 15 200 25 3 3 4 45 5\n"
      "intr 435873 0 0\nctxt 728850\nbtime 1795180671\nprocesses 21522\nprocs_running 2\nprocs_blocked 1\n");
  REQUIRE(c.has_value());
  CHECK(c->all.total == 621u);
  CHECK(c->all.busy == 171u);
  REQUIRE(c->cores.size() == 2u);
  CHECK(c->cores[0].busy == 96u);
  CHECK(c->forks == 21522u);
  CHECK(c->running == 2u);
  CHECK(c->blocked == 1u);
  CHECK_FALSE(parse_stat("").has_value());
  CHECK_FALSE(parse_stat("intr 1 2 3\n").has_value());
}

TEST_CASE("Busy is a share of the time between two readings") {
  CHECK(busy_percent({100, 1000}, {150, 1200}) == Approx(25.0));
  CHECK(busy_percent({100, 1000}, {100, 1000}) == 0.0);
  CHECK(busy_percent({100, 1000}, {10, 20}) == 0.0);  // taken off and put back
}

TEST_CASE("Load averages are three numbers") {
  const auto load = parse_loadavg("0.85 0.55 1.28 2/109 21522\n");
  REQUIRE(load.has_value());
  CHECK(load->one == Approx(0.85));
  CHECK(load->five == Approx(0.55));
  CHECK(load->fifteen == Approx(1.28));
  CHECK_FALSE(parse_loadavg("0.85 0.55\n").has_value());
  CHECK_FALSE(parse_loadavg("").has_value());
}

TEST_CASE("Memory is told in bytes, and guessed when an old kernel does not say what is available") {
  const auto m = parse_meminfo(
      "MemTotal:       24684092 kB\nMemFree:        20000000 kB\nMemAvailable:   22000000 kB\nBuffers:       "
      "    1000 kB\n"
      "Cached:          500000 kB\nSwapCached:          77 kB\nDirty:               12 kB\nSwapTotal:        "
      " 2048 kB\nSwapFree:          1024 kB\n"
      "HugePages_Total:       0\n");
  REQUIRE(m.has_value());
  CHECK(m->total == 24684092ull * 1024);
  CHECK(m->available == 22000000ull * 1024);
  CHECK(m->cached == 500000ull * 1024);
  CHECK(m->swap_free == 1024ull * 1024);
  const auto old = parse_meminfo("MemTotal: 100 kB\nMemFree: 10 kB\nBuffers: 5 kB\nCached: 20 kB\n");
  REQUIRE(old.has_value());
  CHECK(old->available == 35u * 1024);
  CHECK_FALSE(parse_meminfo("nothing\n").has_value());
}

TEST_CASE("Disk counters are read by device, sectors as bytes") {
  const auto disks = parse_diskstats(
      "   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0\n"
      " 254       0 vda 5000 100 80000 1200 300 40 6000 900 0 700 2100 0 0 0 0 5 6\n"
      " 254       1 vda1 4000 0 70000 0 0 0 0 0 0 0 0\n\n");
  REQUIRE(disks.size() == 3u);
  const auto& d = disks.at("vda");
  CHECK(d.reads == 5000u);
  CHECK(d.read_bytes == 80000u * 512);
  CHECK(d.writes == 300u);
  CHECK(d.written_bytes == 6000u * 512);
  CHECK(d.busy_ms == 700u);
}

TEST_CASE("Mounts are unescaped, and only local storage is asked for its use") {
  const auto mounts = parse_mounts(
      "/dev/vda1 / ext4 rw,relatime 0 0\nproc /proc proc rw 0 0\n/dev/sdb1 /media/my\\040disk vfat rw 0 0\n"
      "server:/x /mnt nfs4 rw 0 0\nbroken\n/dev/loop1 /snap squashfs ro 0 0\noverlay / overlay rw 0 0\n");
  REQUIRE(mounts.size() == 6u);
  CHECK(mounts[2].point == "/media/my disk");
  CHECK(is_local_storage(mounts[0]));
  CHECK_FALSE(is_local_storage(mounts[1]));
  CHECK(is_local_storage(mounts[2]));
  CHECK_FALSE(is_local_storage(mounts[3]));
  CHECK_FALSE(is_local_storage(mounts[4]));
  CHECK(is_local_storage(mounts[5]));
}

TEST_CASE("Network counters are read by interface, headings are not") {
  const auto n = parse_net_dev(
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo "
      "colls carrier compressed\n"
      "    lo:    4667      57    0    0    0     0          0         0     4667      57    0    0    0     "
      "0       0          0\n"
      "  eth0:98479191    3484    1    2    0     0          0         0   231739    3038    3    4    0     "
      "0       0          0\n");
  REQUIRE(n.size() == 2u);
  const auto& e = n.at("eth0");
  CHECK(e.received_bytes == 98479191u);  // the number touches the colon
  CHECK(e.received_packets == 3484u);
  CHECK(e.sent_bytes == 231739u);
  CHECK(e.sent_packets == 3038u);
  CHECK(e.errors == 4u);
  CHECK(e.dropped == 6u);
}

TEST_CASE("A process's name may hold blanks and brackets") {
  const auto p = parse_pid_stat(
      "77 (tmux: (se) rver) S 1 77 77 0 -1 4194560 38701 1452551 0 258 142 423 3598 1323 20 0 13 0 21 "
      "49238016 4401 184467\n");
  REQUIRE(p.has_value());
  CHECK(p->name == "tmux: (se) rver");
  CHECK(p->cpu_ticks == 142u + 423u);
  CHECK(p->started == 21u);
  CHECK(p->resident_pages == 4401u);
  CHECK_FALSE(parse_pid_stat("77 (x) S 1\n").has_value());
  CHECK_FALSE(parse_pid_stat("").has_value());
  CHECK_FALSE(parse_pid_stat(")(").has_value());
}

TEST_CASE("Processes of one name are added up, the busiest come first") {
  const Processes before{{1, {"init", 100, 1, 10}},
                         {2, {"work", 50, 5, 20}},
                         {3, {"gone", 50, 5, 20}},
                         {4, {"work", 500, 9, 1}}};
  const Processes after{{1, {"init", 100, 1, 10}},
                        {2, {"work", 80, 5, 25}},
                        {4, {"fresh", 7, 99, 3}},
                        {5, {"work", 4, 100, 2}}};
  const auto top = top_processes(before, after, 10);
  REQUIRE(top.size() == 3u);
  CHECK(top[0].name == "work");
  CHECK(top[0].processes == 2u);
  CHECK(top[0].cpu_ticks == 34u);  // 30, and 4 of one that began in between
  CHECK(top[0].resident_pages == 27u);
  CHECK(top[1].name == "init");   // as idle as the next one, but larger
  CHECK(top[2].name == "fresh");  // number 4 was used again: what the former one used is not counted
  CHECK(top[2].cpu_ticks == 0u);
  CHECK(top_processes(before, after, 1).size() == 1u);
}

}  // namespace proc_test
