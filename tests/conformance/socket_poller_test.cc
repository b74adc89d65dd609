#include "exchange/transport/socket_poller.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/fixtures.h"
#include "tests/conformance/recorder.h"

// The epoll that links' sockets have beside Asio's reactor.
namespace mla::test {
namespace {

using transport::SocketPoller;
using transport::SocketUser;

struct Pair {
  Pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0); }
  ~Pair() {
    for (int end : ends)
      if (end >= 0) ::close(end);
  }
  void say(const std::string& text) const { REQUIRE(::send(ends[1], text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size())); }
  void hang_up() { ::close(std::exchange(ends[1], -1)); }
  std::array<int, 2> ends{};
};

/// Reads at most `most` bytes at a time, as a link would.
class Reader final : public SocketUser {
 public:
  Reader(SocketPoller& poller, int socket, std::size_t most = 1 << 16) : poller_(poller), socket_(socket), most_(most) {}
  static std::shared_ptr<Reader> on(SocketPoller& poller, const Pair& pair, std::size_t most = 1 << 16) {
    auto reader = std::make_shared<Reader>(poller, pair.ends[0], most);
    reader->ticket_ = poller.add(pair.ends[0], reader);
    REQUIRE(reader->ticket_ != 0);
    return reader;
  }
  Next on_socket(std::uint32_t events) override {
    ++calls;
    readable += (events & EPOLLIN) != 0;
    const auto room = poller_.room().first(std::min(most_, poller_.room().size()));
    const ssize_t size = ::recv(socket_, room.data(), room.size(), MSG_DONTWAIT);
    if (size > 0) heard.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(size));
    if (size == 0) ended = true;
    if (then) then();
    const bool more = size > 0 && (static_cast<std::size_t>(size) == room.size() || (events & EPOLLRDHUP) != 0);
    return more && ticket_ != 0 ? Next::again : Next::change;
  }
  void leave() { poller_.remove(socket_, std::exchange(ticket_, 0)); }

  std::string heard;
  bool ended = false;
  int calls = 0, readable = 0;
  std::function<void()> then;

 private:
  SocketPoller& poller_;
  const int socket_;
  const std::size_t most_;
  SocketPoller::Ticket ticket_ = 0;
};

/// Takes one letter a call of what it has read at once.
class Sipper final : public SocketUser {
 public:
  Sipper(SocketPoller& poller, int socket) : poller_(poller), socket_(socket) {}
  static std::shared_ptr<Sipper> on(SocketPoller& poller, const Pair& pair) {
    auto sipper = std::make_shared<Sipper>(poller, pair.ends[0]);
    sipper->ticket_ = poller.add(pair.ends[0], sipper);
    REQUIRE(sipper->ticket_ != 0);
    return sipper;
  }
  Next on_socket(std::uint32_t) override {
    CHECK(left_ == 0);
    const ssize_t size = ::recv(socket_, poller_.room().data(), poller_.room().size(), MSG_DONTWAIT);
    if (size <= 0) return Next::change;
    at_ = 0;
    left_ = static_cast<std::size_t>(size);
    return sip();
  }
  Next on_rest() override { return sip(); }
  void leave() { poller_.remove(socket_, ticket_); }

  std::string heard;

 private:
  Next sip() {
    heard += static_cast<char>(poller_.room()[at_++]);
    return --left_ > 0 ? Next::rest : Next::change;
  }
  SocketPoller& poller_;
  const int socket_;
  std::size_t at_ = 0, left_ = 0;
  SocketPoller::Ticket ticket_ = 0;
};

