#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <memory>
#include <vector>

#include "exchange/transport/socket_writer.h"

namespace mla::transport {
namespace {

/// Two connected sockets that do not block.
struct Sockets {
  explicit Sockets(int type) { REQUIRE(::socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, ends.data()) == 0); }
  ~Sockets() {
    for (const int end : ends) ::close(end);
  }
  /// What one read brings; nothing: there is nothing.
  std::vector<std::byte> read() const {
    std::vector<std::byte> got(1 << 20);
    const ssize_t n = ::recv(ends[1], got.data(), got.size(), 0);
    got.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return got;
  }
  std::array<int, 2> ends{};
};

Bytes message(std::size_t size, unsigned char value) {
  return std::make_shared<const std::vector<std::byte>>(size, static_cast<std::byte>(value));
}

/// As a server's frames are: a head of two or four bytes, and the message.
void append_frame(std::vector<std::byte>& to, const Bytes& message) {
  const std::size_t size = message->size();
  to.push_back(std::byte{0x82});
  to.push_back(static_cast<std::byte>(size < 126 ? size : 126));
  if (size >= 126) {
    to.push_back(static_cast<std::byte>(size >> 8));
    to.push_back(static_cast<std::byte>(size));
  }
  to.insert(to.end(), message->begin(), message->end());
}

}  // namespace

TEST_CASE("what is said together on a link leaves in one write") {
  const Sockets sockets(SOCK_SEQPACKET);  // a read brings what one write brought
  JoinedFrame joined;
  SocketWriter writer(false, joined);
  const std::vector<Bytes> said{message(2000, 1), message(60, 2), message(100, 3)};
  std::vector<std::byte> expected;
  for (const Bytes& one : said) append_frame(expected, one);
  CHECK(writer.send(sockets.ends[0], said[0], true) == SocketWriter::Outcome::idle);
  CHECK(writer.send(sockets.ends[0], said[1], true) == SocketWriter::Outcome::idle);
  CHECK(sockets.read().empty());
  CHECK(writer.queued_bytes() == 2060);
  CHECK(writer.send(sockets.ends[0], said[2]) == SocketWriter::Outcome::idle);
  CHECK(sockets.read() == expected);
  CHECK(sockets.read().empty());
  CHECK(writer.idle());
  CHECK(writer.queued_bytes() == 0);

  // What comes by itself goes by itself.
  CHECK(writer.send(sockets.ends[0], said[1]) == SocketWriter::Outcome::idle);
  CHECK(sockets.read().size() == 62);
}

TEST_CASE("what is said together waits behind what the socket did not take, whole and in order") {
  const Sockets sockets(SOCK_STREAM);
  JoinedFrame joined;
  SocketWriter writer(false, joined);
  std::vector<std::byte> expected, got;
  const auto say = [&](std::size_t size, unsigned char value, bool more) {
    const Bytes one = message(size, value);
    append_frame(expected, one);
    return writer.send(sockets.ends[0], one, more);
  };
  unsigned char value = 0;
  while (say(60'000, ++value, false) == SocketWriter::Outcome::idle) REQUIRE(value < 200);
  CHECK(say(3000, 201, true) == SocketWriter::Outcome::blocked);
  CHECK(say(30, 202, true) == SocketWriter::Outcome::blocked);
  CHECK(say(300, 203, false) == SocketWriter::Outcome::blocked);
  for (bool empty = false; !empty;) {
    const auto more = sockets.read();
    empty = more.empty() && writer.flush(sockets.ends[0]) == SocketWriter::Outcome::idle && writer.idle() && got.size() >= expected.size();
    got.insert(got.end(), more.begin(), more.end());
    REQUIRE(got.size() <= expected.size());
  }
  CHECK(got == expected);
}

TEST_CASE("a small message is put behind its head once for all links, and is whole for who takes it late") {
  const Sockets slow(SOCK_STREAM), other(SOCK_STREAM);
  JoinedFrame joined;
  SocketWriter to_slow(false, joined), to_other(false, joined);
  std::vector<std::byte> expected_slow, expected_other, got;
  unsigned char value = 0;
  const auto say_both = [&](std::size_t size) {
    const Bytes one = message(size, ++value);
    append_frame(expected_slow, one);
    append_frame(expected_other, one);
    const auto outcome = to_slow.send(slow.ends[0], one);
    CHECK(to_other.send(other.ends[0], one) == SocketWriter::Outcome::idle);
    CHECK(joined.message() == one);
    const auto read = other.read();
    got.insert(got.end(), read.begin(), read.end());
    return outcome;
  };
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{125}, std::size_t{126}, JoinedFrame::kMost, std::size_t{3}})
    CHECK(say_both(size) == SocketWriter::Outcome::idle);
  for (int i = 0; say_both(1400) == SocketWriter::Outcome::idle; ++i) REQUIRE(i < 10'000);
  say_both(7);  // waits behind that one, which went in part or not at all
  CHECK(got == expected_other);
  got.clear();
  for (bool empty = false; !empty;) {
    const auto more = slow.read();
    empty = more.empty() && to_slow.flush(slow.ends[0]) == SocketWriter::Outcome::idle && to_slow.idle() && got.size() >= expected_slow.size();
    got.insert(got.end(), more.begin(), more.end());
    REQUIRE(got.size() <= expected_slow.size());
  }
  CHECK(got == expected_slow);
}

TEST_CASE("who hears nothing any more is told so, also of what is said together") {
  const Sockets sockets(SOCK_STREAM);
  ::shutdown(sockets.ends[1], SHUT_RDWR);
  JoinedFrame joined;
  SocketWriter writer(false, joined);
  CHECK(writer.send(sockets.ends[0], message(10, 1), true) == SocketWriter::Outcome::idle);
  CHECK(writer.send(sockets.ends[0], message(10, 2)) == SocketWriter::Outcome::failed);
  CHECK(writer.send(sockets.ends[0], message(10, 3), true) == SocketWriter::Outcome::failed);
  CHECK(writer.queued_bytes() == 0);
}

}  // namespace mla::transport
