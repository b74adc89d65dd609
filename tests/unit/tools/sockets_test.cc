#include "tools/mla/bench/sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

namespace sockets_test {

using namespace mla::cli::bench;

/// Both ends of a connection within this process.
struct Connection {
  int near = -1, far = -1;
  Connection() {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener, 1) == 0);
    REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    near = ::socket(AF_INET, SOCK_STREAM, 0);
    REQUIRE(::connect(near, reinterpret_cast<sockaddr*>(&address), size) == 0);
    far = ::accept(listener, nullptr, nullptr);
    REQUIRE(far >= 0);
    ::close(listener);
  }
  ~Connection() {
    ::close(near);
    ::close(far);
  }
  void carry(std::size_t bytes) const {
    std::string text(bytes, 'x');
    REQUIRE(::send(near, text.data(), text.size(), 0) == static_cast<ssize_t>(bytes));
    REQUIRE(::recv(far, text.data(), text.size(), MSG_WAITALL) == static_cast<ssize_t>(bytes));
  }
};

TEST_CASE("bench: TCP connections are found, and listeners and other descriptors are not") {
  const auto before = tcp_connections();
  const Connection connection;
  const int other = ::socket(AF_INET, SOCK_STREAM, 0);
  auto expected = before;
  expected.insert(expected.end(), {connection.near, connection.far});
  std::sort(expected.begin(), expected.end());
  CHECK(tcp_connections() == expected);
  ::close(other);
}

TEST_CASE("bench: the bytes of a connection are exactly those that went over it") {
  const Connection one, two;
  one.carry(1000);
  two.carry(23);
  CHECK(bytes_of(one.near)->sent == 1000);
  CHECK(bytes_of(one.near)->received == 0);
  CHECK(bytes_of(one.far)->received == 1000);
  CHECK(bytes_of({one.far, two.far})->received == 1023);
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  CHECK_FALSE(bytes_of(ends[0]));
  CHECK_FALSE(bytes_of({one.far, ends[0]}));
  CHECK_FALSE(bytes_of(std::vector<int>{}));
  for (const int end : ends) ::close(end);
}

TEST_CASE("bench: a receive buffer that was limited is as small as that, doubled by the kernel or not") {
  const Connection connection;
  const auto kept = limit_receive_buffer(connection.near, 64 << 10);
  REQUIRE(kept);
  CHECK(*kept == 64 << 10);
  CHECK_FALSE(limit_receive_buffer(-1, 64 << 10));
}

}  // namespace sockets_test
