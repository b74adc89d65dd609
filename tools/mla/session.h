#pragma once
#include <mla/connector.h>
#include <mla/exchange.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "tools/mla/exit_code.h"
#include "tools/mla/loop.h"
#include "tools/mla/options.h"
#include "tools/mla/output.h"

namespace mla::cli {

/// Call first thing in main(), before any thread: SIGINT, SIGTERM and SIGHUP are then read by the Session's
/// loop, and a pipe that nobody reads is an error of write().
void prepare_signals();
/// A descriptor from which those signals are read; whoever asks closes it.
int open_ending_signals();

/// What every verb stands on: an exchange that keeps itself linked, a loop, and how to talk. *loop-confined*
class Session {
 public:
  /// Begins to dial. Throws Error when the URL cannot be used, Failed when the token file cannot.
  Session(const Options& options, std::string name);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Loop& loop() { return loop_; }
  Exchange& exchange() { return exchange_; }
  WebsocketConnector& connector() { return connector_; }
  Output& out() { return out_; }
  const Terminal& terminal() const { return terminal_; }
  const Options& options() const { return options_; }

  /// A line on standard error, after "mla: ".
  void say(std::string_view text);
  /// The same, when --verbose was given or a person reads there.
  void remark(std::string_view text);
  /// Writes what out() has gathered; ends the loop when that cannot be done, quietly when it is because
  /// nobody reads.
  void flush();
  void end(ExitCode code) { loop_.stop(static_cast<int>(code)); }
  void end(ExitCode code, std::string_view text);

  bool was_linked() const { return was_linked_; }
  /// `task` runs each time the link comes up; the former one no more.
  void when_linked(Loop::Task task) { when_linked_ = std::move(task); }
  /// "cannot connect to URL: why", as far as is known.
  std::string why_not_linked() const;

  /// Until end(); with --timeout also until it is over without ever having been linked.
  int run();

 private:
  std::string why() const;
  void on_link(const ConnectorStatus& status);
  void watch_signals();
  void watch_output();

  const Options& options_;
  Loop loop_;
  Output out_;
  Terminal terminal_ = Terminal::detect();
  Exchange exchange_;
  WebsocketConnector connector_;
  ConnectorStatus status_;
  Loop::Task when_linked_;
  bool was_linked_ = false;
  bool said_waiting_ = false;
  int signal_fd_ = -1;
};

}  // namespace mla::cli
