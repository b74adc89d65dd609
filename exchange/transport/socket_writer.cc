#include "exchange/transport/socket_writer.h"

#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "exchange/transport/data_frame.h"

namespace mla::transport {

namespace {

constexpr std::size_t kMostParts = 64;  // in one call of sendmsg

}  // namespace

std::array<std::byte, 4> SocketWriter::mask() {
  std::array<std::byte, 4> key;
  if (random_left_ < key.size()) {
    if (!random_) random_ = std::make_unique<std::array<std::byte, 64>>();
    std::size_t got = 0;
    while (got < random_->size()) {  // so few bytes come whole, but for a signal before the kernel's pool is ready
      const ssize_t n = ::getrandom(random_->data() + got, random_->size() - got, 0);
      if (n > 0) got += static_cast<std::size_t>(n);
    }
    random_left_ = random_->size();
  }
  random_left_ -= key.size();
  std::memcpy(key.data(), random_->data() + random_left_, key.size());
  return key;
}

SocketWriter::Frame SocketWriter::make(Bytes message) {
  Frame frame;
  std::byte* at = put_head(frame.head.data(), message->size(), masks_);
  if (masks_) {
    const auto key = mask();
    at = std::copy(key.begin(), key.end(), at);
    frame.own.resize(message->size());
    apply_mask(key, *message, frame.own.data());
  }
  frame.head_size = static_cast<std::size_t>(at - frame.head.data());
  frame.counted = message->size();
  if (!masks_) frame.message = std::move(message);
  return frame;
}

SocketWriter::Outcome SocketWriter::send(int socket, Bytes message, bool more) {
  leave_batch();
  if (more || gathering_) return gather(socket, make(std::move(message)), more);
  if (masks_ || failed_ || !queue_.empty() || message->size() > SendBatch::kMostBytes) return add(socket, make(std::move(message)));
  // What hundreds of links are told at once is small, and the kernel takes it whole: no frame is made of it.
  if (batch_.gathering()) {
    round_ = batch_.add(socket, message, *this);
    return Outcome::idle;
  }
  const auto [whole, sent, error] = batch_.send(socket, message);
  return whole ? Outcome::idle : keep(make(batch_.message()), sent, error);
}

/// What was said before goes before what follows.
void SocketWriter::leave_batch() {
  if (round_ == batch_.round()) batch_.flush();
}

void SocketWriter::on_not_taken(Bytes message, ssize_t sent, int error) {
  late_.on_late(keep(make(std::move(message)), sent, error));
}

SocketWriter::Outcome SocketWriter::append(int socket, std::vector<std::byte> bytes, Done done) {
  leave_batch();
  Frame frame;
  frame.own = std::move(bytes);
  frame.done = std::move(done);
  return add(socket, std::move(frame));
}

ssize_t SocketWriter::try_now(int socket, const Frame& frame) {
  const auto head = std::span(frame.head).first(frame.head_size);
  const auto body = frame.body();
  std::array<std::byte, SendBatch::kMostBytes> joined;
  if (head.size() + body.size() <= joined.size()) {  // one part costs the kernel less than what the copy does
    std::copy(body.begin(), body.end(), std::copy(head.begin(), head.end(), joined.begin()));
    return ::send(socket, joined.data(), head.size() + body.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  iovec parts[2] = {{const_cast<std::byte*>(head.data()), head.size()}, {const_cast<std::byte*>(body.data()), body.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  return ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

SocketWriter::Outcome SocketWriter::add(int socket, Frame frame) {
  if (failed_) {
    if (frame.done) frame.done(false);
    return Outcome::failed;
  }
  if (!queue_.empty()) {  // the socket has said that it takes no more
    queued_bytes_ += frame.counted;
    queue_.push_back(std::move(frame));
    return Outcome::blocked;
  }
  // The usual case: it goes at once, and nothing is kept.
  const ssize_t sent = try_now(socket, frame);
  if (sent == static_cast<ssize_t>(frame.size())) {
    if (frame.done) frame.done(true);
    return Outcome::idle;
  }
  return keep(std::move(frame), sent, errno);
}

SocketWriter::Outcome SocketWriter::gather(int socket, Frame frame, bool more) {
  if (failed_) return Outcome::failed;
  const bool blocked = !queue_.empty() && !gathering_;
  queued_bytes_ += frame.counted;
  queue_.push_back(std::move(frame));
  if (blocked) return Outcome::blocked;
  gathering_ = true;
  return more ? Outcome::idle : flush(socket);
}

/// What the kernel has not taken whole, if any of it: `sent` is what it answered.
SocketWriter::Outcome SocketWriter::keep(Frame frame, ssize_t sent, int error) {
  if (sent > 0) frame.sent = static_cast<std::size_t>(sent);
  const bool lost = sent < 0 && error != EAGAIN && error != EWOULDBLOCK && error != EINTR;
  queued_bytes_ += frame.counted;
  queue_.push_back(std::move(frame));
  if (!lost) return Outcome::blocked;
  abort();
  return Outcome::failed;
}

SocketWriter::Outcome SocketWriter::flush(int socket) {
  gathering_ = false;
  while (!queue_.empty()) {
    iovec parts[kMostParts];
    std::size_t count = 0;
    for (auto it = queue_.begin(); it != queue_.end() && count + 2 <= kMostParts; ++it) {
      const std::size_t of_head = std::min(it->sent, it->head_size), of_body = it->sent - of_head;
      if (of_head < it->head_size) parts[count++] = {it->head.data() + of_head, it->head_size - of_head};
      const auto body = it->body().subspan(of_body);
      if (!body.empty()) parts[count++] = {const_cast<std::byte*>(body.data()), body.size()};
    }
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = count;
    const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return Outcome::blocked;
      abort();
      return Outcome::failed;
    }
    std::size_t left = static_cast<std::size_t>(sent);
    while (!queue_.empty() && queue_.front().size() - queue_.front().sent <= left) {
      Frame gone = std::move(queue_.front());
      queue_.pop_front();
      left -= gone.size() - gone.sent;
      queued_bytes_ -= gone.counted;
      if (gone.done) gone.done(true);
    }
    if (!queue_.empty()) queue_.front().sent += left;
  }
  return Outcome::idle;
}

void SocketWriter::drop_unsent() {
  for (auto it = queue_.begin(); it != queue_.end();) {
    if (it->sent > 0 || it->done) {
      ++it;
      continue;
    }
    queued_bytes_ -= it->counted;
    it = queue_.erase(it);
  }
}

void SocketWriter::abort() {
  leave_batch();
  failed_ = true;
  const std::list<Frame> left = std::exchange(queue_, {});
  queued_bytes_ = 0;
  for (const Frame& frame : left)
    if (frame.done) frame.done(false);
}

}  // namespace mla::transport
