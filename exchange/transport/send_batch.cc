#include "exchange/transport/send_batch.h"

#include <liburing.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "exchange/transport/data_frame.h"

namespace mla::transport {

/// Nothing is under way in it between two calls: with MSG_DONTWAIT each send has its answer when it has been submitted.
struct SendBatch::Ring {
  // A send that fails is no reason to leave out those behind it.
  Ring() : open(::io_uring_queue_init(kMost, &ring, IORING_SETUP_SUBMIT_ALL) == 0) {}
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() {
    if (open) ::io_uring_queue_exit(&ring);
  }
  io_uring ring{};
  const bool open;
};

SendBatch::SendBatch(bool by_ring) : try_ring_(by_ring) {}
SendBatch::~SendBatch() = default;

const SendBatch::Joined& SendBatch::join(Bytes& message) {
  if (!joined_.empty() && joined_.back().message == message) return joined_.back();
  const std::size_t end = joined_.empty() ? 0 : joined_.back().at + joined_.back().size;
  const bool full = end + kMostHead + message->size() > kBytes;
  if (full) flush();
  if (full || entries_.empty()) joined_.clear();
  const std::size_t at = joined_.empty() ? 0 : end;
  std::byte* const body = put_head(bytes_.data() + at, message->size(), false);
  const auto size = std::copy(message->begin(), message->end(), body) - (bytes_.data() + at);
  return joined_.emplace_back(Joined{std::move(message), static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(size)});
}

SendBatch::Sent SendBatch::send(int socket, Bytes& message) {
  const auto whole = bytes(join(message));
  const ssize_t sent = ::send(socket, whole.data(), whole.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return {sent == static_cast<ssize_t>(whole.size()), sent, errno};
}

std::uint32_t SendBatch::add(int socket, Bytes& message, BatchUser& user) {
  if (entries_.size() == kMost) flush();
  join(message);
  entries_.push_back({&user, socket, static_cast<std::uint32_t>(joined_.size() - 1)});
  return round_;
}

void SendBatch::flush() {
  if (entries_.empty()) return;
  if (++round_ == 0) round_ = 1;
  const std::size_t by_ring = entries_.size() >= kFew ? send_by_ring() : 0;
  send_each(std::span(entries_).subspan(by_ring));
  for (const Entry& entry : entries_)
    if (const Joined& joined = joined_[entry.joined]; entry.sent != static_cast<ssize_t>(joined.size))
      entry.user->on_not_taken(joined.message, entry.sent, entry.error);
  entries_.clear();
  if (joined_.size() > 1) joined_.clear();
}

void SendBatch::send_each(std::span<Entry> entries) {
  for (Entry& entry : entries) {
    const auto whole = bytes(joined_[entry.joined]);
    entry.sent = ::send(entry.socket, whole.data(), whole.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    entry.error = entry.sent < 0 ? errno : 0;
  }
}

/// How many it has sent, from the first on.
std::size_t SendBatch::send_by_ring() {
  if (std::exchange(try_ring_, false)) {
    ring_ = std::make_unique<Ring>();
    if (!ring_->open) ring_.reset();
  }
  if (!ring_) return 0;
  io_uring& ring = ring_->ring;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const auto whole = bytes(joined_[entries_[i].joined]);
    io_uring_sqe* const sqe = ::io_uring_get_sqe(&ring);
    ::io_uring_prep_send(sqe, entries_[i].socket, whole.data(), whole.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::io_uring_sqe_set_data64(sqe, i);
  }
  const int submitted = ::io_uring_submit(&ring);
  const auto count = static_cast<std::size_t>(std::max(submitted, 0));
  for (std::size_t i = 0; i < count; ++i) {
    io_uring_cqe* cqe = nullptr;
    while (::io_uring_wait_cqe(&ring, &cqe) == -EINTR) {}
    if (!cqe) break;  // cannot be; who was not answered for has lost its connection
    Entry& entry = entries_[cqe->user_data];
    entry.sent = cqe->res < 0 ? -1 : cqe->res;
    entry.error = cqe->res < 0 ? -cqe->res : 0;
    ::io_uring_cqe_seen(&ring, cqe);
  }
  if (count < entries_.size()) ring_.reset();  // the system is out of something: what waits in the ring is sent without it
  return count;
}

}  // namespace mla::transport
