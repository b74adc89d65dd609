#pragma once
#include <mla/limits.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "exchange/transport/close_reason.h"
#include "exchange/transport/link.h"
#include "tests/conformance/simulated_loop.h"

// A link in virtual time, for tests of what stands on links: messages take a while, and only so many bytes
// are under way before the far side has read some.
namespace mla::test {

struct SimulatedWire {
  SimulatedLoop::Duration latency = std::chrono::milliseconds(1);
  std::size_t window = 256 << 10;       // bytes under way that the far side has not read
  std::size_t send_budget = 256 << 10;  // bytes that have not left, as for the other transports
  Limits limits;
};

/// One end. Belongs to what is under way, and to the link that its owner holds. *loop-confined*
class SimulatedEnd : public std::enable_shared_from_this<SimulatedEnd> {
 public:
  SimulatedEnd(SimulatedLoop& loop, const SimulatedWire& wire) : loop_(loop), wire_(wire) {}

  void join(std::shared_ptr<SimulatedEnd> peer) { peer_ = std::move(peer); }

  void start(transport::LinkHandler& handler) {
    handler_ = &handler;
    later({}, [](SimulatedEnd& self) {
      if (self.finished_) return self.tell_closed();
      self.tell_writable();
      self.started_ = true;
      self.read();
    });
  }

  void send(transport::Bytes message) {
    if (closing_ || finished_) return;
    queued_bytes_ += message->size();
    if (queued_bytes_ > wire_.limits.outbound_bytes) {
      queue_.clear();
      return close(ErrorCode::outbound_overflow,
                   "more than " + std::to_string(wire_.limits.outbound_bytes) + " bytes are queued");
    }
    queue_.push_back({std::move(message), ErrorCode::ok, {}});
    write_soon();
  }

  void close(ErrorCode code, const std::string& detail) {
    if (closing_ || finished_) return;
    closing_ = true;
    code_ = code;
    detail_ = transport::close_detail(detail);
    queue_.push_back({nullptr, code_, detail_});
    write_soon();
    later(std::chrono::seconds(1), [](SimulatedEnd& self) { self.finish(); });
  }

  void abandon() {
    handler_ = nullptr;
    if (!finished_) to_peer({nullptr, ErrorCode::link_lost, "the other end is gone"});
    drop();
  }

 private:
  struct Item {
    transport::Bytes message;  // null: the end
    ErrorCode code;
    std::string detail;
  };

  template <class Function>
  void later(SimulatedLoop::Duration delay, Function function) {
    loop_.after(delay, [self = shared_from_this(), function] { function(*self); });
  }

  void to_peer(Item item) {
    if (!peer_) return;
    loop_.after(wire_.latency, [peer = peer_, item = std::move(item)] { peer->arrive(item); });
  }

  /// Not at once: what is sent in one go is queued first, as with a socket.
  void write_soon() {
    if (std::exchange(write_due_, true)) return;
    later({}, [](SimulatedEnd& self) {
      self.write_due_ = false;
      self.write();
    });
  }

  void write() {
    while (!queue_.empty() && !finished_) {
      const std::size_t size = queue_.front().message ? queue_.front().message->size() : 0;
      if (under_way_ != 0 && under_way_ + size > wire_.window) return;
      under_way_ += size;
      queued_bytes_ -= std::min(size, queued_bytes_);
      to_peer(std::move(queue_.front()));
      queue_.pop_front();
      later({}, [](SimulatedEnd& self) { self.tell_writable(); });
    }
  }

  void arrive(const Item& item) {
    if (finished_) return;
    inbox_.push_back(item);
    if (started_ || closing_) read();
  }

  void read() {
    while (!inbox_.empty() && !finished_) {
      const Item item = std::move(inbox_.front());
      inbox_.pop_front();
      if (!item.message)
        on_peer_close(item);
      else if (!closing_)
        deliver(item.message);
    }
  }

  void deliver(const transport::Bytes& message) {
    if (message->size() > wire_.limits.message_bytes)
      return close(ErrorCode::message_too_large,
                   "a message has more than " + std::to_string(wire_.limits.message_bytes) + " bytes");
    if (peer_)
      loop_.after(wire_.latency, [peer = peer_, size = message->size()] {
        peer->under_way_ -= size;
        peer->write();
      });
    const std::span<const std::byte> bytes(*message);
    handler_->on_messages({&bytes, 1});
  }

  void on_peer_close(const Item& item) {
    if (!closing_) {
      code_ = item.code;
      detail_ = item.detail;
    }
    if (peer_) loop_.after(wire_.latency, [peer = peer_] { peer->finish(); });
    finish();
  }

  void tell_writable() {
    if (handler_ && !closing_ && !finished_)
      handler_->on_writable(wire_.send_budget - std::min(wire_.send_budget, queued_bytes_));
  }

  void tell_closed() {
    if (auto* handler = std::exchange(handler_, nullptr)) handler->on_closed(code_, detail_);
  }

  void finish() {
    if (finished_) return;
    drop();
    tell_closed();
  }

  void drop() {
    finished_ = true;
    inbox_.clear();
    queue_.clear();
    peer_.reset();  // the ends hold each other
  }

  SimulatedLoop& loop_;
  const SimulatedWire wire_;
  std::shared_ptr<SimulatedEnd> peer_;
  transport::LinkHandler* handler_ = nullptr;
  std::deque<Item> queue_;  // not left
  std::deque<Item> inbox_;  // not read
  std::size_t queued_bytes_ = 0, under_way_ = 0;
  bool started_ = false, closing_ = false, finished_ = false, write_due_ = false;
  ErrorCode code_ = ErrorCode::ok;
  std::string detail_;
};

/// What the owner holds. *loop-confined*
class SimulatedLink final : public transport::Link {
 public:
  explicit SimulatedLink(std::shared_ptr<SimulatedEnd> end) : end_(std::move(end)) {}
  ~SimulatedLink() override { end_->abandon(); }

  void start(transport::LinkHandler& handler) override { end_->start(handler); }
  void send(transport::Bytes message, bool /*more*/) override { end_->send(std::move(message)); }
  void close(ErrorCode code, const std::string& detail) override { end_->close(code, detail); }
  std::string peer() const override { return "simulated"; }

 private:
  std::shared_ptr<SimulatedEnd> end_;
};

inline std::pair<std::unique_ptr<transport::Link>, std::unique_ptr<transport::Link>> make_simulated_pair(
    SimulatedLoop& loop, const SimulatedWire& wire = {}) {
  auto one = std::make_shared<SimulatedEnd>(loop, wire), other = std::make_shared<SimulatedEnd>(loop, wire);
  one->join(other);
  other->join(one);
  return {std::make_unique<SimulatedLink>(std::move(one)), std::make_unique<SimulatedLink>(std::move(other))};
}

}  // namespace mla::test
