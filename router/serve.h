#pragma once
#include "router/settings.h"

namespace mla::router {

/// Runs a router until SIGTERM or SIGINT; returns what the process ends with. Call from a process without
/// other threads.
int serve(const Settings& settings);

}  // namespace mla::router
