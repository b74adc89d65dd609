#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>
#include <memory>
#include <sstream>
#include <string>

#include "router/link_log.h"

namespace parent_log_test {

using namespace mla;
using namespace mla::router;

namespace {

const std::string kUrl = "ws://127.0.0.1:1";

/// What is logged while it lives.
struct Captured {
  Captured() : before(spdlog::default_logger()) {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(text);
    auto logger = std::make_shared<spdlog::logger>("captured", sink);
    logger->set_pattern("%l %v");
    spdlog::set_default_logger(std::move(logger));
  }
  ~Captured() { spdlog::set_default_logger(before); }
  std::string take() {
    std::string said = text.str();
    text.str("");
    return said;
  }
  std::ostringstream text;
  std::shared_ptr<spdlog::logger> before;
};

ConnectorStatus linked(std::uint64_t links) { return {LinkStatus::linked, ErrorCode::ok, {}, kUrl, links}; }

}  // namespace

TEST_CASE("The log tells that the parent was lost, though it is linked again before that could be told") {
  Captured log;
  ParentLog parent;
  parent(linked(1));
  CHECK(log.take() == "info linked to parent " + kUrl + "\n");
  parent(linked(1));  // told twice
  CHECK(log.take().empty());
  parent(linked(3));
  CHECK(log.take() == "warning lost the link to the parent, and is linked again at once: " + kUrl +
                          "\ninfo linked to parent " + kUrl + "\n");
}

TEST_CASE("The log tells a loss once, whatever becomes of the attempts that follow") {
  Captured log;
  ParentLog parent;
  parent(linked(1));
  log.take();
  const ConnectorStatus gone{LinkStatus::stale, ErrorCode::link_lost, "the connection was reset", kUrl, 1};
  parent(gone);
  CHECK(log.take() == "warning lost the link to the parent, trying again: " + kUrl + ": the connection was reset\n");
  parent(gone);
  CHECK(log.take().empty());
  parent(linked(2));
  CHECK(log.take() == "info linked to parent " + kUrl + "\n");
}

TEST_CASE("The log tells once of each parent in the list that it stays away, however they take turns") {
  Captured log;
  ParentLog parent;
  const auto away = [](const std::string& url, const std::string& why) {
    return ConnectorStatus{LinkStatus::connecting, ErrorCode::cannot_connect, why, url, 0};
  };
  const std::string told = "warning the parent cannot be reached, trying again: ";
  parent(away("ws://a:1", "refused"));
  parent(away("ws://b:1", "refused"));
  CHECK(log.take() == told + "ws://a:1: refused\n" + told + "ws://b:1: refused\n");
  parent(away("ws://a:1", "refused"));
  parent(away("ws://b:1", "no route"));
  CHECK(log.take() == told + "ws://b:1: no route\n");
}

}  // namespace parent_log_test
