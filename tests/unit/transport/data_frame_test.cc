#include "exchange/transport/data_frame.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace mla::transport;

namespace data_frame_test {
namespace {

using Kind = DataFrame::Kind;
constexpr std::size_t kMost = 100'000;

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

/// A server's frame of so many bytes, its length in so many.
std::vector<std::byte> frame_of(std::size_t size, int number) {
  auto bytes = bytes_of({0x82, number == 0 ? static_cast<int>(size) : number == 2 ? 126 : 127});
  for (int shift = 8 * (number - 1); shift >= 0; shift -= 8) bytes.push_back(static_cast<std::byte>(size >> shift & 0xff));
  bytes.resize(bytes.size() + size, std::byte{'x'});
  return bytes;
}

}  // namespace

TEST_CASE("a frame of one binary message is whole when its last byte is here, and not before") {
  for (const auto& [size, number] : {std::pair<std::size_t, int>{0, 0}, {1, 0}, {125, 0}, {126, 2}, {65535, 2}, {65536, 8}, {kMost, 8}}) {
    INFO(size);
    auto frame = frame_of(size, number);
    const std::size_t head = 2 + static_cast<std::size_t>(number);
    for (const std::size_t here : {std::size_t{0}, std::size_t{1}, head - 1, head, head + size / 2, head + size - 1}) {
      if (here >= frame.size()) continue;
      INFO(here);
      const DataFrame found = look_at_frame(std::span(frame).first(here), false, kMost);
      CHECK(found.kind == Kind::part);
      CHECK(found.head == (here < head ? 0 : head));
      CHECK(found.message == (here < head ? 0 : size));
    }
    frame.push_back(std::byte{0x82});  // the next one
    const DataFrame found = look_at_frame(frame, false, kMost);
    CHECK(found.kind == Kind::whole);
    CHECK(found.head == head);
    CHECK(found.message == size);
  }
}

TEST_CASE("a client's frame is unmasked where it lies (RFC 6455 5.7)") {
  for (std::size_t size = 0; size < 40; ++size) {
    std::vector<std::byte> bytes = bytes_of({0x82, 0x80 | static_cast<int>(size), 0x37, 0xfa, 0x21, 0x3d});
    const auto key = bytes_of({0x37, 0xfa, 0x21, 0x3d});
    std::vector<std::byte> message;
    for (std::size_t i = 0; i < size; ++i) {
      message.push_back(static_cast<std::byte>(7 * i));
      bytes.push_back(message.back() ^ key[i % 4]);
    }
    CHECK(look_at_frame(std::span(bytes).first(5), true, kMost).kind == Kind::part);
    const DataFrame frame = look_at_frame(bytes, true, kMost);
    REQUIRE(frame.kind == Kind::whole);
    CHECK(frame.head == 6);
    const auto found = unmask(bytes, frame, true);
    CHECK(std::vector<std::byte>(found.begin(), found.end()) == message);
    CHECK(found.data() == bytes.data() + 6);
  }
}

TEST_CASE("all else is told from its head") {
  const auto other = [](std::initializer_list<int> head, bool masked = false) {
    return look_at_frame(bytes_of(head), masked, kMost).kind == Kind::other;
  };
  CHECK(other({0x81}));        // text
  CHECK(other({0x02}));        // the first fragment
  CHECK(other({0x80}));        // the last one
  CHECK(other({0x88}));        // close
  CHECK(other({0x89}));        // ping
  CHECK(other({0x8a}));        // pong
  CHECK(other({0xc2}));        // a reserved bit: compressed
  CHECK(other({0x83}));        // a kind that nobody has defined
  CHECK(other({0x82, 0x81}));  // a mask where there must be none
  CHECK(other({0x82, 0x01}, true));
  CHECK(other({0x82, 126, 0, 125}));  // not as short as can be
  CHECK(other({0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff}));
  CHECK(other({0x82, 127, 0, 0, 0, 0, 0, 1, 0x86, 0xa1}));  // one byte more than may be
  CHECK(other({0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0}));
  CHECK_FALSE(other({0x82}));
  CHECK_FALSE(other({0x82, 127, 0, 0, 0, 0, 0, 1, 0x86, 0xa0}));
}

}  // namespace data_frame_test
