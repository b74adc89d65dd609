#pragma once
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "tests/conformance/loop.h"

namespace mla::test {

/// A peer that sends what the test wants, byte for byte, and collects what comes back. *loop-confined*
class RawPeer {
 public:
  RawPeer(Loop& loop, std::uint16_t port) : loop_(loop), socket_(loop.executor()) {
    // The kernel completes it, whether or not anybody accepts.
    socket_.connect(boost::asio::ip::tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), port));
    read();
  }
  RawPeer(Loop& loop, const std::string& file) : loop_(loop), socket_(loop.executor()) {
    socket_.connect(boost::asio::local::stream_protocol::endpoint(file));
    read();
  }
  /// For one that a test accepted.
  RawPeer(Loop& loop, boost::asio::ip::tcp::socket socket) : loop_(loop), socket_(std::move(socket)) {
    read();
  }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  void send(std::string_view bytes) {
    boost::system::error_code ignored;  // it may have been closed already; the test looks at what came back
    boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size()), ignored);
  }
  void hang_up() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  bool wait_closed() {
    return loop_.run_until([&] { return closed_; });
  }
  bool wait_for(std::string_view text) {
    return loop_.run_until([&] { return got_.find(text) != std::string::npos || closed_; }) && has(text);
  }
  bool has(std::string_view text) const { return got_.find(text) != std::string::npos; }
  bool closed() const { return closed_; }
  const std::string& got() const { return got_; }
  void forget() { got_.clear(); }

 private:
  void read() {
    socket_.async_read_some(boost::asio::buffer(buffer_),
                            [this](boost::system::error_code error, std::size_t size) {
                              if (error == boost::asio::error::operation_aborted) return;  // this may be gone
                              got_.append(buffer_.data(), size);
                              if (error)
                                closed_ = true;
                              else
                                read();
                            });
  }

  Loop& loop_;
  boost::asio::generic::stream_protocol::socket socket_;
  std::array<char, 4096> buffer_;
  std::string got_;
  bool closed_ = false;
};

/// An upgrade request as a well-behaved client sends it; each part can be replaced by another, or by "" to
/// leave it out.
struct UpgradeRequest {
  std::string host;  // the Host header's value
  std::string protocol = "Sec-WebSocket-Protocol: mla.v1\r\n";
  std::string origin;
  std::string version = "13";

  std::string text() const {
    return "GET / HTTP/1.1\r\n" + (host.empty() ? "" : "Host: " + host + "\r\n") +
           "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
           "Sec-WebSocket-Version: " +
           version + "\r\n" + protocol + (origin.empty() ? "" : "Origin: " + origin + "\r\n") + "\r\n";
  }
};

/// A client's WebSocket frame (RFC 6455 §5.2), masked with zeroes.
inline std::string client_frame(unsigned first_byte, std::string_view payload) {
  std::string frame(1, static_cast<char>(first_byte));
  if (payload.size() < 126)
    frame += static_cast<char>(0x80 | payload.size());
  else {
    const bool wide = payload.size() > 0xffff;
    frame += static_cast<char>(0x80 | (wide ? 127 : 126));
    for (int shift = wide ? 56 : 8; shift >= 0; shift -= 8) frame += static_cast<char>(payload.size() >> shift & 0xff);
  }
  frame += std::string(4, '\0');
  return frame += payload;
}

/// The payload's beginning of a close frame: its code, big-endian.
inline std::string close_code_bytes(unsigned code) {
  return {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
}

inline constexpr unsigned kText = 0x81, kBinary = 0x82, kClose = 0x88, kPing = 0x89;

}  // namespace mla::test
