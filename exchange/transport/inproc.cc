#include "exchange/transport/inproc.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <string>

#include "exchange/transport/close_reason.h"

namespace mla::transport {
namespace {

constexpr std::chrono::seconds kCloseTime{1};

// One end. Its members are touched on its own loop only; what concerns the other end is posted there, and
// posts from one loop to another arrive in order. *loop-confined*
class End : public std::enable_shared_from_this<End> {
 public:
  End(const LoopExecutor& executor, const InprocOptions& options)
      : executor_(executor), options_(options), close_timer_(executor) {}

  void join(std::shared_ptr<End> peer) { peer_ = std::move(peer); }

  void start(LinkHandler& handler) {
    handler_ = &handler;
    boost::asio::post(executor_, [self = shared_from_this()] {
      if (self->finished_) return self->tell_closed();
      self->tell_writable();
      self->started_ = true;
      self->pump();
    });
  }

  void send(Bytes message) {
    if (closing_ || finished_) return;
    queued_bytes_ += message->size();
    if (queued_bytes_ > options_.limits.outbound_bytes) {
      return close(ErrorCode::outbound_overflow,
                   "more than " + std::to_string(options_.limits.outbound_bytes) + " bytes are queued");
    }
    post_to_peer([message = std::move(message)](End& peer) { peer.receive({message, ErrorCode::ok, {}}); });
  }

  void close(ErrorCode code, const std::string& detail) {
    if (closing_ || finished_) return;
    closing_ = true;
    code_ = code;
    detail_ = close_detail(detail);
    post_to_peer([code, text = detail_](End& peer) { peer.receive({nullptr, code, text}); });
    close_timer_.expires_after(kCloseTime);
    close_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) self->finish();
    });
  }

  void abandon() {
    handler_ = nullptr;
    if (!closing_)
      post_to_peer([](End& peer) { peer.receive({nullptr, ErrorCode::link_lost, "the other end is gone"}); });
    drop();
  }

 private:
  struct Item {
    Bytes message;  // null: the peer closes
    ErrorCode code;
    std::string detail;
  };

  template <class Function>
  void post_to_peer(Function function) {
    if (peer_)
      boost::asio::post(peer_->executor_,
                        [peer = peer_, function = std::move(function)] { function(*peer); });
  }

  void receive(Item item) {
    if (finished_) return;
    inbox_.push_back(std::move(item));
    if (started_ || closing_) pump();
  }

  void pump() {
    while (!inbox_.empty() && !finished_) {
      const Item item = std::move(inbox_.front());
      inbox_.pop_front();
      if (!item.message)
        on_peer_close(item);
      else if (!closing_)
        deliver(item.message);
    }
  }

  void deliver(const Bytes& message) {
    if (message->size() > options_.limits.message_bytes) {
      return close(ErrorCode::message_too_large,
                   "a message has more than " + std::to_string(options_.limits.message_bytes) + " bytes");
    }
    const std::span<const std::byte> bytes(*message);
    handler_->on_messages({&bytes, 1});
    post_to_peer([size = message->size()](End& peer) { peer.on_taken(size); });
  }

  void on_peer_close(const Item& item) {
    if (!closing_) {
      code_ = item.code;
      detail_ = item.detail;
    }
    post_to_peer([](End& peer) { peer.finish(); });
    finish();
  }

  void on_taken(std::size_t size) {
    queued_bytes_ -= size;
    if (!closing_ && !finished_) tell_writable();
  }

  void tell_writable() {
    if (handler_ && !closing_)
      handler_->on_writable(options_.send_budget - std::min(options_.send_budget, queued_bytes_));
  }

  void tell_closed() {
    if (auto* handler = std::exchange(handler_, nullptr)) handler->on_closed(code_, detail_);
  }

  /// Only from posted work, so that on_closed never comes from inside a call of the owner.
  void finish() {
    if (finished_) return;
    drop();
    tell_closed();
  }

  void drop() {
    finished_ = true;
    close_timer_.cancel();
    inbox_.clear();
    peer_.reset();  // the ends hold each other
  }

  LoopExecutor executor_;
  const InprocOptions options_;
  std::shared_ptr<End> peer_;
  LinkHandler* handler_ = nullptr;
  std::deque<Item> inbox_;        // until started
  std::size_t queued_bytes_ = 0;  // sent, not yet taken
  bool started_ = false;
  bool closing_ = false;  // close() was called; code_ and detail_ are final
  bool finished_ = false;
  ErrorCode code_ = ErrorCode::ok;
  std::string detail_;
  boost::asio::steady_timer close_timer_;
};

class InprocLink final : public Link {
 public:
  explicit InprocLink(std::shared_ptr<End> end) : end_(std::move(end)) {}
  ~InprocLink() override { end_->abandon(); }

  void start(LinkHandler& handler) override { end_->start(handler); }
  void send(Bytes message, bool /*more*/) override { end_->send(std::move(message)); }
  void close(ErrorCode code, const std::string& detail) override { end_->close(code, detail); }
  std::string peer() const override { return "inproc"; }

 private:
  std::shared_ptr<End> end_;
};

}  // namespace

std::pair<std::unique_ptr<Link>, std::unique_ptr<Link>> make_inproc_pair(LoopExecutor first,
                                                                         LoopExecutor second,
                                                                         const InprocOptions& options) {
  auto one = std::make_shared<End>(first, options);
  auto other = std::make_shared<End>(second, options);
  one->join(other);
  other->join(one);
  return {std::make_unique<InprocLink>(std::move(one)), std::make_unique<InprocLink>(std::move(other))};
}

}  // namespace mla::transport
