#pragma once
#include <mla/limits.h>

#include "exchange/transport/loop_executor.h"
#include <cstddef>
#include <memory>
#include <utility>

#include "exchange/transport/link.h"

namespace mla::transport {

struct InprocOptions {
  Limits limits;                        // message_bytes, outbound_bytes
  std::size_t send_budget = 256 << 10;  // counted until the far side's handler has had the message
};

/// Two ends of one link inside a process, each confined to its own loop; the loops may be the same one.
/// Messages are handed over, not copied. A destroyed end is link_lost to the other.
std::pair<std::unique_ptr<Link>, std::unique_ptr<Link>> make_inproc_pair(LoopExecutor first,
                                                                         LoopExecutor second,
                                                                         const InprocOptions& options = {});

}  // namespace mla::transport
