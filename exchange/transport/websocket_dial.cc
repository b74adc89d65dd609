#include "exchange/transport/websocket_dial.h"

#include <utility>

namespace mla::transport {

std::unique_ptr<Dial> websocket_connect(LoopExecutor executor, const Url& url,
                                        ConnectOptions options, ConnectCallback callback) {
  return (url.socket.empty() ? tcp_connect : unix_connect)(executor, url, std::move(options),
                                                           std::move(callback));
}

}  // namespace mla::transport
