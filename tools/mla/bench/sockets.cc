#include "tools/mla/bench/sockets.h"

#include <linux/tcp.h>  // the C library's struct tcp_info ends before what is needed
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <string>

namespace mla::cli::bench {
namespace {

constexpr std::uint8_t kEstablished = 1;  // TCP_ESTABLISHED

/// None when fewer than `least` bytes of it are known.
std::optional<tcp_info> info_of(int socket, std::size_t least) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || size < least) return {};
  return info;
}

}  // namespace

std::vector<int> tcp_connections() {
  std::vector<int> found;
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    int socket = -1;
    if (std::from_chars(name.data(), name.data() + name.size(), socket).ec != std::errc{}) continue;
    const auto info = info_of(socket, 1);
    if (info && info->tcpi_state == kEstablished) found.push_back(socket);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::optional<StreamBytes> bytes_of(int connection) {
  const auto info =
      info_of(connection, offsetof(tcp_info, tcpi_bytes_retrans) + sizeof(tcp_info::tcpi_bytes_retrans));
  if (!info) return {};
  return StreamBytes{info->tcpi_bytes_received, info->tcpi_bytes_sent - info->tcpi_bytes_retrans};
}

std::optional<StreamBytes> bytes_of(const std::vector<int>& connections) {
  if (connections.empty()) return {};
  StreamBytes sum;
  for (const int connection : connections) {
    const auto bytes = bytes_of(connection);
    if (!bytes) return {};
    sum.received += bytes->received;
    sum.sent += bytes->sent;
  }
  return sum;
}

std::optional<int> limit_receive_buffer(int connection, int bytes) {
  const int half = bytes / 2;  // it keeps twice what it is asked for (socket(7))
  int kept = 0;
  socklen_t size = sizeof kept;
  if (::setsockopt(connection, SOL_SOCKET, SO_RCVBUF, &half, sizeof half) != 0 ||
      ::getsockopt(connection, SOL_SOCKET, SO_RCVBUF, &kept, &size) != 0)
    return {};
  return kept;
}

}  // namespace mla::cli::bench
