#include "exchange/runtime/asio_inside.h"

#include <boost/asio/detail/reactor.hpp>
#include <boost/asio/detail/scheduler.hpp>

namespace mla::runtime {
namespace {

namespace inside = boost::asio::detail;

// Nothing else tells a foreign loop when this one has work: a thread that waits would break the promise that a manual runtime has
// none, and a second epoll would have to hear of every socket; and to ask Asio itself whether something was posted takes a look at
// its sockets, which costs as much as a message. An explicit instantiation may name what is private; should Asio rename it, this
// no longer compiles.
template <auto Descriptor>
struct OpenedReactor {
  friend int descriptor_of(const inside::epoll_reactor& reactor) { return reactor.*Descriptor; }
};
int descriptor_of(const inside::epoll_reactor& reactor);
template struct OpenedReactor<&inside::epoll_reactor::epoll_fd_>;

struct Waiting {
  inside::conditionally_enabled_mutex& mutex;
  inside::op_queue<inside::scheduler_operation>& queue;
  inside::scheduler_operation* look_at_sockets;  // stands among the others
};
template <auto Mutex, auto Queue, auto Task>
struct OpenedScheduler {
  friend Waiting waiting_in(inside::scheduler& scheduler) { return {scheduler.*Mutex, scheduler.*Queue, &(scheduler.*Task)}; }
};
Waiting waiting_in(inside::scheduler& scheduler);
template struct OpenedScheduler<&inside::scheduler::mutex_, &inside::scheduler::op_queue_, &inside::scheduler::task_operation_>;

}  // namespace

int reactor_descriptor(boost::asio::io_context& loop) {
  return descriptor_of(boost::asio::use_service<inside::epoll_reactor>(loop));
}

bool has_posted(boost::asio::io_context& loop) {
  const Waiting waiting = waiting_in(boost::asio::use_service<inside::scheduler>(loop));
  inside::conditionally_enabled_mutex::scoped_lock lock(waiting.mutex);
  auto* const first = waiting.queue.front();
  return first && (first != waiting.look_at_sockets || inside::op_queue_access::next(first));
}

}  // namespace mla::runtime
