#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/codec/codec.h"
#include "exchange/runtime/shell.h"
#include "exchange/transport/websocket.h"
#include "tests/fuzz/heap_meter.h"
#include "tests/fuzz/require.h"

// Any bytes as a peer of a real listener: kernel sockets, HTTP upgrade, WebSocket frames, the engine behind. Whatever it
// says, nothing crashes, a proper peer is answered meanwhile, nothing is left of it when it has gone, and it takes no more
// memory than 64 KiB and four times what it sent.
//
// The first byte chooses: over TCP or a Unix socket, and what follows it. 0: bytes as they are. 1: bytes after a proper
// upgrade. 2: after a proper upgrade and HELLO, WebSocket frames, each as its first byte, the size, and the payload.
namespace {

using namespace mla;
using mla::test::HeapMeter;
using mla::test::require;
namespace asio = boost::asio;
using Socket = asio::generic::stream_protocol::socket;

constexpr std::int64_t kMostBytes = 64 << 10;
constexpr char kHost[] = "router.example";

std::string upgrade_request() {
  return std::string("GET / HTTP/1.1\r\nHost: ") + kHost +
         "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mla.v1\r\n\r\n";
}

/// A client's frame (RFC 6455 §5.2), masked with zeroes.
std::string client_frame(std::uint8_t first, std::string_view payload) {
  std::string frame(1, static_cast<char>(first));
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    frame += static_cast<char>(0x80 | 126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size() & 0xff);
  }
  return frame.append(4, '\0').append(payload);
}

std::string message(const codec::Frame& frame) {
  std::vector<std::byte> bytes;
  codec::encode(frame, bytes);
  return client_frame(0x82, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string hello(std::uint64_t node, std::uint64_t connection) {
  return message(codec::Hello{
      .node = NodeId{node}, .connection = connection, .heartbeat_ms = 3'600'000, .path = {NodeId{node}}});
}

struct NoNotices : runtime::Notices {
  void on_notice(Instant, engine::Action&) override {}
  std::optional<engine::Publish> fetch(SinkId) override { return std::nullopt; }
};

/// A router's insides in one thread, and one proper peer of it. *loop-confined*
class Router {
 public:
  Router() {
    // A peer that is gone must be seen by the write's error.
    std::signal(SIGPIPE, SIG_IGN);
    std::string pattern = "/tmp/mla_fuzz.XXXXXX";
    require(::mkdtemp(pattern.data()) != nullptr, "no folder for the socket");
    file_ = pattern + "/socket";
    transport::AcceptOptions options;
    options.allowed_hosts = {kHost};
    options.allowed_origins = {"https://example.org"};
    options.limits.heartbeat = std::chrono::hours(1);
    transport::Url tcp{.host = "127.0.0.1", .port = 0}, unix;
    unix.socket = file_;
    for (auto* url : {&tcp, &unix}) {
      auto made = transport::WebsocketAcceptor::listen(
          loop_.get_executor(), *url, options, [this](std::unique_ptr<transport::Link> link) {
            shell_->add_link(std::move(link), engine::LinkRole::child, std::chrono::hours(1), {}, nullptr);
          });
      require(made.ok(), "cannot listen");
      acceptors_.push_back(*std::move(made));
    }
    good_ = connect(false);
    write(good_, upgrade_request());
    require(answered("\r\n\r\n"), "a proper upgrade is not answered");
    write(good_, hello(1, 1));
    run();
    require(shell_->info().links.size() == 1 && shell_->info().links[0].ready, "a proper peer gets no link");
  }

  ~Router() {
    ::unlink(file_.c_str());
    ::rmdir(file_.substr(0, file_.rfind('/')).c_str());
  }

  Socket connect(bool over_file) {
    Socket socket(loop_);
    boost::system::error_code error;
    do {  // libFuzzer's clock is a signal
      socket = Socket(loop_);
      if (over_file)
        socket.connect(asio::local::stream_protocol::endpoint(file_), error);
      else
        socket.connect(asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), acceptors_[0]->url().port), error);
    } while (error == asio::error::interrupted);
    require(!error, "the listener cannot be reached");
    if (!over_file) socket.set_option(asio::ip::tcp::no_delay(true));
    socket.non_blocking(true);
    return socket;
  }

  /// What the peer's kernel does not take at once is lost: nobody reads it, or it has been closed.
  void write(Socket& socket, std::string_view bytes) {
    boost::system::error_code ignored;
    sent_ += static_cast<std::int64_t>(socket.write_some(asio::buffer(bytes.data(), bytes.size()), ignored));
  }

  /// All that can be done now.
  void run() {
    const HeapMeter::Counting counting(heap_);
    while (loop_.poll() > 0) {
    }
  }

  /// And what comes soon: time is the kernel's here.
  void wait() {
    {
      const HeapMeter::Counting counting(heap_);
      loop_.run_one_for(std::chrono::milliseconds(1));
    }
    run();
  }

  /// A proper peer asks, and is answered.
  void check_good_peer() {
    ++pings_;
    write(good_, message(codec::Ping{pings_}));
    std::vector<std::byte> pong;
    codec::encode(codec::Pong{pings_}, pong);
    require(answered({reinterpret_cast<const char*>(pong.data()), pong.size()}), "a proper peer is not answered");
  }

  /// After the peer has hung up.
  void check_nothing_left() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    for (run(); anybody(); wait())
      require(std::chrono::steady_clock::now() < end, "a peer has gone and its connection is kept");
    const auto info = shell_->info();
    require(info.objects == 0 && info.tags == 0, "a peer has gone and its objects are kept");
    require(info.links.size() == 1 && info.links[0].ready, "a peer has cost another one its link");
  }

  void check_memory() {
    require(heap_.peak() <= kMostBytes + 4 * sent_, "a peer takes too much memory");
  }
  void begin() {
    heap_.restart();
    sent_ = 0;
  }

 private:
  bool answered(std::string_view awaited) {
    std::string got;
    char part[4096];
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    for (run(); std::chrono::steady_clock::now() < end; wait()) {
      boost::system::error_code error;
      const std::size_t size = good_.read_some(asio::buffer(part), error);
      got.append(part, size);
      if (got.find(awaited) != std::string::npos) return true;
      if (error && error != asio::error::would_block) return false;
    }
    return false;
  }

  /// Beside the good peer. A link that we close may wait a second for the other side's word: some of these are let be, or
  /// whoever makes such links would make little else.
  bool anybody() const {
    constexpr std::size_t kMostClosing = 8;
    const auto tcp = acceptors_[0]->counters(), unix = acceptors_[1]->counters();
    return shell_->info().links.size() != 1 || tcp.handshakes_now + unix.handshakes_now != 0 ||
           tcp.links_now + unix.links_now > 1 + kMostClosing;
  }

  asio::io_context loop_{1};
  NoNotices notices_;
  std::shared_ptr<runtime::Shell> shell_ = std::make_shared<runtime::Shell>(
      loop_, nullptr, engine::Config{.node = NodeId{100}, .seed = 1, .name = "fuzz"}, notices_);
  std::string file_;
  std::vector<std::unique_ptr<transport::WebsocketAcceptor>> acceptors_;
  Socket good_{loop_};
  HeapMeter heap_;
  std::int64_t sent_ = 0;
  std::uint64_t pings_ = 0;
};

