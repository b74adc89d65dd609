#include "exchange/runtime/handed_link.h"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <utility>

#include "exchange/transport/websocket.h"
#include "exchange/transport/websocket_upgrade.h"

namespace mla::runtime {
namespace {

using boost::asio::ip::tcp;

constexpr std::size_t kHeaderBytes = 64 << 10;  // the server that heard it has its own limit

/// Closed when it does not arrive.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  transport::StreamSocket<tcp> open(boost::asio::io_context& loop) {
    transport::StreamSocket<tcp> socket(loop);
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0) return socket;
    boost::system::error_code error;
    socket.assign(address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), descriptor_, error);
    if (!error) descriptor_ = -1;
    return socket;
  }

 private:
  int descriptor_;
};

}  // namespace

void take_connection(const std::shared_ptr<Shell>& shell, int descriptor, std::string request, transport::HostCheck hosts,
                     const Limits& limits) {
  auto arriving = std::make_shared<Descriptor>(descriptor);
  auto policy = std::make_shared<const transport::UpgradePolicy>(transport::UpgradePolicy{
      .hosts = std::move(hosts),
      .allowed_origins = {},
      .header_bytes = kHeaderBytes,
      .link_options = transport::WebsocketLinkOptions::from(limits, transport::kDefaultSendBudget)});
  shell->submit(Shell::Task([weak = std::weak_ptr<Shell>(shell), arriving, policy, request = std::move(request),
                             handshake = limits.handshake] {
    const auto here = weak.lock();
    if (!here || here->closing()) return;
    auto socket = arriving->open(here->loop());
    if (!socket.is_open()) return;
    auto upgrade = transport::make_upgrade(std::move(socket), policy, request);
    // It belongs to what it waits for; this only ends the wait for a peer that does not take its answer.
    here->call_at(Shell::now() + handshake, [waiting = std::weak_ptr<transport::WebsocketUpgrade>(upgrade)] {
      if (const auto late = waiting.lock()) late->cut();
    });
    upgrade->start([] { return std::make_shared<char>(); },
                   [weak](transport::UpgradeOutcome, std::unique_ptr<transport::Link> link, const std::string&) {
                     const auto shell_now = weak.lock();
                     if (link && shell_now && !shell_now->closing())
                       shell_now->add_link(std::move(link), engine::LinkRole::child, {}, {}, nullptr);
                   },
                   [] {});
  }));
}

}  // namespace mla::runtime
