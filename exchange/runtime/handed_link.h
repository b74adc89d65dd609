#pragma once
#include <mla/limits.h>

#include <memory>
#include <string>

#include "exchange/runtime/shell.h"
#include "exchange/transport/host_check.h"

namespace mla::runtime {

/// A TCP connection that another server accepted, with the request for a WebSocket it heard there, becomes a child's link of
/// this exchange, or is refused as a listener would refuse it: `hosts` says which Host and which pages are own. Owns the
/// descriptor from now on. *thread-safe*
void take_connection(const std::shared_ptr<Shell>& shell, int descriptor, std::string request, transport::HostCheck hosts,
                     const Limits& limits);

}  // namespace mla::runtime
