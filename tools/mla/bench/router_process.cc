#include "tools/mla/bench/router_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

#include "tools/mla/exit_code.h"

extern char** environ;

namespace mla::cli::bench {
namespace {

using namespace std::chrono_literals;
constexpr auto kStart = 10s;  // to listen
constexpr auto kGrace = 2s;   // to end

bool can_run(const std::filesystem::path& program) {
  std::error_code none;
  return std::filesystem::is_regular_file(program, none) && ::access(program.c_str(), X_OK) == 0;
}

/// A file that is gone with this object. *value*
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) {
    const char* folder = std::getenv("TMPDIR");
    path_ = std::string(folder && *folder ? folder : "/tmp") + "/mla-bench-XXXXXX";
    const int fd = ::mkstemp(path_.data());
    const bool written =
        fd >= 0 && ::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size());
    const int why = errno;
    if (fd >= 0) ::close(fd);
    if (written) return;
    if (fd >= 0) ::unlink(path_.c_str());
    throw Failed(ExitCode::failed, "cannot write " + path_ + ": " + std::generic_category().message(why));
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string configuration(const Limits& limits, const std::string& parent) {
  std::string out = "listen = [\"ws://127.0.0.1:0\"]\nadmin = \"none\"\nlog_level = \"error\"\n";
  if (!parent.empty()) out += "parent = [\"" + parent + "\"]\n";
  out += "[limits]\n";
  for (const LimitRow& row : limit_rows(limits)) {
    if (row.value == row.standard) continue;
    const std::string value = std::to_string(row.value);
    out += std::string(row.name) + " = " + (row.unit == "ms" ? "\"" + value + "ms\"" : value) + "\n";
  }
  return out;
}

/// In the child: only calls that are safe after fork().
[[noreturn]] void become(const char* const* arguments, char* const* environment, int output, pid_t parent) {
  ::setpgid(0, 0);  // Ctrl-C is for us alone: we end it when the links are closed
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
  ::dup2(output, STDOUT_FILENO);
  ::close_range(3, ~0u, 0);
  ::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(arguments[0], const_cast<char* const*>(arguments), environment);
  ::_exit(127);
}

}  // namespace

std::string find_router(const std::string& named) {
  if (!named.empty()) {
    if (can_run(named)) return named;
    throw Failed(ExitCode::usage, "--router: \"" + named + "\" is no program");
  }
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (const auto beside = self.parent_path() / "mla-router"; !error && can_run(beside)) return beside;
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (const auto program = std::filesystem::path(folder) / "mla-router"; can_run(program)) return program;
  throw Failed(
      ExitCode::usage,
      "there is no mla-router beside mla or in PATH; name one by --router, or a running one by --url");
}

RouterProcess::RouterProcess(const std::string& program, const Limits& limits, const std::string& parent) {
  const TemporaryFile config(configuration(limits, parent));
  const char* const arguments[] = {program.c_str(), "--config", config.path().c_str(), nullptr};
  std::vector<char*> environment;
  for (char** variable = environ; *variable; ++variable)
    if (!std::string_view(*variable).starts_with("MLA_")) environment.push_back(*variable);
  environment.push_back(nullptr);
  int pipe_fds[2];
  if (::pipe2(pipe_fds, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const pid_t self = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(arguments, environment.data(), pipe_fds[1], self);
  const int why = errno;
  ::close(pipe_fds[1]);
  output_fd_ = pipe_fds[0];
  if (pid_ > 0) pid_fd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  try {
    if (pid_ < 0) throw std::system_error(why, std::generic_category(), "fork");
    if (pid_fd_ < 0) throw std::system_error(errno, std::generic_category(), "pidfd_open");
    read_url(program);
  } catch (...) {
    end();
    throw;
  }
}

RouterProcess::~RouterProcess() {
  end();
}

void RouterProcess::read_url(const std::string& program) {
  constexpr std::string_view kListening = "listening ";
  const auto deadline = std::chrono::steady_clock::now() + kStart;
  std::string text;
  while (text.find('\n') == text.npos) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd fd{output_fd_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&fd, 1, static_cast<int>(left.count())) == 0)
      throw Failed(ExitCode::failed,
                   program + " does not listen after " + std::to_string(kStart.count()) + " s");
    char buffer[512];
    const ssize_t n = ::read(output_fd_, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const bool ended = ended_within(kGrace);
      throw Failed(ExitCode::failed,
                   program + " does not listen" + (ended ? ", it ended with " + how_it_ended() : ""));
    }
    text.append(buffer, static_cast<std::size_t>(n));
  }
  text.erase(text.find('\n'));
  if (!text.starts_with(kListening))
    throw Failed(ExitCode::failed, program + " is no mla-router: it says \"" + text + "\"");
  url_ = text.substr(kListening.size());
}

bool RouterProcess::ended_within(std::chrono::milliseconds limit) const {
  pollfd fd{pid_fd_, POLLIN, 0};
  return ::poll(&fd, 1, static_cast<int>(limit.count())) > 0;
}

std::string RouterProcess::how_it_ended() {
  siginfo_t info{};
  // Left to be waited for: its number stays its own until end().
  if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
    return "?";
  return (info.si_code == CLD_EXITED ? "status " : "signal ") + std::to_string(info.si_status);
}

void RouterProcess::end() {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    if (pid_fd_ < 0 || !ended_within(kGrace)) ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (pid_fd_ >= 0) ::close(pid_fd_);
  if (output_fd_ >= 0) ::close(output_fd_);
  pid_ = pid_fd_ = output_fd_ = -1;
}

}  // namespace mla::cli::bench
