#include "exchange/transport/socket_poller.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace mla::transport {
namespace {

std::uint32_t index_of(SocketPoller::Ticket ticket) {
  return static_cast<std::uint32_t>(ticket);
}
std::uint32_t generation_of(SocketPoller::Ticket ticket) {
  return static_cast<std::uint32_t>(ticket >> 32);
}

/// For who may not use io_uring, and whose system says so by ending the process.
bool may_use_ring() {
  const char* const said = std::getenv("MLA_IO_URING");
  return !said || std::string_view(said) != "0";
}

}  // namespace

boost::asio::execution_context::id SocketPoller::id;

SocketPoller& SocketPoller::of(const LoopExecutor& loop) {
  return boost::asio::use_service<SocketPoller>(loop.context());
}

SocketPoller::SocketPoller(boost::asio::execution_context& loop)
    : service(loop), in_loop_(static_cast<boost::asio::io_context&>(loop).get_executor()), batch_(may_use_ring()) {}

SocketPoller::~SocketPoller() {
  if (epoll_ >= 0 && !in_loop_.is_open()) ::close(epoll_);
}

/// The loop goes, and with it who was kept for it.
void SocketPoller::shutdown() {
  auto slots = std::exchange(slots_, {});
  ready_.clear();
  again_.clear();
  next_ = 0;
  rest_ = false;
}

bool SocketPoller::open() {
  if (epoll_ >= 0) return true;
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return false;
  if (by_hand_) return true;
  boost::system::error_code error;
  in_loop_.assign(epoll_, error);
  if (!error) return true;
  ::close(std::exchange(epoll_, -1));
  return false;
}

bool SocketPoller::by_hand(int other) {
  by_hand_ = true;
  if (!open()) return false;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kOther;
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, other, &event) == 0;
}

SocketPoller::Ticket SocketPoller::add(int socket, std::shared_ptr<SocketUser> user) {
  if (!open()) return 0;
  room_.resize(kRoom);
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  Slot& slot = slots_[index];
  const Ticket ticket = std::uint64_t{++slot.generation} << 32 | index;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = ticket;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) return 0;
  free_.pop_back();
  slot.user = std::move(user);
  if (!by_hand_) wait();
  return ticket;
}

void SocketPoller::remove(int socket, Ticket ticket) {
  const std::uint32_t index = index_of(ticket);
  if (index >= slots_.size() || slots_[index].generation != generation_of(ticket)) return;  // the loop goes
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
  auto user = std::exchange(slots_[index].user, {});
  free_.push_back(index);
  if (called_ == ticket) leaving_ = std::move(user);
  // A wait that nobody needs would keep the loop from running out of work.
  if (waiting_ && free_.size() == slots_.size()) in_loop_.cancel();
}

bool SocketPoller::look() {
  if (ready()) return true;
  const int found = ::epoll_wait(epoll_, found_.data(), static_cast<int>(found_.size()), 0);
  full_ = found == static_cast<int>(found_.size());
  ready_.clear();
  other_ready_ = false;
  for (int i = 0; i < found; ++i)
    if (found_[static_cast<std::size_t>(i)].data.u64 == kOther)
      other_ready_ = true;
    else
      ready_.push_back(found_[static_cast<std::size_t>(i)]);
  ready_.insert(ready_.end(), again_.begin(), again_.end());
  again_.clear();
  next_ = 0;
  return ready();
}

std::size_t SocketPoller::turn(std::size_t most) {
  if (calling_) return 0;  // from within a call, which has the room
  calling_ = true;
  std::size_t calls = 0;
  for (; calls < most && ready(); ++calls) {
    const bool rest = std::exchange(rest_, false);
    const epoll_event event = rest ? rest_of_ : ready_[next_++];
    const std::uint32_t index = index_of(event.data.u64);
    Slot& slot = slots_[index];
    if (!slot.user || slot.generation != generation_of(event.data.u64)) continue;
    called_ = event.data.u64;
    const SocketUser::Next next = rest ? slot.user->on_rest() : slot.user->on_socket(event.events);
    if (next == SocketUser::Next::again) again_.push_back(event);
    if (next == SocketUser::Next::rest) {
      rest_ = true;
      rest_of_ = event;
    }
    called_ = 0;
    leaving_.reset();
  }
  calling_ = false;
  return calls;
}

void SocketPoller::wait() {
  if (std::exchange(waiting_, true)) return;
  in_loop_.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](const boost::system::error_code&) {
    waiting_ = false;
    on_readable();
  });
}

void SocketPoller::on_readable() {
  if (look()) turn(SIZE_MAX);
  if (free_.size() == slots_.size()) return;
  if (again_.empty()) return wait();
  waiting_ = true;
  boost::asio::post(in_loop_.get_executor(), [this] {
    waiting_ = false;
    on_readable();
  });
}

}  // namespace mla::transport
