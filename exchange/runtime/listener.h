#pragma once
#include <memory>
#include <string>
#include <vector>

#include "exchange/runtime/shell.h"
#include "exchange/transport/websocket.h"

namespace mla::runtime {

/// Hands accepted links to an exchange as children, or to several in turn, each to the one with the fewest. It
/// belongs to the loop of the first. *loop-confined*
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  explicit Listener(std::shared_ptr<Shell> shell, std::vector<std::shared_ptr<Shell>> others = {})
      : shell_(std::move(shell)), others_(std::move(others)) {}

  /// Binds all or none; `why` gets a sentence for people. Errors: as transport::WebsocketAcceptor::listen.
  ErrorCode listen(const std::vector<transport::Url>& urls, const transport::AcceptOptions& options,
                   const transport::LogHook& log, std::string& why);
  void stop() { acceptors_.clear(); }

  std::vector<std::string> urls() const;
  transport::AcceptCounters counters() const;  ///< summed over its URLs
  void set_limits(const Limits& limits);
  void set_allowed(const std::vector<std::string>& origins, const std::vector<std::string>& hosts);

 private:
  std::shared_ptr<Shell> shell_;
  std::vector<std::shared_ptr<Shell>> others_;
  std::vector<std::unique_ptr<transport::WebsocketAcceptor>> acceptors_;
};

}  // namespace mla::runtime
