#pragma once
#include <mla/limits.h>

#include <optional>
#include <string>

#include "exchange/describe/node_json.h"
#include "router/memory.h"

namespace mla::router {

/// All that /varz shows: what the exchange says of itself in its node object, and what only whoever may reach
/// the admin page is told. *value*
struct Varz {
  description::Node node;
  int pid = 0;
  Limits limits;
  std::optional<MemoryUse> memory;
};

/// One JSON object. Durations are numbers whose names say the unit; node ids are 16 hex digits, for JSON's
/// numbers are too small for them.
std::string to_json(const Varz& varz);

}  // namespace mla::router
