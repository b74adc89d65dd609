#pragma once
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "exchange/transport/close_reason.h"
#include "exchange/transport/data_frame.h"
#include "exchange/transport/link.h"
#include "exchange/transport/socket_poller.h"
#include "exchange/transport/socket_writer.h"
#include "exchange/transport/websocket_link.h"
#include "exchange/transport/websocket_stream.h"

namespace mla::transport {

/// One established WebSocket as messages: reads while its handler lives, writes at once what the socket takes, and ends once.
/// Data frames are read and written beside Beast and beside Asio, which cost more than all that follows: read when the poller
/// says so (SocketPoller), all that came at once are handed over together; written (SocketWriter), there is neither a copy nor a
/// completion for each. From the first frame on that is not simply one binary message, and once the link closes, the socket is
/// Asio's again and Beast reads; it makes all control frames. Knows neither handshakes nor what the messages say. It belongs to
/// the poller or to its pending operations; the Link that the owner holds is a handle (below) which abandons it. Instantiated
/// once per stream type, in that type's own file. In lines of the processor's caches, see the members. *loop-confined*
template <class Stream>
class alignas(64) WebsocketSession final
    : public std::enable_shared_from_this<WebsocketSession<Stream>>, public SocketUser, private FrameSink, private LateOutcome {
 public:
  WebsocketSession(std::unique_ptr<Stream> stream, WebsocketLinkOptions options)
      : socket_(boost::beast::get_lowest_layer(*stream).native_handle()), outbound_bytes_(options.outbound_bytes), send_budget_(options.send_budget),
        writer_(options.masks, SocketPoller::of(stream->get_executor()).batch(), *this), poller_(SocketPoller::of(stream->get_executor())),
        options_(std::move(options)), stream_(std::move(stream)), close_timer_(stream_->get_executor()) {
    namespace websocket = boost::beast::websocket;
    stream_->next_layer().writer = this;
    // Sizes are checked in on_read: Beast's own check would not tell our handler why while the peer keeps on
    // sending.
    stream_->read_message_max(0);
    // None of Beast's timers: signs of life are the business of the layers above, and closing has its own.
    stream_->set_option(websocket::stream_base::timeout{websocket::stream_base::none(),
                                                        websocket::stream_base::none(), false});
    stream_->control_callback([this](websocket::frame_type kind, boost::beast::string_view) {
      if (kind == websocket::frame_type::close) on_peer_close();
    });
  }
  ~WebsocketSession() { let_go(); }
  WebsocketSession(const WebsocketSession&) = delete;
  WebsocketSession& operator=(const WebsocketSession&) = delete;

  void start(LinkHandler& handler) {
    handler_ = &handler;
    boost::asio::post(stream_->get_executor(), [self = this->shared_from_this()] {
      if (self->finished_) return self->tell_closed();
      self->tell_writable();
      if (!self->finished_) self->begin();
    });
  }

  void send(Bytes message, bool more) {
    if (closing_ || finished_) return;
    const auto too_much = [&] { return writer_.queued_bytes() + message->size() > outbound_bytes_; };
    if (too_much() && writer_.gathering()) written(writer_.flush(socket()));  // what only waited for this message
    if (too_much()) {
      writer_.drop_unsent();
      return close(ErrorCode::outbound_overflow, "more than " + std::to_string(outbound_bytes_) + " bytes are queued");
    }
    told_free_ -= std::min(told_free_, message->size());
    written(writer_.send(socket(), std::move(message), more));
    // It may send on for a while before it must hear that all this has gone.
    if (told_free_ < send_budget_ / 2 && writer_.idle() && !std::exchange(telling_, true))
      boost::asio::post(stream_->get_executor(), [self = this->shared_from_this()] {
        self->telling_ = false;
        self->tell_writable();
      });
  }

  void close(ErrorCode code, const std::string& detail) {
    if (closing_ || finished_) return;
    end_soon(code, close_detail(detail));
    send_close_after_all();
  }

  /// The owner has let go: nothing is told to the handler any more.
  void abandon() {
    handler_ = nullptr;
    drop();
  }

 private:
  static constexpr std::chrono::milliseconds kCloseTime{1000};
  static constexpr std::chrono::milliseconds kCrossedCloseTime{20};
  static constexpr std::size_t kReadStep = 16 << 10;
  static constexpr std::size_t kBeastReadStep = 512;
  static constexpr std::size_t kMostTogether = 64;
  /// Room for what is handed over together. To begin it empty would cost more than to read a message, and mostly there is one.
  struct Together {
    Together() {}
    union {
      std::span<const std::byte> all[kMostTogether];
    };
  };

  /// From here the code is settled, and on_closed comes within kCloseTime whatever the peer does.
  void end_soon(ErrorCode code, std::string detail) {
    closing_ = true;
    code_ = code;
    detail_ = std::move(detail);
    finish_after(kCloseTime);
  }

  void finish_after(std::chrono::milliseconds time) {
    close_timer_.expires_after(time);
    close_timer_.async_wait([self = this->shared_from_this()](const boost::system::error_code& error) {
      if (!error) self->finish(self->code_, self->detail_);
    });
  }

  /// Beast answers the peer's close frame as soon as the message being written has left, which it may never
  /// do; the read then ends.
  void on_peer_close() {
    if (finished_) return;
    // Both sides close at once. If the peer's frame was in the buffer already, Beast's read waits for its
    // close to end and its close for the read: do not wait for either, beyond the time our own frame needs to
    // leave.
    if (closing_) return finish_after(kCrossedCloseTime);
    const auto& reason = stream_->reason();
    end_soon(from_close_code(reason.code), std::string(reason.reason.data(), reason.reason.size()));
    closed_by_peer_ = true;
  }

  auto& lowest() { return stream_->next_layer(); }

  /// From here the session reads the socket itself. What followed the handshake is here already.
  void begin() {
    if (closing_) {
      leave_to_beast();
      return read_by_beast_soon();
    }
    const std::vector<std::byte> ahead = std::exchange(lowest().ahead, {});
    incoming_.commit(boost::asio::buffer_copy(incoming_.prepare(ahead.size()), boost::asio::buffer(ahead)));
    boost::system::error_code error;
    lowest().release(error);
    if (!error) ticket_ = poller_.add(socket_, this->shared_from_this());
    if (ticket_ == 0) {  // Beast reads what can be read, and tells why that is all
      if (!error) lowest().take_back(socket_);
      leave_to_beast();
      return read_by_beast_soon();
    }
    if (!ahead.empty()) take_frames({static_cast<std::byte*>(incoming_.data().data()), incoming_.size()}, false);
  }

  Next on_socket(std::uint32_t events) final {
    constexpr std::uint32_t kEnds = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    if ((events & EPOLLOUT) != 0 && waiting_) on_room();
    if (ticket_ == 0 || (events & (EPOLLIN | kEnds)) == 0) return Next::change;
    // What is here of a frame goes before what follows it, if that costs less than the reading.
    const std::size_t here = incoming_.size();
    const bool in_room = here < kReadStep;
    std::span<std::byte> bytes = in_room ? poller_.room() : prepare();
    if (in_room && here > 0) boost::asio::buffer_copy(boost::asio::buffer(bytes.data(), here), incoming_.data());
    const auto free = in_room ? bytes.subspan(here) : bytes;
    const ssize_t size = ::recv(socket_, free.data(), free.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Next::change;
    if (size < 0 && errno == EINTR) return Next::again;
    if (size <= 0) {
      on_read_error(size == 0 ? boost::system::error_code(boost::asio::error::eof)
                              : boost::system::error_code(errno, boost::system::system_category()));
      return Next::change;
    }
    const auto got = static_cast<std::size_t>(size);
    // A read that did not fill its room has brought all there was, but for the end.
    read_on_ = got == free.size() || (events & kEnds) != 0;
    if (!in_room) {
      incoming_.commit(got);
      bytes = {static_cast<std::byte*>(incoming_.data().data()), incoming_.size()};
    } else {
      bytes = bytes.first(here + got);
    }
    take_frames(bytes, in_room);
    return next();
  }

  Next on_rest() final {
    take_frames(std::exchange(rest_, {}), true);
    return next();
  }

  Next next() const {
    if (ticket_ == 0) return Next::change;
    return !rest_.empty() ? Next::rest : read_on_ ? Next::again : Next::change;
  }

  /// Room for more of a large message. It doubles as bytes arrive; it is never made as large as the peer announces.
  std::span<std::byte> prepare() {
    const auto room = incoming_.prepare(std::max(kReadStep, std::min(missing_, incoming_.size())));
    return {static_cast<std::byte*>(room.data()), room.size()};
  }

  /// Hands over what is here whole, and keeps the rest. `in_room`: the bytes are the poller's, else they are incoming_.
  void take_frames(std::span<std::byte> bytes, bool in_room) {
    DataFrame frame;
    std::size_t taken = 0;
    taking_ = true;
    // A close that was begun goes on where this read ended.
    while (!closing_ && !finished_) {
      Together messages;
      std::size_t count = 0;
      // Mostly one whole frame has come, and nothing else: then nothing more is looked at.
      while (count < kMostTogether && taken < bytes.size()) {
        const auto rest = bytes.subspan(taken);
        frame = look_at_frame(rest, !options_.masks, options_.message_bytes);
        if (frame.kind != DataFrame::Kind::whole) break;
        std::construct_at(&messages.all[count++], unmask(rest, frame, !options_.masks));
        taken += frame.head + frame.message;
      }
      if (count > 0 && !hand_over({messages.all, count}, bytes, taken, in_room)) return;
      if (count < kMostTogether) break;
    }
    taking_ = false;
    if (in_room) {
      if (taken < bytes.size() || incoming_.size() > 0) keep(bytes.subspan(taken));
    } else {
      incoming_.consume(taken);
    }
    missing_ = frame.kind == DataFrame::Kind::part && frame.head > 0 ? frame.head + frame.message - incoming_.size() : 0;
    if (finished_) return;
    if (frame.kind == DataFrame::Kind::other || closing_) {
      leave_to_beast();
      read_by_beast_soon();
    } else if (incoming_.size() == 0 && incoming_.capacity() > 0) {
      incoming_.shrink_to_fit();
    }
  }

  /// `messages` are what `bytes` begin with up to `taken`, which ends them. False: the handler did not take all of them now, and
  /// the rest waits in the poller's room.
  bool hand_over(Messages messages, std::span<std::byte> bytes, std::size_t taken, bool in_room) {
    while (handler_ && !messages.empty() && !closing_ && !finished_) {
      const std::size_t took = handler_->on_messages(messages);
      const std::byte* const end = messages[took - 1].data() + messages[took - 1].size();
      messages = messages.subspan(took);
      if (messages.empty() || !in_room || closing_ || finished_) continue;
      const auto at = static_cast<std::size_t>(end - bytes.data());
      rest_ = bytes.subspan(at);
      mask_again(rest_.first(taken - at));
      incoming_.clear();
      taking_ = false;
      return false;
    }
    return true;
  }

  /// Frames that were unmasked, as they came: they are looked at anew.
  void mask_again(std::span<std::byte> frames) {
    if (options_.masks) return;  // what comes is not masked
    for (std::size_t at = 0; at < frames.size();) {
      const DataFrame frame = look_at_frame(frames.subspan(at), true, options_.message_bytes);
      unmask(frames.subspan(at), frame, true);  // the same once more
      at += frame.head + frame.message;
    }
  }

  /// Of what is in the poller's room, and instead of what was kept before.
  void keep(std::span<const std::byte> rest) {
    incoming_.clear();
    incoming_.commit(boost::asio::buffer_copy(incoming_.prepare(rest.size()), boost::asio::buffer(rest.data(), rest.size())));
  }

  /// From the frame on that begins in the buffer.
  void leave_to_beast() {
    if (std::exchange(beast_reads_, true)) return;
    if (!rest_.empty()) keep(std::exchange(rest_, {}));
    if (ticket_ != 0) {
      poller_.remove(socket_, std::exchange(ticket_, 0));
      lowest().take_back(socket_);
      if (waiting_) wait_for_room();
    }
    const auto* const begin = static_cast<const std::byte*>(incoming_.data().data());
    lowest().ahead.insert(lowest().ahead.end(), begin, begin + incoming_.size());
    incoming_.clear();
  }

  /// In the next turn: what was handed over may make the owner close in this one, and Beast's read, when it fails, and its close
  /// may wait for each other.
  void read_by_beast_soon() {
    boost::asio::post(stream_->get_executor(), [self = this->shared_from_this()] {
      if (!self->finished_ && !self->close_sent_) self->read_by_beast();
    });
  }

  void read_by_beast() {
    const std::size_t step = std::max(kBeastReadStep, incoming_.size());
    const std::size_t room = options_.message_bytes + 1 - incoming_.size();
    stream_->async_read_some(incoming_, std::min(step, room),
                             [self = this->shared_from_this()](boost::system::error_code error, std::size_t) {
                               self->on_read(error);
                             });
  }

  void on_read(const boost::system::error_code& error) {
    if (finished_) return;
    if (error) return on_read_error(error);
    if (!closing_) {
      if (stream_->got_text())
        close(ErrorCode::text_message, "a text message came, only binary ones are spoken here");
      else if (incoming_.size() > options_.message_bytes) {
        close(ErrorCode::message_too_large,
              "a message has more than " + std::to_string(options_.message_bytes) + " bytes");
      }
    }
    if (closing_) {
      incoming_.clear();  // what still comes before the peer's close frame is not for anybody
    } else if (stream_->is_message_done()) {
      const auto bytes = incoming_.cdata();
      const std::span<const std::byte> message(static_cast<const std::byte*>(bytes.data()), bytes.size());
      if (handler_) handler_->on_messages({&message, 1});
      incoming_.clear();
      if (incoming_.capacity() > kBeastReadStep) incoming_.shrink_to_fit();
      if (finished_) return;
    }
    // Beast's close reads by itself, up to the peer's close frame; a read begun meanwhile would start from the
    // middle of what that one has taken apart.
    if (!close_sent_) read_by_beast();
  }

  void on_read_error(const boost::system::error_code& error) {
    namespace websocket = boost::beast::websocket;
    if (closing_) {
      // Our own close frame may still be on its way out; whoever sends it ends the session.
      if (closed_by_peer_ || error != websocket::error::closed) finish(code_, detail_);
    } else if (error == websocket::condition::protocol_violation) {
      finish(ErrorCode::bad_frame, error.message());
    } else {
      finish(ErrorCode::link_lost, error.message());
    }
  }

  int socket() const { return socket_; }

  void write(std::vector<std::byte> frame, SocketWriter::Done done) override {
    written(writer_.append(socket(), std::move(frame), std::move(done)));
  }

  void written(SocketWriter::Outcome outcome) {
    if (outcome != SocketWriter::Outcome::blocked || std::exchange(waiting_, true)) return;
    if (ticket_ == 0) wait_for_room();
  }

  void on_late(SocketWriter::Outcome outcome) override { written(outcome); }

  void wait_for_room() {
    boost::beast::get_lowest_layer(*stream_).async_wait(
        boost::asio::socket_base::wait_write,
        [self = this->shared_from_this()](const boost::system::error_code& error) {
          if (!error) self->on_room();  // else the socket is closed, or the poller waits from now on
        });
  }

  void on_room() {
    waiting_ = false;
    if (finished_) return;
    const SocketWriter::Outcome outcome = writer_.flush(socket());
    if (outcome == SocketWriter::Outcome::failed) {
      // The read tells why; it ends by itself when the connection is gone.
      if (closing_) finish(code_, detail_);
      return;
    }
    written(outcome);
    if (closing_) return send_close_after_all();
    tell_writable();
  }

  /// What was sent before leaves first.
  void send_close_after_all() {
    if (writer_.idle() && !close_sent_ && !closed_by_peer_) send_close();
  }

  void send_close() {
    close_sent_ = true;
    if (!taking_) leave_to_beast();  // else when all that came has been taken
    boost::beast::websocket::close_reason reason;
    reason.code = to_close_code(code_);
    reason.reason.assign(detail_.data(), detail_.size());
    stream_->async_close(reason, [self = this->shared_from_this()](boost::system::error_code) {
      self->finish(self->code_, self->detail_);
    });
  }

  void tell_writable() {
    if (!handler_ || closing_) return;
    told_free_ = send_budget_ - std::min(send_budget_, writer_.queued_bytes());
    handler_->on_writable(told_free_);
  }

  void tell_closed() {
    if (auto* handler = std::exchange(handler_, nullptr)) handler->on_closed(code_, detail_);
  }

  /// Only from completions, so that on_closed never comes from inside a call of the owner.
  void finish(ErrorCode code, const std::string& detail) {
    if (finished_) return;
    if (!closing_) {
      code_ = code;
      detail_ = detail;
    }
    drop();
    tell_closed();
  }

  void drop() {
    finished_ = true;
    close_timer_.cancel();
    writer_.abort();
    let_go();
    boost::system::error_code ignored;
    boost::beast::get_lowest_layer(*stream_).close(ignored);
  }

  /// Of a socket that is not Asio's.
  void let_go() {
    if (ticket_ == 0) return;
    poller_.remove(socket_, std::exchange(ticket_, 0));
    ::close(socket_);
  }

  // What a message that is sent has to do with, in two lines: of a thousand links none is in the processor's near caches.
  bool telling_ = false;   // a task to tell the handler what it may send is under way
  bool waiting_ = false;   // until the socket takes more
  bool closing_ = false;   // either side closes; code_ and detail_ are final
  bool finished_ = false;
  const int socket_;  // open until drop(), after which nothing is written
  std::size_t told_free_ = 0;  // as the handler believes
  const std::size_t outbound_bytes_, send_budget_;
  SocketWriter writer_;

  // And one that comes, in two more.
  alignas(64) SocketPoller& poller_;
  SocketPoller::Ticket ticket_ = 0;  // while the session reads; the socket is not Asio's then
  LinkHandler* handler_ = nullptr;
  std::size_t missing_ = 0;  // of the frame that has begun in incoming_
  std::span<std::byte> rest_;  // of the poller's room: what the handler is to have next
  bool read_on_ = false;       // the last read may have left something
  bool taking_ = false;       // what was read is being handed over
  bool beast_reads_ = false;  // and will, from now on
  bool close_sent_ = false;  // or being sent: Beast reads what still comes
  bool closed_by_peer_ = false;
  boost::beast::flat_buffer incoming_;  // what has come of a frame; once Beast reads, of the message that it reads
  const WebsocketLinkOptions options_;

  std::unique_ptr<Stream> stream_;
  ErrorCode code_ = ErrorCode::ok;
  std::string detail_;
  boost::asio::steady_timer close_timer_;
};

/// What the owner holds of a session. *loop-confined*
template <class Stream>
class WebsocketLink final : public Link {
 public:
  WebsocketLink(std::unique_ptr<Stream> stream, WebsocketLinkOptions options, std::string peer)
      : token_(std::move(options.token)), peer_(std::move(peer)) {
    session_ = std::make_shared<WebsocketSession<Stream>>(std::move(stream), std::move(options));
  }
  ~WebsocketLink() override { session_->abandon(); }

  const void* place() const override { return session_.get(); }
  void start(LinkHandler& handler) override { session_->start(handler); }
  void send(Bytes message, bool more) override { session_->send(std::move(message), more); }
  void close(ErrorCode code, const std::string& detail) override { session_->close(code, detail); }
  std::string peer() const override { return peer_; }

 private:
  std::shared_ptr<WebsocketSession<Stream>> session_;  // first: every message passes here
  std::shared_ptr<void> token_;
  std::string peer_;
};

}  // namespace mla::transport
