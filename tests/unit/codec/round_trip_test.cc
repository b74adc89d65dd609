#include <catch2/catch.hpp>
#include <iostream>
#include <optional>
#include <span>
#include <utility>

#include "exchange/codec/codec.h"
#include "exchange/codec/layout.h"
#include "tests/unit/codec/frame_json.h"
#include "tests/unit/codec/golden.h"
#include "tests/unit/codec/random_frame.h"

namespace round_trip_test {

using namespace mla::codec;
using namespace mla::codec::test;

TEST_CASE("frames of every kind with random fields come back as they were") {
  const std::uint64_t seed = seed_or(20261120);
  std::cout << "MLA_SEED=" << seed << '\n';
  Random random(seed);
  for (std::size_t kind = 0; kind < std::variant_size_v<Frame>; ++kind) {
    for (int i = 0; i < 300; ++i) {
      const Frame frame = random_frame(random, kind);
      INFO(to_json(frame));
      std::vector<std::byte> message;
      encode(frame, message);
      const Decoded decoded = decode_all(message);
      REQUIRE(decoded.frames.size() == 1);
      REQUIRE(decoded.frames[0] == frame);
      REQUIRE_FALSE(decoded.malformed);
    }
  }
}

TEST_CASE("messages of many random frames come back in order, whatever the frame read into held before") {
  const std::uint64_t seed = seed_or(7);
  std::cout << "MLA_SEED=" << seed << '\n';
  Random random(seed);
  for (int i = 0; i < 100; ++i) {
    std::vector<Frame> frames;
    std::vector<std::byte> message;
    for (std::size_t n = random.below(60); n > 0; --n) {
      frames.push_back(random_frame(random, random.below(std::variant_size_v<Frame>)));
      encode(frames.back(), message);
    }
    const Decoded decoded = decode_all(message);
    REQUIRE_FALSE(decoded.malformed);
    REQUIRE(decoded.frames == frames);
  }
}

namespace {

/// Reads `message` into a frame that held `held`.
std::optional<Frame> read_into(Frame held, std::span<const std::byte> message) {
  Decoder decoder(message);
  if (decoder.next(held) != Decoder::Outcome::frame || decoder.frame_bytes() != message.size()) return std::nullopt;
  return held;
}

}  // namespace

TEST_CASE("a state in its usual shape, read in one go, is what it is field by field, damaged too") {
  const std::uint64_t seed = seed_or(20261123);
  std::cout << "MLA_SEED=" << seed << '\n';
  Random random(seed);
  const std::size_t kind = Frame(StateFrame{}).index();
  std::size_t usual = 0, taken = 0, refused = 0;
  for (int i = 0; i < 400; ++i) {
    Frame frame = random_frame(random, kind);
    StateFrame& state = std::get<StateFrame>(frame);
    state.carry = false;
    if (random.below(8) != 0) {
      state.format = {std::vector<std::string>{"JSON", "CBOR", "TEXT", "BYTES"}[random.below(4)]};
      if (state.version.items().size() > 2) state.version = {static_cast<std::int64_t>(random.integer() >> 1), 7};
      ++usual;
    }
    std::vector<std::byte> message;
    encode(frame, message);
    REQUIRE(read_into(random_frame(random, kind), message) == frame);
    for (std::size_t at = 0; at < std::min<std::size_t>(message.size(), 80); ++at) {
      std::vector<std::byte> damaged = message;
      damaged[at] ^= static_cast<std::byte>(1u << random.below(8));
      // Into a frame of another kind all is read field by field.
      const auto read = read_into(Hello{}, damaged);
      REQUIRE(read_into(StateFrame{}, damaged) == read);
      ++(read ? taken : refused);
      REQUIRE_FALSE(read_into(StateFrame{}, std::span(message).first(at)));
    }
  }
  CHECK(usual > 300);
  CHECK(taken > 1000);
  CHECK(refused > 1000);
}

TEST_CASE("a state that leaves, whole or its last part, is written like the frame it is read as") {
  Random random(seed_or(11));
  for (int i = 0; i < 300; ++i) {
    Frame frame = random_frame(random, Frame(StateFrame{}).index());
    StateFrame& state = std::get<StateFrame>(frame);
    const bool encoded = state.base_nth || state.zstd;
    if (!state.base_nth) state.checksum.reset();
    if (state.base_nth && !state.checksum) state.checksum = 7;
    state.parts_bytes = random.below(3);
    auto payload = std::make_shared<mla::Payload>(mla::Payload{state.format, state.body});
    payload->data.insert(payload->data.begin(), state.parts_bytes, std::byte{7});
    const Encoded body{payload->data, state.base_nth, state.checksum.value_or(0), state.zstd};
    if (encoded) payload->data = {std::byte{1}};
    const Outgoing leaving{.kind = state.carry ? Outgoing::Kind::carry : Outgoing::Kind::state,
                           .handle = state.handle,
                           .stamp = {state.epoch, state.version},
                           .nth = state.nth,
                           .payload = payload,
                           .confirm = state.confirm,
                           .encoded = encoded ? std::make_shared<const Encoded>(body) : nullptr};
    std::vector<std::byte> frame_bytes = {std::byte{1}}, leaving_bytes = {std::byte{1}};  // both append
    encode(frame, frame_bytes);
    encode(leaving, state.age_us, state.parts_bytes, leaving_bytes);
    REQUIRE(frame_bytes == leaving_bytes);
  }
}

TEST_CASE("what people wrote is cut to a text the far side takes") {
  const auto sent = [](std::string detail) {
    std::vector<std::byte> message;
    encode(Close{mla::ErrorCode::internal, std::move(detail)}, message);
    const Decoded decoded = decode_all(message);
    REQUIRE(decoded.frames.size() == 1);
    return std::get<Close>(decoded.frames[0]).detail;
  };
  CHECK(sent("fine €") == "fine €");
  CHECK(sent("bad \xff byte") == "bad ? byte");
  CHECK(sent(std::string(300, 'x')) == std::string(256, 'x'));
  CHECK(sent(std::string(255, 'x') + "€") == std::string(255, 'x'));
}

TEST_CASE("an age or capacity beyond what the wire holds is sent as the greatest") {
  std::vector<std::byte> message;
  Fresh fresh;
  fresh.age_us = kMaxAgeUs + 1;
  encode(fresh, message);
  encode(Tag{"1", false, Exposure{.capacity = ~std::uint64_t{0}}}, message);
  const Decoded decoded = decode_all(message);
  REQUIRE(decoded.frames.size() == 2);
  CHECK(std::get<Fresh>(decoded.frames[0]).age_us == kMaxAgeUs);
  CHECK(std::get<Tag>(decoded.frames[1]).exposes->capacity == kMaxCapacity);
}

}  // namespace round_trip_test
