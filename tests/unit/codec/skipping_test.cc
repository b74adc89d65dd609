#include <catch2/catch.hpp>

#include "exchange/codec/codec.h"
#include "tests/unit/codec/golden.h"

namespace skipping_test {

using namespace mla::codec;
using namespace mla::codec::test;

namespace {

bool malformed(std::string_view hex) {
  return decode_all(from_hex(hex)).malformed;
}

std::string repeat(std::string_view hex, int n) {
  std::string out;
  while (n-- > 0) out += hex;
  return out;
}

}  // namespace

TEST_CASE("an empty message holds no frames") {
  CHECK_FALSE(malformed(""));
}

TEST_CASE("every kind that is not known is skipped and counted, whatever it holds") {
  for (int kind = 0; kind < 300; ++kind) {
    std::vector<std::byte> message = from_hex("8919");
    message.push_back(static_cast<std::byte>(kind >> 8));
    message.push_back(static_cast<std::byte>(kind));
    // uint, negative, bytes, text, array, map, tag, half, null
    for (const std::byte b : from_hex("01204100616180a0c1f93c00f6")) message.push_back(b);
    const Decoded decoded = decode_all(message);
    CHECK(decoded.skipped + decoded.frames.size() + (decoded.malformed ? 1 : 0) == 1);
    const bool reserved = kind == 38 || (kind >= 73 && kind <= 127);
    if (reserved || kind > 127 || kind == 0) CHECK(decoded.skipped == 1);
  }
}

TEST_CASE("skipped values nest 16 deep and no deeper") {
  for (const char* nest : {"81", "c1"}) {
    // [0, nested] and [need, handle, nested]
    for (const char* frame : {"8200", "83050c"}) {
      INFO(nest << " in " << frame);
      CHECK_FALSE(malformed(frame + repeat(nest, 16) + "00"));
      CHECK(malformed(frame + repeat(nest, 17) + "00"));
      CHECK(malformed(frame + repeat(nest, 1000) + "00"));
    }
  }
  CHECK_FALSE(malformed("8200" + repeat("a100", 16) + "00"));
  CHECK(malformed("8200" + repeat("a100", 17) + "00"));
  CHECK(malformed(repeat("81", 1000) + "00"));
}

TEST_CASE("a frame is an array that starts with an unsigned number") {
  for (const char* hex :
       {"00", "80", "8120", "8161610c", "81f6", "818118", "a00c", "a1050c", "c182050c", "f6", "820c"}) {
    INFO(hex);
    CHECK(malformed(hex));
  }
}

TEST_CASE("indefinite lengths, stray breaks and reserved encodings are malformed wherever they stand") {
  for (const char* item :
       {"9fff", "bfff", "5fff", "7fff", "5f4100ff", "7f6161ff", "ff", "1c", "3d", "5e", "7f", "fc", "f800"}) {
    INFO(item);
    CHECK(malformed(item));                                 // as a frame
    CHECK(malformed(std::string("8200") + item));           // inside an unknown one
    CHECK(malformed(std::string("83050c") + item));         // trailing
    CHECK(malformed(std::string("8205") + item));           // as a field
    CHECK(malformed(std::string("831818") + item + "00"));  // as a field of another type
  }
  CHECK(malformed("9f050cff"));
}

TEST_CASE("lengths beyond the message are malformed") {
  for (const char* head : {"9b", "bb", "5b", "7b"}) {
    for (const char* length :
         {"ffffffffffffffff", "8000000000000000", "7fffffffffffffff", "0000000020000000"}) {
      const std::string item = std::string(head) + length;
      INFO(item);
      CHECK(malformed(item));
      CHECK(malformed(item + "05"));
      CHECK(malformed("8200" + item));
      CHECK(malformed("83050c" + item));
      CHECK(malformed("83183a01" + item));  // floor's version
      CHECK(malformed("8210" + item));
      CHECK(malformed("83100c" + item));  // define_object's text
      CHECK(
          malformed("8403"
                    "0c00" +
                    item));               // part's bytes
      CHECK(malformed("82181d" + item));  // path
    }
  }
}

TEST_CASE("1B: items after the last field of each golden frame are skipped, and so are unknown frames around it") {
  // A number (as flags of STATE it says nothing), -2, bytes, text, an array in an array, a map, a tagged value, a half, null.
  const std::vector<std::byte> more = from_hex("00" "21" "41ff" "6161" "818101" "a16178f5" "c11a00000000" "f93c00" "f6");
  constexpr int kMore = 9;
  const std::vector<std::byte> unknown = from_hex("83185001f6");
  std::size_t frames = 0;
  for (const Golden& g : load_golden(MLA_GOLDEN_FILE)) {
    for (const Frame& frame : decode_all(g.message).frames) {
      INFO(g.name);
      std::vector<std::byte> one;
      encode(frame, one);
      const int items = std::to_integer<int>(one[0]) - 0x80;
      REQUIRE(items > 0);
      REQUIRE(items < 24);
      std::vector<std::byte> message = unknown;
      if (items + kMore < 24) {
        message.push_back(static_cast<std::byte>(0x80 + items + kMore));
      } else {
        message.push_back(static_cast<std::byte>(0x98));
        message.push_back(static_cast<std::byte>(items + kMore));
      }
      message.insert(message.end(), one.begin() + 1, one.end());
      message.insert(message.end(), more.begin(), more.end());
      message.insert(message.end(), unknown.begin(), unknown.end());
      const Decoded decoded = decode_all(message);
      CHECK_FALSE(decoded.malformed);
      CHECK(decoded.skipped == 2);
      REQUIRE(decoded.frames.size() == 1);
      CHECK(decoded.frames[0] == frame);
      ++frames;
    }
  }
  CHECK(frames >= 50);
}

TEST_CASE("after a malformed frame nothing more is read") {
  const std::vector<std::byte> message = from_hex(
      "82181b01"
      "81f6"
      "82181b02");
  Decoder decoder(message);
  Frame frame;
  CHECK(decoder.next(frame) == Decoder::Outcome::frame);
  CHECK(decoder.next(frame) == Decoder::Outcome::malformed);
  CHECK(decoder.next(frame) == Decoder::Outcome::malformed);
}

}  // namespace skipping_test
