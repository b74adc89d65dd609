#include "tools/mla/session.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace mla::cli {
namespace {

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int s : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, s);
  return set;
}

constexpr std::size_t kLargestToken = 4096;  // the protocol's

/// The file's content without the blanks and line ends around it. Said of the file, never of what is in it.
std::string read_token(const std::string& path) {
  if (path.empty()) return {};
  const auto refuse = [&](const std::string& why) -> std::string {
    throw Failed(ExitCode::usage, "the token file " + path + ": " + why);
  };
  constexpr char kBlanks[] = " \t\r\n";
  std::ifstream file(path, std::ios::binary);
  if (!file) return refuse(std::strerror(errno));
  std::string text(2 * kLargestToken, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.fail() && !file.eof())) return refuse("cannot be read as a file");
  text.resize(static_cast<std::size_t>(file.gcount()));
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return refuse("there is no token in it");
  text = text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
  if (text.size() > kLargestToken || !file.eof()) return refuse("a token has at most 4096 bytes");
  return text;
}

}  // namespace

void prepare_signals() {
  const sigset_t set = ending_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

int open_ending_signals() {
  const sigset_t set = ending_signals();
  return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

Session::Session(const Options& options, std::string name)
    : options_(options),
      exchange_(ExchangeOptions{.name = std::move(name)}),
      connector_(exchange_, options.url, {.credentials = read_token(options.token_file)}) {
  watch_signals();
  watch_output();
  connector_.on_status(
      [this](const ConnectorStatus& status) { loop_.post([this, status] { on_link(status); }); });
}

Session::~Session() {
  connector_.on_status({});
  exchange_.close();  // before the connector goes: what was sent still leaves
  if (signal_fd_ >= 0) ::close(signal_fd_);
}

void Session::say(std::string_view text) {
  std::fprintf(stderr, "mla: %.*s\n", static_cast<int>(text.size()), text.data());
}

void Session::remark(std::string_view text) {
  if (options_.verbose || terminal_.err) say(text);
}

void Session::flush() {
  if (out_.flush()) return;
  if (out_.error() == EPIPE) return end(ExitCode::ok);
  end(ExitCode::failed, std::string("cannot write to standard output: ") + std::strerror(out_.error()));
}

void Session::end(ExitCode code, std::string_view text) {
  say(text);
  end(code);
}

/// Why the last attempt failed; empty when none has.
std::string Session::why() const {
  std::string text = status_.detail;
  if (text.empty() && status_.error != ErrorCode::ok) text = describe(status_.error);
  // The URL is said already.
  if (text.starts_with(status_.url + ": ")) text.erase(0, status_.url.size() + 2);
  return text.empty() ? text : ": " + text;
}

std::string Session::why_not_linked() const {
  return "cannot connect to " + options_.url + why();
}

void Session::on_link(const ConnectorStatus& status) {
  const bool lost = status_.status == LinkStatus::linked;
  status_ = status;
  switch (status.status) {
    case LinkStatus::linked:
      if (said_waiting_) say("linked to " + status.url);
      was_linked_ = true;
      said_waiting_ = false;
      if (const auto task = when_linked_) task();  // a copy: it may set another
      return;
    case LinkStatus::closed:
      return;
    case LinkStatus::connecting:
    case LinkStatus::stale:
    case LinkStatus::refused:
      break;
  }
  if (group(status.error) == ErrorGroup::denied) return end(ExitCode::denied, why_not_linked());
  if (said_waiting_ || (status.error == ErrorCode::ok && !lost)) return;
  say((was_linked_ ? "lost the link, waiting for " : "waiting for ") + options_.url + why());
  said_waiting_ = true;
}

void Session::watch_signals() {
  signal_fd_ = open_ending_signals();
  loop_.watch(signal_fd_, POLLIN, [this](short) { end(ExitCode::interrupted); });
}

/// A reader that goes while there is nothing to write would never be noticed: poll() tells, of pipes.
void Session::watch_output() {
  struct stat status {};
  if (::fstat(STDOUT_FILENO, &status) != 0 || !S_ISFIFO(status.st_mode)) return;
  loop_.watch(STDOUT_FILENO, 0, [this](short events) {
    if (events & (POLLERR | POLLNVAL)) end(ExitCode::ok);
  });
}

int Session::run() {
  if (options_.timeout)
    loop_.after(*options_.timeout, [this] {
      if (!was_linked_) end(ExitCode::cannot_connect, why_not_linked());
    });
  const int status = loop_.run();
  out_.flush();
  return status;
}

}  // namespace mla::cli
