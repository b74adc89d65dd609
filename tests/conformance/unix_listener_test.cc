#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "tests/conformance/fixtures.h"
#include "tests/conformance/raw_peer.h"
#include "tests/conformance/recorder.h"

namespace mla::test {
namespace {

namespace fs = std::filesystem;
using transport::WebsocketAcceptor;

/// A listener at a socket file, and why there is none.
struct FileListener {
  FileListener(Loop& loop, const std::string& file, transport::AcceptOptions options = {}) {
    auto listening = WebsocketAcceptor::listen(
        loop.executor(), transport::Url{.socket = file}, std::move(options),
        [this](std::unique_ptr<transport::Link> link) { links.push_back(std::move(link)); },
        [](transport::LogLevel, std::string_view) {}, &why);
    if (listening)
      acceptor = *std::move(listening);
    else
      error = listening.error();
  }
  std::vector<std::unique_ptr<transport::Link>> links;
  std::unique_ptr<WebsocketAcceptor> acceptor;
  ErrorCode error = ErrorCode::ok;
  std::string why;
};

/// The status line that answers an upgrade.
std::string answer(Loop& loop, const std::string& file, const UpgradeRequest& request) {
  RawPeer peer(loop, file);
  peer.send(request.text());
  REQUIRE(peer.wait_for("\r\n\r\n"));
  return peer.got().substr(0, peer.got().find("\r\n"));
}

}  // namespace

TEST_CASE("a socket file lasts as long as its listener") {
  Loop loop;
  Folder folder;
  const auto file = folder.file("mla.sock");
  {
    FileListener listener(loop, file);
    REQUIRE(listener.acceptor);
    CHECK(to_string(listener.acceptor->url()) == "ws+unix://" + file);
    CHECK(fs::is_socket(file));
  }
  CHECK_FALSE(fs::exists(file));
}

TEST_CASE("a socket file's mode follows the umask, and is the permission") {
  Loop loop;
  Folder folder;
  const auto file = folder.file("mla.sock");
  const auto old = ::umask(0117);
  FileListener listener(loop, file);
  ::umask(old);
  REQUIRE(listener.acceptor);
  CHECK(static_cast<unsigned>(fs::status(file).permissions()) == 0660);
}

TEST_CASE("a socket file that somebody listens at is address_in_use") {
  Loop loop;
  Folder folder;
  const auto file = folder.file("mla.sock");
  FileListener first(loop, file), second(loop, file);
  REQUIRE(first.acceptor);
  CHECK(second.error == ErrorCode::address_in_use);
  CHECK(second.why == "cannot listen on " + file + ": Address already in use");
  CHECK(answer(loop, file, {.host = "localhost"}) == "HTTP/1.1 101 Switching Protocols");
}

TEST_CASE("the socket file of a process that was killed is replaced") {
  Folder folder;
  const auto file = folder.file("mla.sock");
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Loop loop;
    FileListener listener(loop, file);
    const char done = listener.acceptor ? 'y' : 'n';
    if (::write(ready[1], &done, 1) == 1) ::pause();
    ::_exit(1);
  }
  char done = 0;
  REQUIRE(::read(ready[0], &done, 1) == 1);
  ::close(ready[0]);
  ::close(ready[1]);
  CHECK(done == 'y');
  Loop loop;
  CHECK(FileListener(loop, file).error == ErrorCode::address_in_use);
  REQUIRE(::kill(child, SIGKILL) == 0);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  REQUIRE(fs::is_socket(file));

  FileListener listener(loop, file);
  INFO(listener.why);
  REQUIRE(listener.acceptor);
  CHECK(answer(loop, file, {.host = "localhost"}) == "HTTP/1.1 101 Switching Protocols");
}

TEST_CASE("a file that is no socket is left alone") {
  Loop loop;
  Folder folder;
  const auto file = folder.file("notes.txt");
  std::ofstream(file) << "mine";
  CHECK(FileListener(loop, file).error == ErrorCode::address_in_use);
  CHECK(fs::file_size(file) == 4);
  CHECK(FileListener(loop, folder.file("none/mla.sock")).error == ErrorCode::cannot_connect);
}

TEST_CASE("a listener that ends does not take another's socket file away") {
  Loop loop;
  Folder folder;
  const auto file = folder.file("mla.sock");
  auto first = std::make_unique<FileListener>(loop, file);
  fs::rename(file, folder.file("moved"));
  FileListener second(loop, file);
  REQUIRE(second.acceptor);
  first.reset();
  CHECK(answer(loop, file, {.host = "localhost"}) == "HTTP/1.1 101 Switching Protocols");
}

TEST_CASE("at a socket file any Host may stand, and of origins only those listed") {
  Loop loop;
  Folder folder;
  const auto file = folder.file("mla.sock");
  FileListener listener(loop, file, {.allowed_origins = {"https://example.org"}});
  REQUIRE(listener.acceptor);
  CHECK(answer(loop, file, {.host = "evil.example"}) == "HTTP/1.1 101 Switching Protocols");
  CHECK(answer(loop, file, {.host = "x", .origin = "https://example.org"}) ==
        "HTTP/1.1 101 Switching Protocols");
  CHECK(answer(loop, file, {.host = "localhost", .origin = "http://localhost"}) == "HTTP/1.1 403 Forbidden");
  REQUIRE(loop.run_until([&] { return listener.links.size() == 2; }));
  CHECK(listener.links[0]->peer() ==
        "pid " + std::to_string(::getpid()) + " uid " + std::to_string(::getuid()));
}

TEST_CASE("dialling a socket file where nobody is, is told") {
  Loop loop;
  Folder folder;
  std::string told;
  const auto dial = transport::websocket_connect(
      loop.executor(), transport::Url{.socket = folder.file("none")}, {},
      [&](Result<std::unique_ptr<transport::Link>> link, const std::string& detail) {
        CHECK(link.error() == ErrorCode::cannot_connect);
        told = detail;
      });
  REQUIRE(loop.run_until([&] { return !told.empty(); }));
  CHECK(told == "ws+unix://" + folder.file("none") + ": No such file or directory");
}

}  // namespace mla::test
