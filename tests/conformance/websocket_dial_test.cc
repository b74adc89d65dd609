#include <boost/asio/ip/tcp.hpp>
#include <boost/uuid/detail/sha1.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "tests/conformance/fixtures.h"
#include "tests/conformance/raw_peer.h"
#include "tests/conformance/recorder.h"

namespace mla::test {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using transport::ConnectOptions;
using transport::Url;

/// Sec-WebSocket-Accept for a key (RFC 6455 §4.2.2).
std::string accept_of(const std::string& key) {
  boost::uuids::detail::sha1 hash;
  const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  hash.process_bytes(text.data(), text.size());
  unsigned words[5];
  hash.get_digest(words);
  std::string bytes;
  for (const unsigned word : words) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(word >> shift & 0xff);
  }
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  bytes += '\0';  // 20 bytes: one short of a multiple of three
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const unsigned group = (static_cast<unsigned char>(bytes[i]) << 16) |
                           (static_cast<unsigned char>(bytes[i + 1]) << 8) |
                           static_cast<unsigned char>(bytes[i + 2]);
    for (int shift = 18; shift >= 0; shift -= 6) result += kDigits[group >> shift & 0x3f];
  }
  result.back() = '=';
  return result;
}

/// A server that does as the test says.
struct RawServer {
  explicit RawServer(Loop& on)
      : loop(on), acceptor(on.executor(), {boost::asio::ip::make_address("127.0.0.1"), 0}) {
    acceptor.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (!error) peer.emplace(loop, std::move(socket));
    });
  }
  Url url() const {
    Url result;
    result.host = "127.0.0.1";
    result.port = acceptor.local_endpoint().port();
    return result;
  }
  /// The client's request, whole.
  std::string request() {
    REQUIRE(loop.run_until([&] { return peer && peer->has("\r\n\r\n"); }));
    return peer->got();
  }

  Loop& loop;
  tcp::acceptor acceptor;
  std::optional<RawPeer> peer;
};

struct Client {
  explicit Client(Loop& on) : loop(on) {}
  void dial(const Url& url, ConnectOptions options = {}) {
    under_way = transport::websocket_connect(
        loop.executor(), url, options,
        [this](Result<std::unique_ptr<transport::Link>> result, const std::string& text) {
          ++calls;
          error = result.ok() ? ErrorCode::ok : result.error();
          detail = text;
          if (result) link = *std::move(result);
        });
    CHECK(calls == 0);
  }
  bool wait() {
    return loop.run_until([&] { return calls > 0; });
  }

  Loop& loop;
  std::unique_ptr<transport::Dial> under_way;
  int calls = 0;
  ErrorCode error = ErrorCode::internal;
  std::string detail;
  std::unique_ptr<transport::Link> link;
};

}  // namespace

TEST_CASE("a dial asks for mla.v1 without compression, under the name that was given") {
  Loop loop;
  RawServer server(loop);
  Client client(loop);
  auto url = server.url();
  url.path = "/some/where";
  client.dial(url);
  const auto request = server.request();
  CHECK(request.rfind("GET /some/where HTTP/1.1\r\n", 0) == 0);
  CHECK(request.find("Host: 127.0.0.1:" + std::to_string(url.port) + "\r\n") != std::string::npos);
  CHECK(request.find("Sec-WebSocket-Protocol: mla.v1\r\n") != std::string::npos);
  CHECK(request.find("deflate") == std::string::npos);
}

TEST_CASE("a peer that agrees to another subprotocol, or to none, is bad_subprotocol") {
  const std::string agreed =
      GENERATE("", "Sec-WebSocket-Protocol: chat\r\n", "Sec-WebSocket-Protocol: mla.v1\r\n");
  Loop loop;
  RawServer server(loop);
  Client client(loop);
  client.dial(server.url());
  const auto request = server.request();
  const auto key_at = request.find("Sec-WebSocket-Key: ") + 19;
  server.peer->send(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
      "Upgrade\r\nSec-WebSocket-Accept: " +
      accept_of(request.substr(key_at, request.find('\r', key_at) - key_at)) + "\r\n" + agreed + "\r\n");
  REQUIRE(client.wait());
  const bool good = agreed.find("mla.v1") != std::string::npos;
  CHECK(client.error == (good ? ErrorCode::ok : ErrorCode::bad_subprotocol));
  CHECK((client.link != nullptr) == good);
}

TEST_CASE("what a server sends right behind its answer to the handshake is not lost") {
  Loop loop;
  RawServer server(loop);
  Client client(loop);
  client.dial(server.url());
  const std::string request = server.request();
  const auto at = request.find("Sec-WebSocket-Key: ") + 19;
  const std::string answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
                             accept_of(request.substr(at, 24)) + "\r\nSec-WebSocket-Protocol: mla.v1\r\n\r\n";
  const std::string all = answer + "\x82\x03" "one" "\x82\x03" "two" "\x89\x01p" "\x82\x05three";
  // Counted from the end of the head.
  const int cut = GENERATE(-100, -3, -2, -1, 0, 1, 2, 7, 11, 12, 16);
  const auto where = static_cast<std::size_t>(static_cast<int>(answer.size()) + cut);
  server.peer->send(all.substr(0, where));
  loop.run_ready();
  server.peer->send(all.substr(where));
  REQUIRE(client.wait());
  REQUIRE(client.link);
  Recorder here(std::move(client.link));
  here.start();
  REQUIRE(loop.run_until([&] { return here.messages.size() == 3; }));
  CHECK(here.messages[0].size() == 3);
  CHECK(here.messages[2].size() == 5);
}

