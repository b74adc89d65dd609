#pragma once
#include <cstdint>
#include <optional>
#include <vector>

// This process's ends of TCP connections, as the kernel sees them: by descriptor, whoever opened them. A link
// is measured without a word of the library that carries it.
namespace mla::cli::bench {

/// What a TCP connection has carried as a stream of bytes: heads of WebSocket frames and the handshakes are
/// in it, heads of TCP and IP and what was sent again are not. *value*
struct StreamBytes {
  std::uint64_t received = 0, sent = 0;
};

/// Descriptors of established TCP connections, ascending.
std::vector<int> tcp_connections();

/// None: it is no TCP connection, or the kernel is older than 4.19 and does not count.
std::optional<StreamBytes> bytes_of(int connection);
/// Of all together; none if there are none, or one of them is not counted.
std::optional<StreamBytes> bytes_of(const std::vector<int>& connections);

/// The kernel keeps at most so many received bytes, bookkeeping included, and no longer chooses by itself.
/// Answers what it says that it keeps; none when it refuses.
std::optional<int> limit_receive_buffer(int connection, int bytes);

}  // namespace mla::cli::bench
