#pragma once
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exchange/transport/link.h"

namespace mla::test {

using transport::Bytes;

inline Bytes message_of(std::size_t size, unsigned seed = 0) {
  auto bytes = std::make_shared<std::vector<std::byte>>(size);
  for (std::size_t i = 0; i < size; ++i)
    (*bytes)[i] = static_cast<std::byte>((i * 131 + i / 251 + seed) & 0xff);
  return bytes;
}

/// Owns one end of a link, writes down what it is told, and fails the test when it is told so from inside a
/// call.
class Recorder : public transport::LinkHandler {
 public:
  explicit Recorder(std::unique_ptr<transport::Link> owned) : link_(std::move(owned)) {}

  void start() {
    call([&] { link_->start(*this); });
  }
  void send(Bytes message, bool more = false) {
    call([&] { link_->send(std::move(message), more); });
  }
  void close(ErrorCode code, const std::string& detail) {
    call([&] { link_->close(code, detail); });
  }
  void let_go() {
    call([&] { link_.reset(); });
  }
  transport::Link* link() { return link_.get(); }

  std::size_t on_messages(transport::Messages together) override {
    if (together.empty()) FAIL("the handler was called without a message");
    told();
    most_together = std::max(most_together, together.size());
    together = together.first(std::min(takes, together.size()));
    for (const auto message : together) {
      if (!link_) break;  // let go of by when_message
      messages.emplace_back(message.begin(), message.end());
      if (when_message) when_message();
    }
    return together.size();
  }
  void on_writable(std::size_t bytes_free) override {
    told();
    free_bytes.push_back(bytes_free);
    if (when_writable) when_writable(bytes_free);
  }
  void on_closed(ErrorCode code, const std::string& detail) override {
    told();
    closed = code;
    closed_detail = detail;
    if (when_closed) when_closed();
  }

  std::vector<std::vector<std::byte>> messages;
  std::size_t most_together = 0;  // messages in one call
  std::size_t takes = SIZE_MAX;   // of them
  std::vector<std::size_t> free_bytes;
  std::optional<ErrorCode> closed;
  std::string closed_detail;
  std::function<void()> when_message;
  std::function<void(std::size_t)> when_writable;
  std::function<void()> when_closed;

 private:
  template <class Function>
  void call(Function function) {
    const bool outer = std::exchange(calling_, true);
    function();
    calling_ = outer;
  }
  void told() {
    if (calling_) FAIL("the handler was called from inside a call to the link");
    if (!link_) FAIL("the handler was called after the link was destroyed");
    if (closed) FAIL("the handler was called after on_closed");
  }

  std::unique_ptr<transport::Link> link_;
  bool calling_ = false;
};

}  // namespace mla::test