/// Frames with any payload and any first byte; some are left half sent.
void speak(Router& router, Socket& peer, std::span<const std::uint8_t> rest) {
  static std::uint64_t connection = 0;
  router.write(peer, hello(2, ++connection));
  while (rest.size() >= 2) {
    const std::uint8_t first = rest[0];
    const std::size_t size = std::min<std::size_t>(rest[1], rest.size() - 2);
    const std::string_view payload(reinterpret_cast<const char*>(rest.data() + 2), size);
    rest = rest.subspan(2 + size);
    const std::string frame = client_frame(first, payload);
    // Reserved bits choose how it leaves, when they are more than the usual none.
    if ((first & 0x70) == 0x70) {
      router.write(peer, std::string_view(frame).substr(0, frame.size() / 2));
      router.run();
      router.write(peer, std::string_view(frame).substr(frame.size() / 2));
    } else {
      router.write(peer, frame);
    }
    if (first & 1) router.run();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Router& router = *new Router;
  if (size == 0) return 0;
  const std::uint8_t choice = data[0];
  const std::span<const std::uint8_t> rest(data + 1, size - 1);
  const std::string_view bytes(reinterpret_cast<const char*>(rest.data()), rest.size());
  router.begin();
  {
    Socket peer = router.connect(choice & 1);
    // So that a hundred thousand of them leave no ports in TIME_WAIT.
    if (!(choice & 1)) peer.set_option(asio::socket_base::linger(true, 0));
    router.run();
    if ((choice >> 1) % 3 > 0) {
      router.write(peer, upgrade_request());
      router.run();
    }
    if ((choice >> 1) % 3 == 2) {
      speak(router, peer, rest);
    } else if (choice & 8) {
      const std::size_t cut = rest.size() / 2;
      router.write(peer, bytes.substr(0, cut));
      router.run();
      router.write(peer, bytes.substr(cut));
    } else {
      router.write(peer, bytes);
    }
    router.run();
    if (choice & 16) {
      boost::system::error_code ignored;
      peer.shutdown(asio::socket_base::shutdown_send, ignored);
      router.run();
    }
    router.check_memory();
    router.check_good_peer();
    boost::system::error_code ignored;
    peer.close(ignored);  // a destructor would not keep to the linger
  }
  router.check_nothing_left();
  return 0;
}
