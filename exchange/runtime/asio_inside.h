#pragma once
#include <boost/asio/io_context.hpp>

// What Asio keeps to itself, and whoever drives a loop by hand must know.
namespace mla::runtime {

/// The epoll descriptor of a loop, which must have had a timer or a socket before. Readable when one of the
/// loop's sockets is ready or its next timer is due; not for what is posted.
int reactor_descriptor(boost::asio::io_context& loop);

/// Whether handlers wait to be called: what was posted, and what has completed. *thread-safe*
bool has_posted(boost::asio::io_context& loop);

}  // namespace mla::runtime
