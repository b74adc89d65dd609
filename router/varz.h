#pragma once
#include <mla/limits.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exchange/describe/node_json.h"
#include "exchange/http/admin_server.h"
#include "router/memory.h"

namespace mla::router {

/// How often the configuration was read again. *value*
struct Reloads {
  std::uint64_t applied = 0, refused = 0;
};

/// All that /varz and /metrics show: what the exchange says of itself in its node object, and what only
/// whoever may reach the admin page is told. *value*
struct Varz {
  description::Node node;
  std::vector<ExchangeInfo> engines{};  ///< the further ones of a router with threads: children of the first
  int pid = 0;
  Limits limits;
  std::optional<MemoryUse> memory;
  http::AdminCounters admin;
  Reloads reloads;
};

/// One JSON object. Durations are numbers whose names say the unit; node ids are 16 hex digits, for JSON's
/// numbers are too small for them.
std::string to_json(const Varz& varz);

}  // namespace mla::router
