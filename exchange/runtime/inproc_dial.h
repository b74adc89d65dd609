#pragma once
#include <mla/limits.h>

#include <memory>

#include "exchange/runtime/shell.h"
#include "exchange/transport/websocket.h"

namespace mla::runtime {

/// Links an exchange, on whose loop this is called, with another of the same runtime, which takes it as a
/// child. As transport::websocket_connect(); the one error is cannot_connect (the other exchange is closed).
std::unique_ptr<transport::Dial> dial_inproc(boost::asio::io_context& loop, const std::shared_ptr<Shell>& parent,
                                             const Limits& limits, transport::ConnectCallback callback);

}  // namespace mla::runtime
