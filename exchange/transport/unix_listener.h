#pragma once
#include <mla/result.h>
#include <sys/types.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <memory>
#include <string>
#include <vector>

#include "exchange/transport/host_check.h"
#include "exchange/transport/socket_listener.h"
#include "exchange/transport/url.h"

namespace mla::transport {

/// Accepts connections at one socket file. Whoever may write to the file may connect: its mode, which follows
/// the process's umask, and the folders above it are the permission. *loop-confined*
class UnixListener final : public SocketListener<boost::asio::local::stream_protocol> {
 public:
  /// Makes the file and listens. A socket file that nobody listens at any more is replaced. Errors:
  /// address_in_use (somebody listens there, or the file is no socket), cannot_connect (no such folder, no
  /// permission).
  static Result<std::shared_ptr<UnixListener>> open(const LoopExecutor& executor,
                                                    const std::string& path, std::string* why);
  ~UnixListener() { stop(); }

  void stop();  ///< removes the file too, if it is still the one that was made

  /// No web page can open a Unix socket, so Host says nothing. A proxy may have forwarded a page's link to it,
  /// though: an Origin must be one of those listed, for a file is no origin of its own.
  HostCheck hosts(const std::vector<std::string>&) const { return HostCheck::for_file(); }
  Url bound(Url url) const { return url; }

 private:
  using SocketListener::SocketListener;
  boost::system::error_code bind(const std::string& path);

  std::string path_;  // empty: no file is ours
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace mla::transport
