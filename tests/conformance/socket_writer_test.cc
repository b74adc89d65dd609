#include <linux/io_uring.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <memory>
#include <optional>
#include <vector>

#include "exchange/transport/socket_writer.h"

namespace mla::transport {
namespace {

/// Two connected sockets that do not block.
struct Sockets {
  explicit Sockets(int type) { REQUIRE(::socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, ends.data()) == 0); }
  ~Sockets() {
    for (const int end : ends) ::close(end);
  }
  /// What one read brings; nothing: there is nothing.
  std::vector<std::byte> read() const {
    std::vector<std::byte> got(1 << 20);
    const ssize_t n = ::recv(ends[1], got.data(), got.size(), 0);
    got.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return got;
  }
  std::array<int, 2> ends{};
};

Bytes message(std::size_t size, unsigned char value) {
  return std::make_shared<const std::vector<std::byte>>(size, static_cast<std::byte>(value));
}

struct Late final : LateOutcome {
  void on_late(SocketWriter::Outcome outcome) override { outcomes.push_back(outcome); }
  std::vector<SocketWriter::Outcome> outcomes;
};

/// As a server's frames are: a head of two or four bytes, and the message.
void append_frame(std::vector<std::byte>& to, const Bytes& message) {
  const std::size_t size = message->size();
  to.push_back(std::byte{0x82});
  to.push_back(static_cast<std::byte>(size < 126 ? size : 126));
  if (size >= 126) {
    to.push_back(static_cast<std::byte>(size >> 8));
    to.push_back(static_cast<std::byte>(size));
  }
  to.insert(to.end(), message->begin(), message->end());
}

}  // namespace

TEST_CASE("what is said together on a link leaves in one write") {
  const Sockets sockets(SOCK_SEQPACKET);  // a read brings what one write brought
  SendBatch batch;
  Late late;
  SocketWriter writer(false, batch, late);
  const std::vector<Bytes> said{message(2000, 1), message(60, 2), message(100, 3)};
  std::vector<std::byte> expected;
  for (const Bytes& one : said) append_frame(expected, one);
  CHECK(writer.send(sockets.ends[0], said[0], true) == SocketWriter::Outcome::idle);
  CHECK(writer.send(sockets.ends[0], said[1], true) == SocketWriter::Outcome::idle);
  CHECK(sockets.read().empty());
  CHECK(writer.queued_bytes() == 2060);
  CHECK(writer.send(sockets.ends[0], said[2]) == SocketWriter::Outcome::idle);
  CHECK(sockets.read() == expected);
  CHECK(sockets.read().empty());
  CHECK(writer.idle());
  CHECK(writer.queued_bytes() == 0);

  // What comes by itself goes by itself.
  CHECK(writer.send(sockets.ends[0], said[1]) == SocketWriter::Outcome::idle);
  CHECK(sockets.read().size() == 62);
}

