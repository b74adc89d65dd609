#pragma once
#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/mla/loop.h"

namespace mla::cli {

/// How a command came out. *value*
struct CommandResult {
  std::string output;                  ///< what it wrote to standard output
  std::optional<std::string> failure;  ///< why it does not count: exit status, signal, too much output
};

/// A shell command in a process group of its own, with its output read by the loop. Standard input is empty,
/// standard error is ours. What it leaves running in its group when it ends is killed. *loop-confined*
class RunningCommand {
 public:
  using Done = std::function<void(CommandResult)>;

  /// `environment`: NAME=VALUE beside the inherited ones. `done` is called once, from the loop, and may
  /// destroy this; it is called after terminate(), too. Throws std::system_error when no process can be made.
  RunningCommand(Loop& loop, const std::string& command, const std::vector<std::string>& environment,
                 std::size_t output_limit, Done done);
  /// Kills what still runs.
  ~RunningCommand();
  RunningCommand(const RunningCommand&) = delete;
  RunningCommand& operator=(const RunningCommand&) = delete;

  /// SIGTERM to the group, a second later SIGKILL.
  void terminate();

 private:
  void read_output();
  void finish();
  void signal_group(int signal) const;

  Loop& loop_;
  std::size_t output_limit_;
  Done done_;
  pid_t pid_ = -1;
  int pid_fd_ = -1;
  int output_fd_ = -1;
  std::string output_;
  bool too_much_ = false;
  std::optional<Loop::TimerId> kill_timer_;
};

}  // namespace mla::cli
