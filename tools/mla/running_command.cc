#include "tools/mla/running_command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

extern char** environ;

namespace mla::cli {
namespace {

constexpr std::chrono::seconds kGrace{1};

/// In the child: only calls that are safe after fork() in a process with threads.
[[noreturn]] void become(const char* command, char* const* environment, int output, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // if we are killed there is nobody left to do it
  if (::getppid() != parent) ::_exit(127);
  const int null = ::open("/dev/null", O_RDONLY);
  ::dup2(null, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::close_range(3, ~0u, 0);  // sockets of the exchange must not live on in the command
  ::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const char* const arguments[] = {"sh", "-c", command, nullptr};
  ::execve("/bin/sh", const_cast<char* const*>(arguments), environment);
  ::_exit(127);
}

std::vector<char*> merged_environment(const std::vector<std::string>& added) {
  std::vector<char*> merged;
  for (char** variable = environ; *variable; ++variable) {
    bool replaced = false;
    for (const auto& a : added)
      replaced |= std::string_view(*variable).starts_with(a.substr(0, a.find('=') + 1));
    if (!replaced) merged.push_back(*variable);
  }
  for (const auto& a : added) merged.push_back(const_cast<char*>(a.c_str()));
  merged.push_back(nullptr);
  return merged;
}

}  // namespace

RunningCommand::RunningCommand(Loop& loop, const std::string& command,
                               const std::vector<std::string>& environment, std::size_t output_limit,
                               Done done)
    : loop_(loop), output_limit_(output_limit), done_(std::move(done)) {
  int pipe_fds[2];
  if (::pipe2(pipe_fds, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const auto merged = merged_environment(environment);
  const pid_t self = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(command.c_str(), merged.data(), pipe_fds[1], self);
  const int error = errno;
  ::close(pipe_fds[1]);
  output_fd_ = pipe_fds[0];
  if (pid_ < 0) {
    ::close(output_fd_);
    throw std::system_error(error, std::generic_category(), "fork");
  }
  ::setpgid(pid_, pid_);  // as the child does: whoever is first
  ::fcntl(output_fd_, F_SETFL, O_NONBLOCK);
  pid_fd_ =
      static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));  // the C library's declaration lacks extern "C"
  if (pid_fd_ < 0) {
    const int why = errno;
    signal_group(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    ::close(output_fd_);
    throw std::system_error(why, std::generic_category(), "pidfd_open");
  }
  loop_.watch(output_fd_, POLLIN, [this](short) { read_output(); });
  loop_.watch(pid_fd_, POLLIN, [this](short) { finish(); });
}

RunningCommand::~RunningCommand() {
  if (kill_timer_) loop_.cancel(*kill_timer_);
  if (output_fd_ >= 0) {
    loop_.unwatch(output_fd_);
    ::close(output_fd_);
  }
  if (pid_fd_ < 0) return;
  loop_.unwatch(pid_fd_);
  signal_group(SIGTERM);
  pollfd fd{pid_fd_, POLLIN, 0};
  ::poll(&fd, 1, static_cast<int>(std::chrono::milliseconds(kGrace).count()));
  signal_group(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  ::close(pid_fd_);
}

void RunningCommand::signal_group(int signal) const {
  ::kill(-pid_, signal);
}

void RunningCommand::terminate() {
  if (pid_fd_ < 0 || kill_timer_) return;
  signal_group(SIGTERM);
  kill_timer_ = loop_.after(kGrace, [this] { signal_group(SIGKILL); });
}

void RunningCommand::read_output() {
  char buffer[65536];
  for (;;) {
    const ssize_t n = ::read(output_fd_, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) break;
    if (output_.size() + static_cast<std::size_t>(n) > output_limit_) {
      too_much_ = true;
      signal_group(SIGKILL);
      break;
    }
    output_.append(buffer, static_cast<std::size_t>(n));
  }
  loop_.unwatch(output_fd_);
  ::close(output_fd_);
  output_fd_ = -1;
}

void RunningCommand::finish() {
  signal_group(SIGKILL);  // before the leader is reaped: until then its number is nobody else's
  int status = 0;
  ::waitpid(pid_, &status, 0);
  loop_.unwatch(pid_fd_);
  ::close(pid_fd_);
  pid_fd_ = -1;
  if (output_fd_ >= 0) read_output();
  CommandResult result{std::move(output_), {}};
  if (too_much_)
    result.failure = "the command wrote more than " + std::to_string(output_limit_) + " bytes";
  else if (WIFSIGNALED(status))
    result.failure = "the command was ended by signal " + std::to_string(WTERMSIG(status));
  else if (WEXITSTATUS(status) != 0)
    result.failure = "the command ended with status " + std::to_string(WEXITSTATUS(status));
  const auto done = std::move(done_);
  done(std::move(result));  // may destroy this
}

}  // namespace mla::cli
