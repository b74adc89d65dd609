#include "exchange/transport/unix_listener.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace mla::transport {
namespace {

using local = boost::asio::local::stream_protocol;
using boost::system::error_code;

/// Held while a file is looked at and replaced: of two processes that find the same dead file, the second
/// must not remove what the first has made. On the folder, for a file of our own would stay behind. Whoever
/// keeps it locked delays us by half a second and no more. *value*
class FolderLock {
 public:
  explicit FolderLock(const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string folder = slash == 0 ? "/" : path.substr(0, slash);
    folder_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_ < 0) return;
    for (int i = 0; i < 50 && ::flock(folder_, LOCK_EX | LOCK_NB) != 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ~FolderLock() {
    if (folder_ >= 0) ::close(folder_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int folder_ = -1;
};

/// Whether nobody listens at this socket file: the kernel refuses, at once. A full backlog is somebody's.
bool nobody_listens(const std::string& path) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (probe < 0) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const bool refused = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 &&
                       errno == ECONNREFUSED;
  ::close(probe);
  return refused;
}

bool is_socket(const std::string& path, struct stat& found) {
  return ::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
}

}  // namespace

error_code UnixListener::bind(const std::string& path) {
  error_code error;
  const FolderLock lock(path);
  struct stat found{};
  if (is_socket(path, found) && nobody_listens(path)) ::unlink(path.c_str());
  acceptor_.open(local(), error);
  if (!error) acceptor_.bind(local::endpoint(path), error);
  if (error) return error;
  if (is_socket(path, found)) {
    path_ = path;
    device_ = found.st_dev;
    inode_ = found.st_ino;
  }
  acceptor_.listen(boost::asio::socket_base::max_listen_connections, error);
  return error;
}

Result<std::shared_ptr<UnixListener>> UnixListener::open(const LoopExecutor& executor,
                                                         const std::string& path, std::string* why) {
  std::shared_ptr<UnixListener> listener(new UnixListener(executor));
  const auto error = listener->bind(path);
  if (!error) return listener;
  if (why) *why = "cannot listen on " + path + ": " + error.message();
  return error == boost::asio::error::address_in_use ? ErrorCode::address_in_use : ErrorCode::cannot_connect;
}

void UnixListener::stop() {
  SocketListener::stop();
  struct stat found{};
  if (!path_.empty() && is_socket(path_, found) && found.st_dev == device_ && found.st_ino == inode_)
    ::unlink(path_.c_str());
  path_.clear();
}

}  // namespace mla::transport
