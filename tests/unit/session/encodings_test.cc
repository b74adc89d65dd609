#include <catch2/catch.hpp>

#include <string>

#include "exchange/codec/codec.h"
#include "exchange/codec/difference.h"
#include "exchange/session/encodings.h"

namespace encodings_test {

using namespace mla;
using namespace mla::session;
using namespace mla::codec;

namespace {

constexpr Codecs kBoth{.splice = true, .zstd = true}, kSplice{.splice = true}, kNothing{};

struct Fixture {
  Encodings encodings;

  static Outgoing state(std::uint64_t nth, std::string text, std::uint64_t counter = 1) {
    const auto* at = reinterpret_cast<const std::byte*>(text.data());
    return {.handle = Handle{7},
            .stamp = {{counter, NodeId{1}}, {static_cast<std::int64_t>(nth)}},
            .nth = nth,
            .payload = std::make_shared<const Payload>(Payload{{"TEXT"}, {at, at + text.size()}})};
  }
  /// A text of 600 letters that do not compress well, with one of them changed.
  static std::string text(int changed) {
    std::string all;
    std::uint64_t x = 88172645463325252u;
    for (int i = 0; i < 600; ++i) {
      x ^= x << 13, x ^= x >> 7, x ^= x << 17;
      all += static_cast<char>(33 + x % 90);
    }
    all[static_cast<std::size_t>(changed)] = ' ';
    return all;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a far side that has the former state gets the difference, and links that have the same share it") {
  Base a, b;
  Outgoing first = state(1, text(1));
  a = encodings.choose(first, a, kSplice);
  CHECK_FALSE(first.encoded);
  Outgoing same = state(1, text(1));
  b = encodings.choose(same, b, kSplice);
  CHECK(a == b);
  Outgoing next = state(2, text(2)), again = next;
  a = encodings.choose(next, a, kSplice);
  REQUIRE(next.encoded);
  CHECK(next.encoded->base_nth == 1u);
  CHECK(next.encoded->body.size() < 20);
  CHECK(next.encoded->checksum == checksum(next.payload->data));
  b = encodings.choose(again, b, kSplice);
  CHECK(again.encoded == next.encoded);
}

TEST_CASE_METHOD(Fixture, "a far side that reads nothing, or has nothing, gets the state in full") {
  Outgoing first = state(1, text(1)), second = state(2, text(2)), third = state(3, text(3));
  Base a = encodings.choose(first, {}, kNothing);
  a = encodings.choose(second, a, kNothing);
  CHECK_FALSE(second.encoded);
  encodings.let_go(Handle{7}, a);
  encodings.choose(third, {}, kSplice);
  CHECK_FALSE(third.encoded);
}

TEST_CASE_METHOD(Fixture, "what leaves as a difference is never larger than the state in full") {
  const auto size = [](Outgoing state) {
    std::vector<std::byte> out;
    codec::encode(state, {}, 0, out);
    return out.size();
  };
  const std::string of_before = text(599), reversed(of_before.rbegin(), of_before.rend());
  std::size_t differences = 0;
  for (std::uint64_t same = 0; same < 60; ++same) {
    const std::uint64_t epoch = same + 1;
    Outgoing first = state(1, of_before, epoch), second = state(1'000'000'000'000, of_before.substr(0, same) + reversed.substr(same), epoch);
    const Base base = encodings.choose(first, {}, kSplice);
    encodings.choose(second, base, kSplice);
    Outgoing in_full = second;
    in_full.encoded = nullptr;
    differences += second.encoded != nullptr;
    CHECK(size(second) <= size(in_full));
  }
  CHECK(differences > 20);
}

TEST_CASE_METHOD(Fixture, "differences are made within an epoch only") {
  Outgoing first = state(1, text(1)), second = state(1, text(2), 2), third = state(2, text(3), 2);
  Base a = encodings.choose(first, {}, kSplice);
  a = encodings.choose(second, a, kSplice);
  CHECK_FALSE(second.encoded);
  a = encodings.choose(third, a, kSplice);
  REQUIRE(third.encoded);
  CHECK(third.encoded->base_nth == 1u);
}

TEST_CASE_METHOD(Fixture, "a few former states are kept while links have them, and none when no link has any") {
  std::vector<Base> slow;
  Base quick;
  for (std::uint64_t nth = 1; nth <= 20; ++nth) {
    Outgoing next = state(nth, text(static_cast<int>(nth)));
    quick = encodings.choose(next, quick, kSplice);
    if (nth == 1 || nth == 2 || nth > 14) {
      Outgoing for_slow = state(nth, text(static_cast<int>(nth)));
      slow.push_back(encodings.choose(for_slow, {}, kSplice));
    }
  }
  // Of eight that stayed behind those with the states kept last still get a difference.
  std::size_t differences = 0;
  for (const Base& base : slow) {
    Outgoing next = state(21, text(21));
    encodings.choose(next, base, kSplice);
    differences += next.encoded != nullptr;
  }
  CHECK(differences >= 2);
  CHECK(differences <= 4);
  CHECK(encodings.objects() == 1);
}

TEST_CASE_METHOD(Fixture, "P10 when the last link lets go nothing is kept") {
  Outgoing first = state(1, text(1)), same = first;
  const Base a = encodings.choose(first, {}, kSplice), b = encodings.choose(same, {}, kSplice);
  encodings.let_go(Handle{7}, a);
  CHECK(encodings.objects() == 1);
  encodings.let_go(Handle{7}, b);
  CHECK(encodings.objects() == 0);
}

TEST_CASE_METHOD(Fixture, "a state that waited behind a newer one leaves in full, and nothing builds on it") {
  Outgoing newer = state(5, text(5)), older = state(4, text(4));
  Base a = encodings.choose(newer, {}, kSplice);
  const Base b = encodings.choose(older, a, kSplice);
  CHECK_FALSE(older.encoded);
  CHECK(b == Base{});
}

TEST_CASE_METHOD(Fixture, "what came as a difference goes on as it came") {
  Outgoing first = state(1, text(1));
  const Base a = encodings.choose(first, {}, kBoth);
  const auto came = std::make_shared<const Encoded>(Encoded{{std::byte{1}, std::byte{2}}, 1, 99, false});
  Outgoing next = state(2, text(2));
  encodings.came(Handle{7}, next.stamp, next.nth, came);
  encodings.choose(next, a, kBoth);
  CHECK(next.encoded == came);
}

TEST_CASE_METHOD(Fixture, "what came earlier than this step is not taken for what came now") {
  Outgoing first = state(1, text(1));
  const Base a = encodings.choose(first, {}, kBoth);
  const auto came = std::make_shared<const Encoded>(Encoded{{std::byte{1}, std::byte{2}}, 1, 99, false});
  Outgoing next = state(3, text(3));
  encodings.came(Handle{7}, state(2, "x").stamp, 2, came);
  encodings.choose(next, a, kBoth);
  CHECK(next.encoded != came);
}

TEST_CASE_METHOD(Fixture, "with the step goes all that was kept for it") {
  const auto came = std::make_shared<const Encoded>(Encoded{{std::byte{1}, std::byte{2}}, 1, 99, false});
  const auto message = std::make_shared<const std::vector<std::byte>>(3);
  encodings.many_links(true);
  for (int step = 0; step < 3; ++step) {  // also when nothing of the other kind happens in it
    const Outgoing first = state(1, text(1));
    if (step != 1) encodings.came(Handle{7}, first.stamp, first.nth, came);
    if (step != 0) encodings.keep_messages(first, {}, message);
    CHECK(came.use_count() == (step != 1 ? 2 : 1));
    CHECK(message.use_count() == (step != 0 ? 2 : 1));
    CHECK((encodings.messages_of(first) != nullptr) == (step != 0));
    encodings.end_of_step();
    CHECK(came.use_count() == 1);
    CHECK(message.use_count() == 1);
    CHECK(encodings.messages_of(first) == nullptr);
    CHECK(first.payload.use_count() == 1);
  }
}

}  // namespace encodings_test
