#include "tests/unit/codec/golden.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "exchange/codec/codec.h"
#include "tests/unit/codec/frame_json.h"

namespace golden_test {

using namespace mla::codec;
using namespace mla::codec::test;

namespace {

const std::vector<Golden>& golden() {
  static const std::vector<Golden> vectors = load_golden(MLA_GOLDEN_FILE);
  return vectors;
}

}  // namespace

TEST_CASE("every golden message decodes to its fields") {
  REQUIRE(golden().size() >= 50);
  for (const Golden& g : golden()) {
    INFO(g.name);
    const Decoded decoded = decode_all(g.message);
    CHECK_FALSE(decoded.malformed);
    CHECK(decoded.skipped == g.unknown);
    std::string frames = "[";
    for (const Frame& frame : decoded.frames) frames += (frames.size() > 1 ? "," : "") + to_json(frame);
    CHECK(frames + "]" == g.frames);
  }
}

TEST_CASE("every golden message is encoded to its bytes") {
  for (const Golden& g : golden()) {
    INFO(g.name);
    std::vector<std::byte> written;
    for (const Frame& frame : decode_all(g.message).frames) encode(frame, written);
    CHECK((written == g.message) == g.encodes);
  }
}

TEST_CASE("the golden messages have every kind of frame") {
  std::vector<bool> seen(std::variant_size_v<Frame>);
  for (const Golden& g : golden()) {
    for (const Frame& frame : decode_all(g.message).frames) seen[frame.index()] = true;
  }
  CHECK(std::find(seen.begin(), seen.end(), false) == seen.end());
}

TEST_CASE("a golden message cut anywhere inside a frame is malformed") {
  for (const Golden& g : golden()) {
    INFO(g.name);
    std::size_t between_frames = 0;  // cuts that leave whole frames only
    const std::span<const std::byte> whole(g.message);
    for (std::size_t cut = 0; cut < g.message.size(); ++cut) {
      // A copy of exactly this size, so that a read beyond it is a read beyond the allocation.
      const std::vector<std::byte> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut));
      if (!decode_all(part).malformed) ++between_frames;
    }
    CHECK(between_frames == decode_all(g.message).frames.size() + g.unknown);
  }
}

TEST_CASE("a golden message with any one bit flipped is read or refused, and what is read can be sent on") {
  for (const Golden& g : golden()) {
    INFO(g.name);
    for (std::size_t bit = 0; bit < 8 * g.message.size(); ++bit) {
      std::vector<std::byte> flipped = g.message;
      flipped[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
      const Decoded once = decode_all(flipped);
      std::vector<std::byte> written;
      for (const Frame& frame : once.frames) encode(frame, written);
      const Decoded twice = decode_all(written);
      REQUIRE_FALSE(twice.malformed);
      REQUIRE(twice.frames == once.frames);
    }
  }
}

}  // namespace golden_test
