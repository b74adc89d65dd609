#pragma once
#include <mla/connector.h>
#include <mla/info.h>
#include <mla/limits.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "router/memory.h"

namespace mla::router {

/// All that /varz shows. *value*
struct Varz {
  std::string version;
  std::chrono::seconds uptime{0};
  int pid = 0;
  std::vector<std::string> listening;
  std::optional<ConnectorStatus> parent;  ///< none: no parent was given
  ExchangeInfo exchange;
  Limits limits;
  std::optional<MemoryUse> memory;
};

/// One JSON object. Durations are numbers whose names say the unit; node ids are 16 hex digits, for JSON's
/// numbers are too small for them.
std::string to_json(const Varz& varz);

}  // namespace mla::router