/// While it lives, the process gets no further descriptor.
class NoDescriptors {
 public:
  NoDescriptors() {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    for (int taken; (taken = ::dup(STDOUT_FILENO)) >= 0; taken_.push_back(taken)) {
      // The rest at once: all numbers below the limit are taken.
      const rlimit so_many{static_cast<rlim_t>(taken) + 1, before_.rlim_max};
      if (taken_.empty()) REQUIRE(::setrlimit(RLIMIT_NOFILE, &so_many) == 0);
    }
  }
  ~NoDescriptors() {
    ::setrlimit(RLIMIT_NOFILE, &before_);
    for (int taken : taken_) ::close(taken);
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

}  // namespace

TEST_CASE("links for which the system has no epoll go on all the same") {
  WebsocketDialled over;
  auto links = over.connect();
  Recorder dialled(std::move(links.first)), accepted(std::move(links.second));
  {
    const NoDescriptors none;
    CHECK(::dup(STDOUT_FILENO) < 0);
    dialled.start();
    accepted.start();
    over.loop.run_ready();
  }
  std::vector<std::vector<std::byte>> sent;
  for (unsigned i = 0; i < 50; ++i) {
    const auto message = message_of(1 + i * 997, i);
    sent.push_back(*message);
    dialled.send(message);
    accepted.send(message);
  }
  CHECK(over.loop.run_until([&] { return dialled.messages.size() == 50 && accepted.messages.size() == 50; }));
  CHECK(dialled.messages == sent);
  CHECK(accepted.messages == sent);
  dialled.close(ErrorCode::closed, "enough");
  CHECK(over.loop.run_until([&] { return dialled.closed && accepted.closed; }));
}

TEST_CASE("a socket's user hears what came before it was added, what comes later, and the end behind it") {
  Loop loop;
  SocketPoller& poller = SocketPoller::of(loop.executor());
  Pair pair;
  pair.say("a");
  const auto reader = Reader::on(poller, pair);
  CHECK(loop.run_until([&] { return reader->heard == "a"; }));
  pair.say("b");
  CHECK(loop.run_until([&] { return reader->heard == "ab"; }));
  // Both at once: the kernel tells of them once.
  pair.say("c");
  pair.hang_up();
  CHECK(loop.run_until([&] { return reader->ended; }));
  CHECK(reader->heard == "abc");
  reader->leave();
}

TEST_CASE("a socket of which more can be read is read on, and others have their turn between") {
  Loop loop;
  SocketPoller& poller = SocketPoller::of(loop.executor());
  Pair busy, calm;
  const auto much = Reader::on(poller, busy, 10);
  const auto little = Reader::on(poller, calm);
  busy.say(std::string(20'000, 'x'));
  calm.say("y");
  int calls_before = 0;
  little->then = [&] { calls_before = calls_before ? calls_before : much->calls; };
  CHECK(loop.run_until([&] { return much->heard.size() == 20'000; }));
  CHECK(little->heard == "y");
  CHECK(calls_before < 20);
  CHECK(much->calls >= 2000);
  much->leave();
  little->leave();
}

TEST_CASE("who is removed hears nothing more, not even what was found already, and its socket's number may be used again") {
  Loop loop;
  SocketPoller& poller = SocketPoller::of(loop.executor());
  std::optional<Pair> first(std::in_place), second(std::in_place);
  auto one = Reader::on(poller, *first), other = Reader::on(poller, *second);
  std::shared_ptr<Reader> later;
  std::optional<Pair> third;
  int left = 0;
  // Whichever is called first takes the other out, and lets a new one have its place.
  const auto take_out = [&](std::shared_ptr<Reader>& gone, std::optional<Pair>& of) {
    return [&] {
      if (left++ > 0) return;
      gone->leave();
      of.reset();
      third.emplace();
      later = Reader::on(poller, *third);
    };
  };
  one->then = take_out(other, second);
  other->then = take_out(one, first);
  first->say("1");
  second->say("2");
  CHECK(loop.run_until([&] { return left > 0; }));
  loop.run_ready();
  CHECK(one->calls + other->calls == 1);
  REQUIRE(later);
  CHECK(later->readable == 0);  // what was found was of the one before
  third->say("3");
  CHECK(loop.run_until([&] { return later->heard == "3"; }));
  later->leave();
  (one->calls ? one : other)->leave();
}

TEST_CASE("a user may leave while it is called, and lives until it returns") {
  Loop loop;
  SocketPoller& poller = SocketPoller::of(loop.executor());
  Pair pair;
  auto reader = Reader::on(poller, pair);
  std::weak_ptr<Reader> watched = reader;
  bool alive = false, called = false;
  reader->then = [&, weak = watched] {
    weak.lock()->leave();
    alive = !weak.expired();
    called = true;
  };
  reader.reset();
  CHECK_FALSE(watched.expired());  // the poller keeps it
  pair.say("x");
  CHECK(loop.run_until([&] { return called; }));
  CHECK(alive);
  CHECK(watched.expired());
}

TEST_CASE("a loop without sockets runs out of work, and one that goes lets go of those it has") {
  boost::asio::io_context loop{1};
  std::weak_ptr<Reader> watched;
  Pair pair;
  {
    boost::asio::io_context gone{1};
    watched = Reader::on(SocketPoller::of(gone.get_executor()), pair);
    gone.poll();
    CHECK_FALSE(watched.expired());
  }
  CHECK(watched.expired());

  SocketPoller& poller = SocketPoller::of(loop.get_executor());
  const auto reader = Reader::on(poller, pair);
  loop.run_for(std::chrono::milliseconds(1));
  CHECK_FALSE(loop.stopped());
  reader->leave();
  loop.run();  // returns
  CHECK(loop.stopped());
}

TEST_CASE("by hand: as many users are called as are asked for, without the loop") {
  boost::asio::io_context loop{1};
  SocketPoller& poller = SocketPoller::of(loop.get_executor());
  const int other = ::eventfd(0, EFD_NONBLOCK);
  REQUIRE(poller.by_hand(other));
  std::array<Pair, 5> pairs;
  std::array<std::shared_ptr<Reader>, 5> readers;
  for (std::size_t i = 0; i < pairs.size(); ++i) readers[i] = Reader::on(poller, pairs[i]);
  while (poller.look()) poller.turn(100);  // that they can be written
  for (auto& pair : pairs) pair.say("x");
  CHECK(poller.look());
  CHECK(poller.turn(2) == 2);
  CHECK(poller.ready());
  CHECK(poller.turn(100) == 3);
  CHECK_FALSE(poller.look());
  for (auto& reader : readers) {
    CHECK(reader->heard == "x");
    reader->leave();
  }
  CHECK(loop.poll() == 0);

  // The other one makes the descriptor readable too, and is nobody to be called.
  const auto readable = [&] {
    pollfd now{poller.descriptor(), POLLIN, 0};
    return ::poll(&now, 1, 0) == 1;
  };
  CHECK_FALSE(poller.other_ready());
  CHECK_FALSE(readable());
  std::uint64_t count = 1;
  REQUIRE(::write(other, &count, sizeof count) == sizeof count);
  CHECK(readable());
  CHECK_FALSE(poller.look());
  CHECK(poller.other_ready());
  REQUIRE(::read(other, &count, sizeof count) == sizeof count);
  CHECK_FALSE(poller.look());
  CHECK_FALSE(poller.other_ready());
  ::close(other);
}

TEST_CASE("who has not worked off what it read goes on before anybody else gets the room") {
  const bool by_hand = GENERATE(false, true);
  CAPTURE(by_hand);
  boost::asio::io_context loop{1};
  SocketPoller& poller = SocketPoller::of(loop.get_executor());
  const int other = ::eventfd(0, EFD_NONBLOCK);
  if (by_hand) REQUIRE(poller.by_hand(other));
  std::array<Pair, 3> pairs;
  std::array<std::shared_ptr<Sipper>, 3> sippers;
  for (std::size_t i = 0; i < pairs.size(); ++i) sippers[i] = Sipper::on(poller, pairs[i]);
  const auto run = [&] {
    for (int i = 0; i < 100; ++i) by_hand ? poller.look() && poller.turn(1) : loop.poll() + (loop.restart(), 0u);
  };
  run();
  pairs[0].say("one");
  pairs[1].say("zwei");
  pairs[2].say("drei");
  if (by_hand) {
    REQUIRE(poller.look());
    CHECK(poller.turn(2) == 2);  // two letters of the first
    CHECK(poller.ready());
    std::size_t begun = 0, letters = 0;
    for (const auto& sipper : sippers) {
      begun += !sipper->heard.empty();
      letters += sipper->heard.size();
    }
    CHECK(begun == 1);
    CHECK(letters == 2);
  }
  run();
  CHECK(sippers[0]->heard == "one");
  CHECK(sippers[1]->heard == "zwei");
  CHECK(sippers[2]->heard == "drei");

  // One that leaves over it is not called any more, and holds up nobody.
  if (by_hand) {
    pairs[0].say("abc");
    REQUIRE(poller.look());
    CHECK(poller.turn(1) == 1);
    sippers[0]->leave();
    pairs[1].say("5");
    run();
    CHECK(sippers[0]->heard == "onea");
    CHECK(sippers[1]->heard == "zwei5");
  } else {
    sippers[0]->leave();
  }
  sippers[1]->leave();
  sippers[2]->leave();
  ::close(other);
}

}  // namespace mla::test