TEST_CASE("a peer that is no WebSocket server of ours is told apart from none") {
  const auto answer =
      GENERATE(as<std::string>{}, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
               "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n",
               "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Protocol: mla.v1\r\nSec-WebSocket-Accept: wrong\r\n\r\n");
  Loop loop;
  RawServer server(loop);
  Client client(loop);
  client.dial(server.url());
  server.request();
  server.peer->send(answer);
  REQUIRE(client.wait());
  CHECK(client.error == ErrorCode::not_a_websocket_peer);
  CHECK(client.detail.rfind(to_string(server.url()) + ": ", 0) == 0);
}

TEST_CASE("a listener's reason for refusing reaches the one who dials") {
  Loop loop;
  RawServer server(loop);
  Client client(loop);
  client.dial(server.url());
  server.request();
  server.peer->send("HTTP/1.1 403 Forbidden\r\nMla-Error: 402 wrong Host\r\nContent-Length: 0\r\n\r\n");
  REQUIRE(client.wait());
  CHECK(client.error == ErrorCode::bad_host);
  CHECK(client.detail == to_string(server.url()) + ": refused: wrong Host");
}

TEST_CASE("nobody there, an unknown name and port 0 are cannot_connect") {
  Loop loop;
  Client client(loop);
  Url url;
  SECTION("nobody listens") {
    tcp::acceptor bound(loop.executor(), tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0));
    url.host = "127.0.0.1";
    url.port = bound.local_endpoint().port();
    bound.close();
  }
  SECTION("a name that cannot exist") {
    url.host = "nowhere.invalid";
  }
  SECTION("port 0") {
    url.host = "127.0.0.1";
    url.port = 0;
  }
  client.dial(url);
  REQUIRE(client.wait());
  CHECK(client.error == ErrorCode::cannot_connect);
  CHECK(client.detail.rfind(to_string(url) + ": ", 0) == 0);
  CHECK(client.detail.size() > to_string(url).size() + 2);
}

TEST_CASE("a peer that does not answer is handshake_timeout") {
  Loop loop;
  RawServer server(loop);
  Client client(loop);
  client.dial(server.url(), {.timeout = 50ms});
  REQUIRE(client.wait());
  CHECK(client.error == ErrorCode::handshake_timeout);
}

TEST_CASE("a peer that hangs up during the handshake ends the dial") {
  Loop loop;
  RawServer server(loop);
  Client client(loop);
  client.dial(server.url());
  server.request();
  server.peer->hang_up();
  REQUIRE(client.wait());
  CHECK(client.error == ErrorCode::not_a_websocket_peer);
}

TEST_CASE("a cancelled dial never calls back, and hangs up") {
  Loop loop;
  RawServer server(loop);
  Client client(loop);
  client.dial(server.url());
  SECTION("at once") {
    client.under_way.reset();
  }
  SECTION("during the handshake") {
    server.request();
    client.under_way.reset();
    CHECK(server.peer->wait_closed());
  }
  SECTION("during the look-up") {
    Client other(loop);
    Url url;
    url.host = "nowhere.invalid";
    other.dial(url);
    other.under_way.reset();
    loop.run_ready();
    CHECK(other.calls == 0);
    client.under_way.reset();
  }
  loop.run_ready();
  CHECK(client.calls == 0);
}

TEST_CASE("a dial may be destroyed inside its callback") {
  Loop loop;
  RawServer server(loop);
  std::unique_ptr<transport::Dial> dial;
  bool called = false;
  dial = transport::websocket_connect(loop.executor(), server.url(), {.timeout = 20ms},
                                      [&](Result<std::unique_ptr<transport::Link>>, const std::string&) {
                                        dial.reset();
                                        called = true;
                                      });
  REQUIRE(loop.run_until([&] { return called; }));
  loop.run_ready();
}

TEST_CASE("a host may be given by name and as an IPv6 address") {
  const std::string listen_at = GENERATE("ws://localhost:0", "ws://[::1]:0");
  Loop loop;
  std::vector<std::unique_ptr<transport::Link>> links;
  auto listening = transport::WebsocketAcceptor::listen(
      loop.executor(), *transport::parse_url(listen_at), {},
      [&](std::unique_ptr<transport::Link> link) { links.push_back(std::move(link)); });
  if (!listening) {
    // Machines without IPv6 exist; that we say so properly is all that can be asked there.
    CHECK(listening.error() == ErrorCode::cannot_connect);
    CHECK(listen_at.find('[') != std::string::npos);
    return;
  }
  Url url = (*listening)->url();
  if (url.host == "127.0.0.1") url.host = "localhost";
  Client client(loop);
  client.dial(url);
  REQUIRE(client.wait());
  INFO(client.detail);
  CHECK(client.error == ErrorCode::ok);
  CHECK(loop.run_until([&] { return links.size() == 1; }));
}

}  // namespace mla::test
