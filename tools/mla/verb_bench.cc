#include <sys/resource.h>

#include "tools/mla/bench/run.h"
#include "tools/mla/verbs.h"

namespace mla::cli {
namespace {

/// Each link takes a descriptor here, and one in the router, which inherits the limit.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int run_bench(const Options& options, const BenchOptions& bench) {
  raise_descriptor_limit();
  switch (bench.kind) {
    case BenchKind::fanout:
    case BenchKind::objects:
    case BenchKind::latency:
      bench::run_load(options, bench);
      break;
    case BenchKind::connections:
      bench::run_connections(options, bench);
      break;
    case BenchKind::slow:
      bench::run_slow(options, bench);
      break;
    case BenchKind::hop:
      bench::run_hop(options, bench);
      break;
    case BenchKind::local:
      bench::run_local(options, bench);
      break;
  }
  return 0;
}

}  // namespace mla::cli
