#pragma once
#include <mla/limits.h>
#include <sys/types.h>

#include <chrono>
#include <string>

namespace mla::cli::bench {

/// Where mla-router is: `named` if it is not empty, else beside this program, else in PATH. Throws Failed.
std::string find_router(const std::string& named);

/// A router of ours: on a free port, without admin pages, untouched by the environment's settings. Ends with
/// this object, and when this process is killed. *loop-confined*
class RouterProcess {
 public:
  /// Returns when it listens. `parent`: a URL, or none. Throws Failed. Call it before there are threads.
  RouterProcess(const std::string& program, const Limits& limits, const std::string& parent = {});
  ~RouterProcess();
  RouterProcess(const RouterProcess&) = delete;
  RouterProcess& operator=(const RouterProcess&) = delete;

  const std::string& url() const { return url_; }
  pid_t pid() const { return pid_; }
  int pid_fd() const { return pid_fd_; }  ///< readable when it has ended
  /// "signal 9", "status 1"; for one that has ended.
  std::string how_it_ended();

 private:
  void read_url(const std::string& program);
  void end();
  bool ended_within(std::chrono::milliseconds limit) const;

  pid_t pid_ = -1;
  int pid_fd_ = -1;
  int output_fd_ = -1;
  std::string url_;
};

}  // namespace mla::cli::bench
