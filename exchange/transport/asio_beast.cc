// The compiled halves of Asio and Beast, once per binary.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
