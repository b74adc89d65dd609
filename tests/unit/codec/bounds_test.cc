#include <catch2/catch.hpp>

#include "exchange/codec/cbor_writer.h"
#include "exchange/codec/codec.h"
#include "exchange/codec/layout.h"
#include "tests/unit/codec/golden.h"

namespace bounds_test {

using namespace mla::codec;
using namespace mla::codec::test;

namespace {

constexpr std::uint64_t kMax64 = ~std::uint64_t{0};

/// A frame of `fields`+1 items, written by hand. True when it is taken.
template <class Fields>
bool taken(Kind kind, std::size_t fields, Fields write) {
  std::vector<std::byte> message;
  {
    CborWriter out(message);
    out.array(fields + 1);
    out.uint(static_cast<std::uint8_t>(kind));
    write(out);
  }
  const Decoded decoded = decode_all(message);
  CHECK(decoded.skipped == 0);
  CHECK(decoded.frames.size() == (decoded.malformed ? 0u : 1u));
  return !decoded.malformed;
}

void texts(CborWriter& out, std::size_t count, const std::string& text) {
  out.array(count);
  while (count-- > 0) out.text(text);
}

bool hello(std::uint64_t protocol, std::uint64_t heartbeat, std::size_t name, std::size_t path,
           std::size_t codecs, const std::string& codec, std::size_t credentials) {
  return taken(Kind::hello, 9, [&](CborWriter& out) {
    out.uint(1);
    out.uint(protocol);
    out.uint(kMax64);
    out.uint(kMax64);
    out.uint(heartbeat);
    out.text(std::string(name, 'n'));
    out.array(path);
    for (std::size_t i = 0; i < path; ++i) out.uint(kMax64);
    texts(out, codecs, codec);
    out.bytes(std::vector<std::byte>(credentials));
  });
}

bool state(std::uint64_t counter, std::size_t items, std::uint64_t age, std::uint64_t format,
           std::uint64_t parts) {
  return taken(Kind::state, 11, [&](CborWriter& out) {
    out.uint(kMax64);
    out.uint(counter);
    out.uint(kMax64);
    out.array(items);
    for (std::size_t i = 0; i < items; ++i) out.integer(std::numeric_limits<std::int64_t>::min());
    out.uint(kMax64);
    out.null();
    out.uint(age);
    out.uint(format);
    out.uint(kMax64);
    out.uint(parts);
    out.bytes({});
  });
}

bool labelled(std::size_t labels, const std::string& label) {
  return taken(Kind::state, 11, [&](CborWriter& out) {
    for (int i = 0; i < 3; ++i) out.uint(1);
    out.array(0);
    out.uint(1);
    out.null();
    out.null();
    texts(out, labels, label);
    out.null();
    out.uint(0);
    out.bytes({});
  });
}

bool tag(std::size_t size, std::int64_t priority, std::uint64_t capacity) {
  return taken(Kind::tag, 3, [&](CborWriter& out) {
    out.text(std::string(size, '1'));
    out.uint(kMax64);
    out.array(2);
    out.integer(priority);
    out.uint(capacity);
  });
}

}  // namespace

TEST_CASE("HELLO's fields are taken at their bounds and refused beyond") {
  const std::string c32(32, 'c');
  CHECK(hello(0xffffffff, 0xffffffff, 256, 17, 16, c32, 4096));
  CHECK_FALSE(hello(0x100000000, 1, 0, 0, 0, "", 0));
  CHECK_FALSE(hello(1, 0x100000000, 0, 0, 0, "", 0));
  CHECK_FALSE(hello(1, 1, 257, 0, 0, "", 0));
  CHECK_FALSE(hello(1, 1, 0, 18, 0, "", 0));
  CHECK_FALSE(hello(1, 1, 0, 0, 17, "c", 0));
  CHECK_FALSE(hello(1, 1, 0, 0, 1, c32 + "c", 0));
  CHECK_FALSE(hello(1, 1, 0, 0, 1, "", 0));
  CHECK_FALSE(hello(1, 1, 0, 0, 1, "a b", 0));
  CHECK_FALSE(hello(1, 1, 0, 0, 1, "é", 0));
  CHECK_FALSE(hello(1, 1, 0, 0, 0, "", 4097));
}

TEST_CASE("a state's fields are taken at their bounds and refused beyond") {
  CHECK(state(kMaxEpochCounter, 16, kMaxAgeUs, 4, kMaxStateBytes));
  CHECK_FALSE(state(kMaxEpochCounter + 1, 0, 0, 0, 0));
  CHECK_FALSE(state(1, 17, 0, 0, 0));
  CHECK_FALSE(state(1, 0, kMaxAgeUs + 1, 0, 0));
  CHECK_FALSE(state(1, 0, 0, 5, 0));
  CHECK_FALSE(state(1, 0, 0, kMax64, 0));
  CHECK_FALSE(state(1, 0, 0, 0, kMaxStateBytes + 1));
}

TEST_CASE("format labels are at most 8, each 1 to 32 upper-case letters, digits and hyphens") {
  const std::string a32(32, 'A');
  CHECK(labelled(8, a32));
  CHECK(labelled(0, ""));
  CHECK(labelled(1, "Z-9"));
  CHECK_FALSE(labelled(9, "A"));
  CHECK_FALSE(labelled(1, a32 + "A"));
  CHECK_FALSE(labelled(1, ""));
  CHECK_FALSE(labelled(2, "a"));
  CHECK_FALSE(labelled(1, "A B"));
  CHECK_FALSE(labelled(1, "É"));
}

TEST_CASE("a tag's fields are taken at their bounds and refused beyond") {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t kGreatest = std::numeric_limits<std::int32_t>::max();
  CHECK(tag(4096, kLeast, kMaxCapacity));
  CHECK(tag(4096, kGreatest, 0));
  CHECK_FALSE(tag(4097, 0, 0));
  CHECK_FALSE(tag(1, kLeast - 1, 0));
  CHECK_FALSE(tag(1, kGreatest + 1, 0));
  CHECK_FALSE(tag(1, 0, kMaxCapacity + 1));
}

TEST_CASE("version items are int64") {
  const auto floor = [](std::string_view item) {
    return decode_all(from_hex("83183a0181" + std::string(item)));
  };
  const auto value = [&](std::string_view item) {
    const Decoded decoded = floor(item);
    REQUIRE(decoded.frames.size() == 1);
    return std::get<Floor>(decoded.frames[0]).floor;
  };
  CHECK(value("1b7fffffffffffffff") == mla::Version{std::numeric_limits<std::int64_t>::max()});
  CHECK(value("3b7fffffffffffffff") == mla::Version{std::numeric_limits<std::int64_t>::min()});
  CHECK(value("20") == mla::Version{-1});
  CHECK(floor("1b8000000000000000").malformed);
  CHECK(floor("3b8000000000000000").malformed);
  CHECK(floor("f93c00").malformed);
}

TEST_CASE("texts are UTF-8, booleans are booleans, numbers are numbers") {
  CHECK(decode_all(from_hex("83100161ff")).malformed);  // define_object with a stray byte
  CHECK(decode_all(from_hex("8310014131")).malformed);  // bytes for text
  CHECK(decode_all(from_hex("8318390101")).malformed);  // want: 1 for true
  CHECK_FALSE(decode_all(from_hex("83183901f5")).malformed);
  CHECK(decode_all(from_hex("8305f97bff00")).malformed);
  CHECK(decode_all(from_hex("82054101")).malformed);       // bytes for a handle
  CHECK(decode_all(from_hex("820520")).malformed);         // a negative handle
  CHECK(decode_all(from_hex("840301006131")).malformed);  // text for bytes
}

TEST_CASE("a number of a reason that is not known yet stands for the plainest one") {
  const auto only = [](std::string_view hex) {
    const Decoded decoded = decode_all(from_hex(hex));
    REQUIRE(decoded.frames.size() == 1);
    return decoded.frames[0];
  };
  CHECK(std::get<Withdraw>(only("85183b01020307")).reason == mla::EndReason::none);
  CHECK(std::get<Withdraw>(only("85183b01020306")).reason == mla::EndReason::exchange_closed);
  CHECK(std::get<Giveup>(only("87182a0102030360"
                              "00"))
            .reason == GiveupReason::lost);
  CHECK(std::get<StandingTold>(only("84183e010560")).kind == mla::StandingKind::waiting);
  CHECK(decode_all(from_hex("85183b010203190100")).malformed);  // beyond a byte
}

}  // namespace bounds_test
