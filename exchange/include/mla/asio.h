#pragma once
#include <mla/contract.h>
#include <mla/sink.h>
#include <mla/stream.h>
#include <mla/wait.h>

#include <atomic>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <utility>

// Waiting with Asio's completion tokens (Boost 1.81 or newer): `co_await stream.async_next(use_awaitable)`. The
// one header of MLA that needs Boost; whoever includes it links Boost himself. One handle, one wait: beside a
// waiting thread or another async_next() it completes with `busy`. Cancellation (any type) completes it with
// `cancelled`, and takes nothing. It does not keep its contract: when the last handle of that goes, it
// completes with `ended`. An io_context must not go before what waits on it. Signature: void(mla::Next<T>).
namespace mla::detail {

/// One wait under way. It belongs to what it waits on, or to what is posted. *thread-safe*
template <class T, class Handler>
class AsyncNext : public std::enable_shared_from_this<AsyncNext<T, Handler>> {
 public:
  AsyncNext(AsyncSource<T> source, Handler handler)
      : source_(std::move(source)),
        handler_(std::move(handler)),
        work_(boost::asio::make_work_guard(boost::asio::get_associated_executor(handler_))) {}

  void start() {
    if (auto slot = boost::asio::get_associated_cancellation_slot(handler_); slot.is_connected())
      slot.assign([weak = this->weak_from_this()](boost::asio::cancellation_type type) {
        if (auto self = weak.lock(); self && type != boost::asio::cancellation_type::none) self->cancel();
      });
    reserved_ = source_.reserve(this);
    // Taken where it is completed, so that nothing is taken for a wait that is cancelled before.
    post([](AsyncNext& self) { self.look(); });
  }

 private:
  template <class F>
  void post(F f) {
    boost::asio::post(work_.get_executor(), [self = this->shared_from_this(), f] { f(*self); });
  }

  void look() {
    if (!reserved_) return complete(WaitStatus::busy);
    if (cancelled_) return complete(WaitStatus::cancelled);
    Next<T> got = source_.take_or_arm(this, [self = this->shared_from_this()] {
      self->post([](AsyncNext& next) { next.look(); });
    });
    if (got.status() != WaitStatus::timed_out) return complete(std::move(got));
    if (cancelled_ && source_.disarm(this)) complete(WaitStatus::cancelled);  // meanwhile
  }

  void cancel() {
    if (cancelled_.exchange(true) || !source_.disarm) return;  // again, or done
    if (source_.disarm(this)) post([](AsyncNext& self) { self.complete(WaitStatus::cancelled); });
  }

  void complete(Next<T> got) {
    auto handler = std::move(handler_);
    if (reserved_) source_.release(this);
    source_ = {};
    work_.reset();
    std::move(handler)(std::move(got));
  }

  AsyncSource<T> source_;
  Handler handler_;
  boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler>> work_;
  bool reserved_ = false;
  std::atomic<bool> cancelled_{false};
};

template <class T, class Token>
auto async_next(AsyncSource<T> source, Token&& token) {
  return boost::asio::async_initiate<Token, void(Next<T>)>(
      [](auto handler, AsyncSource<T> from) {
        std::make_shared<AsyncNext<T, decltype(handler)>>(std::move(from), std::move(handler))->start();
      },
      token, std::move(source));
}

}  // namespace mla::detail

namespace mla {

template <class Token>
auto StateStream::async_next(Token&& token) {
  return detail::async_next(source(), std::forward<Token>(token));
}
template <class Token>
auto ObserveContract::async_next(Token&& token) {
  return detail::async_next(source(), std::forward<Token>(token));
}
template <class Token>
auto ObserveContract::async_next_event(Token&& token) {
  return detail::async_next(event_source(), std::forward<Token>(token));
}
template <class Token>
auto ExposeContract::async_next(Token&& token) {
  return detail::async_next(source(), std::forward<Token>(token));
}
template <class Token>
auto ExposeContract::async_next_event(Token&& token) {
  return detail::async_next(event_source(), std::forward<Token>(token));
}
template <class Token>
auto StateSink::async_end(Token&& token) {
  return detail::async_next(source(), std::forward<Token>(token));
}

}  // namespace mla
