// WebSockets over Unix sockets: all that is instantiated for this kind of socket.
#include <sys/socket.h>

#include "exchange/transport/websocket_dial.h"
#include "exchange/transport/websocket_dial_impl.h"
#include "exchange/transport/websocket_upgrade_impl.h"

namespace mla::transport {
namespace {

using local = boost::asio::local::stream_protocol;

// There is no TCP_NOTSENT_LOWAT here: all that the kernel holds of a link is what the far side has not read.
constexpr int kSendBuffer = 64 << 10;

class UnixDial final : public DialOver<local> {
 public:
  UnixDial(const LoopExecutor& executor, const Url& url, ConnectOptions options,
           ConnectCallback callback)
      : DialOver(executor, url, "localhost", std::move(options), std::move(callback)) {}

 private:
  void reach() override {
    socket().async_connect(
        local::endpoint(url().socket),
        [self = std::static_pointer_cast<UnixDial>(shared_from_this())](
            const boost::system::error_code& error) { self->on_connected(error); });
  }
};

}  // namespace

void set_link_options(StreamSocket<local>& socket) {
  boost::system::error_code ignored;
  socket.set_option(boost::asio::socket_base::send_buffer_size(kSendBuffer), ignored);
}

std::string peer_of(const StreamSocket<local>& socket) {
  ucred who{};
  socklen_t size = sizeof(who);
  auto& handle = const_cast<StreamSocket<local>&>(socket);  // native_handle() is not const
  if (::getsockopt(handle.native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return "gone";
  return "pid " + std::to_string(who.pid) + " uid " + std::to_string(who.uid);
}

std::shared_ptr<WebsocketUpgrade> make_upgrade(StreamSocket<local> socket,
                                               std::shared_ptr<const UpgradePolicy> policy) {
  return std::make_shared<UpgradeOver<local>>(std::move(socket), std::move(policy));
}

std::unique_ptr<Dial> unix_connect(const LoopExecutor& executor, const Url& url,
                                   ConnectOptions options, ConnectCallback callback) {
  return std::make_unique<DialHandle<UnixDial>>(
      std::make_shared<UnixDial>(executor, url, std::move(options), std::move(callback)));
}

}  // namespace mla::transport