TEST_CASE("what is said together waits behind what the socket did not take, whole and in order") {
  const Sockets sockets(SOCK_STREAM);
  SendBatch batch;
  Late late;
  SocketWriter writer(false, batch, late);
  std::vector<std::byte> expected, got;
  const auto say = [&](std::size_t size, unsigned char value, bool more) {
    const Bytes one = message(size, value);
    append_frame(expected, one);
    return writer.send(sockets.ends[0], one, more);
  };
  unsigned char value = 0;
  while (say(60'000, ++value, false) == SocketWriter::Outcome::idle) REQUIRE(value < 200);
  CHECK(say(3000, 201, true) == SocketWriter::Outcome::blocked);
  CHECK(say(30, 202, true) == SocketWriter::Outcome::blocked);
  CHECK(say(300, 203, false) == SocketWriter::Outcome::blocked);
  for (bool empty = false; !empty;) {
    const auto more = sockets.read();
    empty = more.empty() && writer.flush(sockets.ends[0]) == SocketWriter::Outcome::idle && writer.idle() && got.size() >= expected.size();
    got.insert(got.end(), more.begin(), more.end());
    REQUIRE(got.size() <= expected.size());
  }
  CHECK(got == expected);
}

TEST_CASE("a small message is put behind its head once for all links, and is whole for who takes it late") {
  const Sockets slow(SOCK_STREAM), other(SOCK_STREAM);
  SendBatch batch;
  Late late;
  SocketWriter to_slow(false, batch, late), to_other(false, batch, late);
  std::vector<std::byte> expected_slow, expected_other, got;
  unsigned char value = 0;
  const auto say_both = [&](std::size_t size) {
    const Bytes one = message(size, ++value);
    append_frame(expected_slow, one);
    append_frame(expected_other, one);
    const auto outcome = to_slow.send(slow.ends[0], one);
    CHECK(to_other.send(other.ends[0], one) == SocketWriter::Outcome::idle);
    CHECK(batch.message() == one);
    const auto read = other.read();
    got.insert(got.end(), read.begin(), read.end());
    return outcome;
  };
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{125}, std::size_t{126}, SendBatch::kMostBytes, std::size_t{3}})
    CHECK(say_both(size) == SocketWriter::Outcome::idle);
  for (int i = 0; say_both(1400) == SocketWriter::Outcome::idle; ++i) REQUIRE(i < 10'000);
  say_both(7);  // waits behind that one, which went in part or not at all
  CHECK(got == expected_other);
  got.clear();
  for (bool empty = false; !empty;) {
    const auto more = slow.read();
    empty = more.empty() && to_slow.flush(slow.ends[0]) == SocketWriter::Outcome::idle && to_slow.idle() && got.size() >= expected_slow.size();
    got.insert(got.end(), more.begin(), more.end());
    REQUIRE(got.size() <= expected_slow.size());
  }
  CHECK(got == expected_slow);
}

namespace {

/// Whether this system has io_uring and permits it, asked without the library that is used.
bool has_ring() {
  io_uring_params params{};
  params.flags = IORING_SETUP_SUBMIT_ALL;
  const auto ring = static_cast<int>(::syscall(SYS_io_uring_setup, 1, &params));
  if (ring >= 0) ::close(ring);
  return ring >= 0;
}

/// One of many that are told at once.
struct Told {
  explicit Told(SendBatch& batch) : writer(std::in_place, false, batch, late) {}
  void say(const Bytes& one, bool more = false) {
    append_frame(expected, one);
    writer->send(sockets.ends[0], one, more);
  }
  /// All of it, also what the socket did not take.
  void check() {
    std::vector<std::byte> got;
    while (true) {
      const auto more = sockets.read();
      got.insert(got.end(), more.begin(), more.end());
      if (more.empty() && (!writer || writer->idle())) break;
      if (writer) REQUIRE(writer->flush(sockets.ends[0]) != SocketWriter::Outcome::failed);
    }
    CHECK(got == expected);
    CHECK((!writer || writer->queued_bytes() == 0));
    expected.clear();
  }
  Sockets sockets{SOCK_STREAM};
  Late late;
  std::vector<std::byte> expected;
  std::optional<SocketWriter> writer;
};

}  // namespace

TEST_CASE("what many links are told at once reaches each whole and in order, by one call for all and by one each") {
  const bool by_ring = GENERATE(true, false);
  SendBatch batch(by_ring);
  std::vector<std::unique_ptr<Told>> links;
  for (int i = 0; i < 3 * static_cast<int>(SendBatch::kMost) / 2; ++i) links.push_back(std::make_unique<Told>(batch));
  unsigned char value = 0;
  const auto say_all = [&](std::size_t size) {
    const SendBatch::Gather gather(batch);
    const Bytes one = message(size, ++value);
    for (auto& link : links) link->say(one);
  };
  const auto check_all = [&] {
    for (auto& link : links) link->check();
  };

  SECTION("the same to all, whatever its size") {
    for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{126}, SendBatch::kMostBytes, SendBatch::kMostBytes + 1}) say_all(size);
    CHECK(batch.uses_ring() == (by_ring && has_ring()));
    check_all();
  }
  SECTION("nothing leaves before it must, and nothing waits for longer") {
    {
      const SendBatch::Gather outer(batch);
      {
        const SendBatch::Gather inner(batch);
        for (std::size_t i = 0; i < 10; ++i) links[i]->say(message(30, ++value));
      }
      CHECK(links[0]->sockets.read().empty());
    }
    check_all();
    links[0]->say(message(30, ++value));  // by itself, at once
    check_all();
  }
  SECTION("to each another, more than there is room for") {
    for (int i = 0; i < 3; ++i) {
      const SendBatch::Gather gather(batch);
      for (auto& link : links) link->say(message(i == 0 ? 1400 : 60, ++value));
    }
    check_all();
  }
  SECTION("few") {
    const SendBatch::Gather gather(batch);
    for (std::size_t i = 0; i + 1 < SendBatch::kFew; ++i) links[i]->say(message(30, ++value));
    batch.flush();
    CHECK_FALSE(batch.uses_ring());
    check_all();
  }
  SECTION("a link that is told more goes on where it was") {
    {
      const SendBatch::Gather gather(batch);
      const Bytes one = message(40, ++value), other = message(50, ++value), large = message(3000, ++value);
      for (auto& link : links) link->say(one);
      links[70]->say(other);
      links[80]->say(large);
      links[90]->say(other, true);
      links[90]->say(large);
      const std::vector<std::byte> control{std::byte{0x89}, std::byte{0x00}};
      links[75]->expected.insert(links[75]->expected.end(), control.begin(), control.end());
      links[75]->writer->append(links[75]->sockets.ends[0], control, {});
    }
    check_all();
  }
  SECTION("who takes no more is told the rest later, in order") {
    Told& slow = *links[20];
    int rounds = 0;
    for (; slow.late.outcomes.empty(); ++rounds) {
      REQUIRE(rounds < 10'000);
      say_all(1400);
      for (auto& link : links)
        if (link.get() != &slow) link->check();
    }
    CHECK(slow.late.outcomes == std::vector{SocketWriter::Outcome::blocked});
    CHECK(slow.writer->queued_bytes() == 1400);
    say_all(7);
    CHECK(slow.writer->queued_bytes() == 1407);
    slow.check();
  }
  SECTION("who is gone, and who goes meanwhile, holds up nobody") {
    Told &gone = *links[10], &going = *links[11];
    ::shutdown(gone.sockets.ends[1], SHUT_RDWR);
    {
      const SendBatch::Gather gather(batch);
      const Bytes one = message(40, ++value);
      for (auto& link : links) {
        link->say(one);
        if (link.get() != &going) continue;
        going.writer.reset();  // what it was told leaves now, for its socket may be closed
        CHECK_FALSE(going.expected.empty());
        going.check();
      }
    }
    CHECK(gone.late.outcomes == std::vector{SocketWriter::Outcome::failed});
    CHECK(gone.writer->send(gone.sockets.ends[0], message(5, 5)) == SocketWriter::Outcome::failed);
    links.erase(links.begin() + 10);
    check_all();
  }
}

TEST_CASE("who hears nothing any more is told so, also of what is said together") {
  const Sockets sockets(SOCK_STREAM);
  ::shutdown(sockets.ends[1], SHUT_RDWR);
  SendBatch batch;
  Late late;
  SocketWriter writer(false, batch, late);
  CHECK(writer.send(sockets.ends[0], message(10, 1), true) == SocketWriter::Outcome::idle);
  CHECK(writer.send(sockets.ends[0], message(10, 2)) == SocketWriter::Outcome::failed);
  CHECK(writer.send(sockets.ends[0], message(10, 3), true) == SocketWriter::Outcome::failed);
  CHECK(writer.queued_bytes() == 0);
}

}  // namespace mla::transport
