#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "exchange/transport/socket_poller.h"
#include "tests/conformance/fixtures.h"
#include "tests/conformance/recorder.h"

// What every transport must do, whichever end one holds.
#define MLA_TRANSPORTS Inproc, Simulated, WebsocketDialled, WebsocketAccepted, UnixDialled, UnixAccepted

namespace mla::test {
namespace {

using namespace std::chrono_literals;
using transport::kDefaultSendBudget;

constexpr std::size_t kMessageBytes = 128 << 10;

/// Both ends of a new link.
template <class Fixture>
struct Ends {
  explicit Ends(const Limits& limits = {}) : pair(fixture.connect(limits)) {}
  void start() {
    here.start();
    there.start();
  }
  template <class Condition>
  bool until(Condition holds) {
    return fixture.loop.run_until(holds);
  }

  Fixture fixture;
  LinkPair pair;
  Recorder here{std::move(pair.first)};
  Recorder there{std::move(pair.second)};
};

bool same(const Bytes& sent, const std::vector<std::byte>& received) {
  return *sent == received;
}

}  // namespace

TEMPLATE_TEST_CASE("a link's first word is how much it takes", "[conformance]", MLA_TRANSPORTS) {
  Ends<TestType> ends;
  ends.there.start();
  ends.there.send(message_of(10));
  ends.here.start();
  REQUIRE(ends.until([&] { return !ends.here.messages.empty(); }));
  CHECK(ends.here.free_bytes.front() == kDefaultSendBudget);
}

TEMPLATE_TEST_CASE("a link carries messages of every size whole and in order, both ways", "[conformance]",
                   MLA_TRANSPORTS) {
  Ends<TestType> ends;
  std::vector<Bytes> sent;
  for (const std::size_t size :
       {0, 1, 2, 125, 126, 127, 1535, 1536, 4095, 4096, 6400, 16384, 65535, 65536, 65537, 131071, 131072}) {
    sent.push_back(message_of(size, static_cast<unsigned>(size)));
  }
  ends.start();
  for (const auto& message : sent) {
    ends.here.send(message);
    ends.there.send(message);
  }
  REQUIRE(ends.until(
      [&] { return ends.here.messages.size() == sent.size() && ends.there.messages.size() == sent.size(); }));
  CHECK(std::equal(sent.begin(), sent.end(), ends.here.messages.begin(), same));
  CHECK(std::equal(sent.begin(), sent.end(), ends.there.messages.begin(), same));
  CHECK_FALSE(ends.here.closed.has_value());
}

TEMPLATE_TEST_CASE("who takes only some of what came together is offered the rest again, whole and in order", "[conformance]",
                   MLA_TRANSPORTS) {
  Ends<TestType> ends;
  ends.there.takes = static_cast<std::size_t>(GENERATE(1, 2, 5));
  ends.here.takes = 3;
  ends.start();
  ends.fixture.loop.run_ready();
  // Many of them in one read; some longer than what is read at once, so that a part of one is left over.
  std::vector<std::vector<std::byte>> sent;
  for (unsigned i = 0; i < 300; ++i) {
    const auto message = message_of(i % 50 == 49 ? 40'000 : i % 7 * 30, i);
    sent.push_back(*message);
    ends.here.send(message, i % 3 != 2);
    ends.there.send(message, i % 5 != 4);
  }
  REQUIRE(ends.until([&] { return ends.there.messages.size() == 300 && ends.here.messages.size() == 300; }));
  CHECK(ends.there.messages == sent);
  CHECK(ends.here.messages == sent);
  ends.here.close(ErrorCode::ok, "that was all");
  REQUIRE(ends.until([&] { return ends.here.closed && ends.there.closed; }));
  CHECK(ends.there.closed == ErrorCode::ok);
}

TEMPLATE_TEST_CASE("a link may close, or be let go of, while some of what came together is not taken yet", "[conformance]", WebsocketDialled,
                   WebsocketAccepted) {
  const int other = ::eventfd(0, EFD_NONBLOCK);
  {
    Ends<TestType> ends;
    auto& poller = transport::SocketPoller::of(ends.fixture.loop.executor());
    REQUIRE(poller.by_hand(other));
    // As a loop without a thread does: between two calls other things happen.
    const auto until = [&](const auto& holds) {
      const auto deadline = std::chrono::steady_clock::now() + Loop::kDeadline;
      while (!holds() && std::chrono::steady_clock::now() < deadline) {
        ends.fixture.loop.context().poll();
        if (!holds() && poller.look()) poller.turn(1);
      }
      return holds();
    };
    ends.there.takes = 1;
    ends.start();
    ends.there.send(message_of(7));
    REQUIRE(until([&] { return ends.here.messages.size() == 1; }));
    // Of the last one only the beginning is read with the others.
    const auto size = [](std::size_t i) { return i < 4 ? 100 + i : std::size_t{100'000}; };
    for (unsigned i = 0; i < 5; ++i) ends.here.send(message_of(size(i), i), i < 4);
    REQUIRE(until([&] { return ends.there.messages.size() == 2; }));
    CHECK(ends.there.most_together == 4);
    CHECK(poller.ready());
    const std::string who = GENERATE("the reader closes", "the writer closes", "the reader lets go", "the writer lets go", "nobody");
    CAPTURE(who);
    if (who == "the reader closes") {
      ends.there.close(ErrorCode::shutting_down, "enough");
      REQUIRE(until([&] { return ends.here.closed && ends.there.closed; }));
      CHECK(ends.here.closed == ErrorCode::shutting_down);
      CHECK(ends.here.closed_detail == "enough");
      CHECK(ends.there.messages.size() == 2);
    } else if (who == "the writer closes") {
      ends.here.close(ErrorCode::shutting_down, "all said");
      REQUIRE(until([&] { return ends.here.closed && ends.there.closed; }));
      CHECK(ends.there.closed == ErrorCode::shutting_down);
      CHECK(ends.there.messages.size() == 5);
    } else if (who == "the reader lets go") {
      ends.there.let_go();
      REQUIRE(until([&] { return ends.here.closed.has_value(); }));
      CHECK(ends.there.messages.size() == 2);
    } else if (who == "the writer lets go") {
      ends.here.let_go();
      REQUIRE(until([&] { return ends.there.closed.has_value(); }));
      CHECK(ends.there.messages.size() == 5);
    } else {
      REQUIRE(until([&] { return ends.there.messages.size() == 5; }));
    }
    for (unsigned i = 0; i < ends.there.messages.size(); ++i) CHECK(same(message_of(size(i), i), ends.there.messages[i]));
  }
  ::close(other);
}

TEMPLATE_TEST_CASE("messages sent before the far side starts are waiting for it", "[conformance]",
                   MLA_TRANSPORTS) {
  Ends<TestType> ends;
  ends.here.send(message_of(5));
  ends.here.start();
  ends.here.send(message_of(70000));
  ends.fixture.loop.run_ready();
  CHECK(ends.there.messages.empty());
  ends.there.start();
  REQUIRE(ends.until([&] { return ends.there.messages.size() == 2; }));
  CHECK(same(message_of(5), ends.there.messages[0]));
  CHECK(same(message_of(70000), ends.there.messages[1]));
}

TEMPLATE_TEST_CASE("20 000 small messages arrive in order while the sender heeds back-pressure",
                   "[conformance]", MLA_TRANSPORTS) {
  constexpr unsigned kCount = 20000;
  Ends<TestType> ends;
  unsigned next = 0;
  ends.here.when_writable = [&](std::size_t bytes_free) {
    for (; next < kCount && bytes_free >= 64; bytes_free -= 64) ends.here.send(message_of(64, next++));
  };
  ends.start();
  REQUIRE(ends.until([&] { return ends.there.messages.size() == kCount; }));
  for (unsigned i = 0; i < kCount; ++i) {
    if (!same(message_of(64, i), ends.there.messages[i])) FAIL("message " << i << " is another one");
  }
}

TEMPLATE_TEST_CASE("a message above the limit is refused and ends the link", "[conformance]",
                   MLA_TRANSPORTS) {
  Ends<TestType> ends;
  ends.start();
  ends.here.send(message_of(kMessageBytes));
  ends.here.send(message_of(kMessageBytes + 1));
  ends.here.send(message_of(1));
  REQUIRE(ends.until([&] { return ends.here.closed && ends.there.closed; }));
  CHECK(ends.there.messages.size() == 1);
  CHECK(ends.there.closed == ErrorCode::message_too_large);
  CHECK(ends.here.closed == ErrorCode::message_too_large);
  CHECK(ends.here.closed_detail == "a message has more than 131072 bytes");
}

TEMPLATE_TEST_CASE("close delivers what was sent, then its code and detail", "[conformance]",
                   MLA_TRANSPORTS) {
  const auto code =
      GENERATE(ErrorCode::ok, ErrorCode::shutting_down, ErrorCode::bad_frame, ErrorCode::internal);
  Ends<TestType> ends;
  ends.start();
  REQUIRE(ends.until([&] { return !ends.there.free_bytes.empty(); }));
  ends.there.send(message_of(100000));
  for (int i = 0; i < 3; ++i) ends.here.send(message_of(100000));
  ends.here.close(code, "gone fishing");
  ends.here.send(message_of(1));
  ends.here.close(ErrorCode::too_deep, "the first close counts");
  REQUIRE(ends.until([&] { return ends.here.closed && ends.there.closed; }));
  CHECK(ends.there.messages.size() == 3);
  CHECK(ends.there.closed == code);
  CHECK(ends.there.closed_detail == "gone fishing");
  CHECK(ends.here.messages.empty());
  CHECK(ends.here.closed == code);
  CHECK(ends.here.closed_detail == "gone fishing");
}

TEMPLATE_TEST_CASE("both ends may close at once, and each keeps its own reason", "[conformance]",
                   MLA_TRANSPORTS) {
  Ends<TestType> ends;
  ends.start();
  REQUIRE(ends.until([&] { return !ends.there.free_bytes.empty() && !ends.here.free_bytes.empty(); }));
  ends.here.close(ErrorCode::would_loop, "here");
  ends.there.close(ErrorCode::replaced, "there");
  REQUIRE(ends.until([&] { return ends.here.closed && ends.there.closed; }));
  CHECK(ends.here.closed == ErrorCode::would_loop);
  CHECK(ends.there.closed == ErrorCode::replaced);
}

TEMPLATE_TEST_CASE("a link closed before it was started says so when it is", "[conformance]",
                   MLA_TRANSPORTS) {
  Ends<TestType> ends;
  ends.here.close(ErrorCode::too_many_links, "full");
  ends.there.start();
  REQUIRE(ends.until([&] { return ends.there.closed.has_value(); }));
  CHECK(ends.there.closed == ErrorCode::too_many_links);
  ends.here.start();
  REQUIRE(ends.until([&] { return ends.here.closed.has_value(); }));
  CHECK(ends.here.closed == ErrorCode::too_many_links);
}

TEMPLATE_TEST_CASE("a long detail is cut at a character's border", "[conformance]", MLA_TRANSPORTS) {
  Ends<TestType> ends;
  ends.start();
  std::string detail(122, 'x');
  ends.here.close(ErrorCode::bad_frame, detail + "é and \xff more");
  REQUIRE(ends.until([&] { return ends.there.closed.has_value(); }));
  CHECK(ends.there.closed_detail == detail);
}

TEMPLATE_TEST_CASE("a peer that vanishes is link_lost", "[conformance]", MLA_TRANSPORTS) {
  Ends<TestType> ends;
  ends.start();
  ends.there.send(message_of(77));
  REQUIRE(ends.until([&] { return ends.here.messages.size() == 1; }));
  ends.there.let_go();
  REQUIRE(ends.until([&] { return ends.here.closed.has_value(); }));
  CHECK(ends.here.closed == ErrorCode::link_lost);
  CHECK_FALSE(ends.here.closed_detail.empty());
}

TEMPLATE_TEST_CASE("a peer that does not read holds the sender back, and only for so long", "[conformance]",
                   MLA_TRANSPORTS) {
  constexpr std::size_t kChunk = 64 << 10, kMuch = 64 << 20;
  Ends<TestType> ends;
  std::size_t sent = 0;
  bool more = true;
  const auto fill = [&](std::size_t bytes_free) {
    for (; more && bytes_free >= kChunk; bytes_free -= kChunk, sent += kChunk)
      ends.here.send(message_of(kChunk));
  };
  ends.here.when_writable = fill;
  ends.here.start();
  // Nobody reads: it must come to a stand, after what kernels buffer and long before kMuch.
  std::size_t before = 1;
  while (before != sent && sent < kMuch) {
    before = sent;
    ends.fixture.loop.run_until([&] { return sent != before; }, 200ms);
  }
  CHECK(sent < kMuch);

  ends.there.start();
  REQUIRE(ends.until([&] { return sent >= kMuch; }));
  more = false;
  REQUIRE(ends.until([&] { return ends.there.messages.size() == sent / kChunk; }));
  REQUIRE(ends.until([&] { return ends.here.free_bytes.back() == kDefaultSendBudget; }));
  CHECK(*std::min_element(ends.here.free_bytes.begin(), ends.here.free_bytes.end()) < kDefaultSendBudget);
}

TEMPLATE_TEST_CASE("more queued than the limit ends the link", "[conformance]", MLA_TRANSPORTS) {
  Limits limits;
  limits.outbound_bytes = 1 << 20;
  Ends<TestType> ends(limits);
  ends.here.start();
  for (int i = 0; i < 20; ++i) ends.here.send(message_of(kMessageBytes));  // the kernel takes some at once
  CHECK_FALSE(ends.here.closed.has_value());
  REQUIRE(ends.until([&] { return ends.here.closed.has_value(); }));
  CHECK(ends.here.closed == ErrorCode::outbound_overflow);
}

TEMPLATE_TEST_CASE("what waits only for what is said with it does not count as queued", "[conformance]", WebsocketDialled, WebsocketAccepted) {
  Limits limits;
  constexpr std::size_t kBytes = 16 << 10, kTogether = 4;  // the kernel takes all of it
  limits.outbound_bytes = 3 * kBytes / 2;
  Ends<TestType> ends(limits);
  ends.here.start();
  ends.there.start();
  for (std::size_t i = 1; i <= kTogether; ++i) ends.here.send(message_of(kBytes), i < kTogether);
  REQUIRE(ends.until([&] { return ends.there.messages.size() == kTogether || ends.here.closed; }));
  CHECK_FALSE(ends.here.closed.has_value());
}

TEMPLATE_TEST_CASE("closing towards a peer that does not read takes no longer than about a second",
                   "[conformance]", MLA_TRANSPORTS) {
  Ends<TestType> ends;
  ends.here.start();
  for (int i = 0; i < 30; ++i) ends.here.send(message_of(kMessageBytes));
  ends.here.close(ErrorCode::shutting_down, "bye");
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(ends.until([&] { return ends.here.closed.has_value(); }));
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
  CHECK(ends.here.closed == ErrorCode::shutting_down);
}

TEMPLATE_TEST_CASE("an owner may let go of a link at any moment", "[conformance]", MLA_TRANSPORTS) {
  Ends<TestType> ends;
  bool gone = false;
  const auto let_go = [&] {
    ends.here.let_go();
    gone = true;
  };
  SECTION("before it was started") {
    let_go();
  }
  SECTION("just after it was started") {
    ends.here.start();
    let_go();
  }
  SECTION("from on_writable") {
    ends.here.when_writable = [&](std::size_t) { let_go(); };
  }
  SECTION("from on_message, more of them following") {
    ends.here.when_message = let_go;
    ends.there.send(message_of(1));
    ends.there.send(message_of(100000));
    ends.there.send(message_of(1));
  }
  SECTION("from on_closed") {
    ends.here.when_closed = let_go;
    ends.there.close(ErrorCode::ok, {});
  }
  SECTION("while it closes") {
    ends.here.send(message_of(100000));
    ends.here.close(ErrorCode::ok, {});
    let_go();
  }
  SECTION("with a full queue") {
    for (int i = 0; i < 20; ++i) ends.here.send(message_of(kMessageBytes));
    let_go();
  }
  if (!gone) ends.here.start();
  ends.there.start();
  REQUIRE(ends.until([&] { return gone && ends.there.closed.has_value(); }));
  ends.fixture.loop.run_ready();  // Recorder fails when it is told anything after it let go.
}

TEMPLATE_TEST_CASE("an answer may be sent from inside on_message", "[conformance]", MLA_TRANSPORTS) {
  Ends<TestType> ends;
  ends.there.when_message = [&] { ends.there.send(message_of(ends.there.messages.back().size() + 1)); };
  ends.start();
  ends.here.send(message_of(0));
  REQUIRE(ends.until([&] { return ends.here.messages.size() == 1; }));
  CHECK(ends.here.messages[0].size() == 1);
}

// A message in two TCP segments whose second waits for the acknowledgement of the first takes 40 ms: the
// delayed acknowledgement of the far side.
TEMPLATE_TEST_CASE("a message of several kilobytes does not wait for a delayed acknowledgement",
                   "[conformance]", MLA_TRANSPORTS) {
  Ends<TestType> ends;
  ends.there.when_message = [&] { ends.there.send(message_of(ends.there.messages.back().size())); };
  ends.start();
  const auto median_round_trip = [&](std::size_t size) {
    std::vector<std::chrono::steady_clock::duration> times;
    for (int i = 0; i < 21; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      const auto had = ends.here.messages.size();
      ends.here.send(message_of(size));
      REQUIRE(ends.until([&] { return ends.here.messages.size() > had; }));
      times.push_back(std::chrono::steady_clock::now() - begin);
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
  };
  const auto small = median_round_trip(16);
  for (const std::size_t size : {6400, 20000, 100000}) {
    INFO(size << " bytes");
    CHECK(median_round_trip(size) < small + 30ms * MLA_TEST_SLOWER);
  }
}

}  // namespace mla::test
