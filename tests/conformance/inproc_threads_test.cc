#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "exchange/transport/inproc.h"
#include "tests/conformance/loop.h"
#include "tests/conformance/recorder.h"

namespace mla::test {

TEST_CASE("a link inside the process joins loops of two threads") {
  constexpr unsigned kCount = 5000;
  Loop loop;
  boost::asio::io_context other(1);
  auto pair = transport::make_inproc_pair(loop.executor(), other.get_executor());
  Recorder here(std::move(pair.first));

  // Echoes on its own thread, and lets go there once the other end has closed.
  std::thread echo([&, link = std::move(pair.second)]() mutable {
    const auto work = boost::asio::make_work_guard(other);
    class Echo : public transport::LinkHandler {
     public:
      explicit Echo(std::unique_ptr<transport::Link> owned, boost::asio::io_context& on)
          : link(std::move(owned)), loop(on) {}
      std::size_t on_messages(transport::Messages messages) override {
        for (const auto message : messages) link->send(std::make_shared<std::vector<std::byte>>(message.begin(), message.end()), false);
        return messages.size();
      }
      void on_writable(std::size_t) override {}
      void on_closed(ErrorCode code, const std::string&) override {
        closed = code;
        loop.stop();
      }
      std::unique_ptr<transport::Link> link;
      boost::asio::io_context& loop;
      ErrorCode closed = ErrorCode::internal;
    } handler(std::move(link), other);
    handler.link->start(handler);
    other.run();
    if (handler.closed != ErrorCode::shutting_down) std::terminate();
  });

  here.start();
  unsigned sent = 0;
  here.when_writable = [&](std::size_t bytes_free) {
    for (; sent < kCount && bytes_free >= 100; bytes_free -= 100) here.send(message_of(100, sent++));
  };
  const bool echoed = loop.run_until([&] { return here.messages.size() == kCount; });
  here.close(ErrorCode::shutting_down, "enough");
  const bool closed = loop.run_until([&] { return here.closed.has_value(); });
  echo.join();
  CHECK(echoed);
  CHECK(closed);
  for (unsigned i = 0; i < here.messages.size(); ++i) {
    if (*message_of(100, i) != here.messages[i]) FAIL("message " << i << " is another one");
  }
}

}  // namespace mla::test
