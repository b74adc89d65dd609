#pragma once
#include <mla/error.h>
#include <mla/limits.h>

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "exchange/runtime/retry_plan.h"
#include "exchange/runtime/shell.h"
#include "exchange/transport/websocket.h"

namespace mla::runtime {

enum class DialPhase : std::uint8_t { connecting, linked, stale, refused };

struct DialStatus {
  DialPhase phase = DialPhase::connecting;
  ErrorCode error = ErrorCode::ok;
  std::string detail;
  std::string url;
};

/// The endpoint towards a parent: renews its transport after a loss, through a list of URLs. *loop-confined*
class Connector : public std::enable_shared_from_this<Connector>, private LinkOwner {
 public:
  struct Options {
    std::vector<std::string> texts;    // the URLs as given, for people
    std::vector<transport::Url> urls;  // the same, parsed; not empty
    /// Instead of dialling the URL: another way to the parent.
    std::function<std::unique_ptr<transport::Dial>(transport::ConnectCallback)> dial;
    std::string credentials;
    Limits limits;
    std::chrono::milliseconds backoff_min{250}, backoff_max{30'000};
    std::uint64_t seed = 0;
  };
  using OnStatus = std::function<void(const DialStatus&)>;

  Connector(std::shared_ptr<Shell> shell, Options options, OnStatus on_status);
  void start();
  /// Drops the link or the dial; nothing is told afterwards.
  void stop();
  /// Another list. A link, or a dial under way, whose URL is in it as well stays; else the first is dialled
  /// at once.
  void set_urls(std::vector<std::string> texts, std::vector<transport::Url> urls);
  void set_limits(const Limits& limits) { options_.limits = limits; }  ///< for links from now on
  /// As stop(), but the link is left to the shell, which is about to close it in good order.
  void retire();

 private:
  void dial();
  void on_dialled(Result<std::unique_ptr<transport::Link>> link, const std::string& detail);
  void on_link_ready() override;
  void on_link_gone(ErrorCode code, const std::string& detail) override;
  void tell_failure(ErrorCode code, const std::string& detail);
  void dial_after(std::chrono::milliseconds pause);
  void tell(DialPhase phase, ErrorCode error, const std::string& detail);

  std::shared_ptr<Shell> shell_;
  Options options_;
  OnStatus on_status_;
  RetryPlan plan_;
  bool stopped_ = false, was_linked_ = false;
  std::optional<Instant> ready_since_;
  std::optional<LinkId> link_;
  std::unique_ptr<transport::Dial> dial_;
  boost::asio::steady_timer pause_;
};

}  // namespace mla::runtime
