#include "exchange/runtime/reactor_descriptor.h"

#include <boost/asio/detail/reactor.hpp>

namespace mla::runtime {
namespace {

// Asio keeps the descriptor to itself, and nothing else tells a foreign loop when this one has work: a thread
// that waits would break the promise that a manual runtime has none, and a second epoll would have to hear of
// every socket. An explicit instantiation may name what is private; should Asio rename it, this no longer
// compiles.
template <auto Member>
struct Opened {
  friend int descriptor_of(const boost::asio::detail::epoll_reactor& reactor) { return reactor.*Member; }
};
int descriptor_of(const boost::asio::detail::epoll_reactor& reactor);
template struct Opened<&boost::asio::detail::epoll_reactor::epoll_fd_>;

}  // namespace

int reactor_descriptor(boost::asio::io_context& loop) {
  return descriptor_of(boost::asio::use_service<boost::asio::detail::epoll_reactor>(loop));
}

}  // namespace mla::runtime
