#pragma once
#include "router/configuration.h"

namespace mla::router {

/// Runs a router until SIGTERM or SIGINT, and reloads `configuration`, of which `settings` came, on SIGHUP;
/// returns what the process ends with. Call from a process without other threads.
int serve(const Settings& settings, Configuration& configuration);

}  // namespace mla::router
