#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/conformance/fixtures.h"

// What the kernel is told of the sockets of links; asked of the kernel, for all sockets that this process
// has.
namespace mla::test {
namespace {

int option(int socket, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(socket, level, name, &value, &size) == 0 ? value : -1;
}

/// Connected stream sockets of this family, without those in `but` (the process may have been given some).
std::vector<int> connected(int family, const std::vector<int>& but = {}) {
  std::vector<int> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename().string());
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    if (option(fd, SOL_SOCKET, SO_DOMAIN) == family && option(fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM &&
        std::find(but.begin(), but.end(), fd) == but.end() &&
        ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0)
      found.push_back(fd);
  }
  return found;
}

constexpr int kUnsent = 64 << 10;

}  // namespace

TEST_CASE("1C: both ends of a TCP link send at once and keep little unsent in the kernel") {
  const auto before = connected(AF_INET);
  WebsocketDialled fixture;
  const auto pair = fixture.connect();
  const auto sockets = connected(AF_INET, before);
  REQUIRE(sockets.size() == 2);
  for (const int fd : sockets) {
    CHECK(option(fd, IPPROTO_TCP, TCP_NODELAY) == 1);
    CHECK(option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT) == kUnsent);
  }
}

TEST_CASE("1C: both ends of a Unix link keep little in the kernel") {
  const auto before = connected(AF_UNIX);
  UnixDialled fixture;
  const auto pair = fixture.connect();
  const auto sockets = connected(AF_UNIX, before);
  REQUIRE(sockets.size() == 2);
  for (const int fd : sockets) CHECK(option(fd, SOL_SOCKET, SO_SNDBUF) == 2 * kUnsent);  // socket(7): doubled
}

}  // namespace mla::test
