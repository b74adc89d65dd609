#pragma once
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>

namespace mla::transport {

/// Where links live: a loop that one thread runs. Named by its type, since an erased one (Asio's default) took a twentieth of
/// what it costs to receive a state.
using LoopExecutor = boost::asio::io_context::executor_type;

template <class Protocol>
using StreamSocket = boost::asio::basic_stream_socket<Protocol, LoopExecutor>;

}  // namespace mla::transport
