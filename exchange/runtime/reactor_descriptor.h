#pragma once
#include <boost/asio/io_context.hpp>

namespace mla::runtime {

/// The epoll descriptor of a loop, which must have had a timer or a socket before. Readable when one of the
/// loop's sockets is ready or its next timer is due; not for what is posted.
int reactor_descriptor(boost::asio::io_context& loop);

}  // namespace mla::runtime
