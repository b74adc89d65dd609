#pragma once
#include "exchange/transport/websocket.h"

namespace mla::transport {

// websocket_connect for each kind of socket.
std::unique_ptr<Dial> tcp_connect(const LoopExecutor& executor, const Url& url,
                                  ConnectOptions options, ConnectCallback callback);
std::unique_ptr<Dial> unix_connect(const LoopExecutor& executor, const Url& url,
                                   ConnectOptions options, ConnectCallback callback);

}  // namespace mla::transport
