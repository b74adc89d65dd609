#include <catch2/catch.hpp>

#include <cstring>
#include <random>
#include <string>
#include <string_view>

#include "exchange/codec/compressor.h"
#include "exchange/codec/difference.h"

namespace codec_difference_test {

using namespace mla::codec;

namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes(std::string_view text) {
  const auto* at = reinterpret_cast<const std::byte*>(text.data());
  return {at, at + text.size()};
}

/// `size` letters of a small alphabet, so that parts repeat.
Bytes letters(std::mt19937_64& random, std::size_t size) {
  Bytes all(size);
  for (auto& b : all) b = static_cast<std::byte>('a' + random() % 4);
  return all;
}

}  // namespace

TEST_CASE("a splice rebuilds what it was made from, and is small where little changed") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 3000; ++i) {
    const Bytes base = letters(random, random() % 60);
    Bytes next = base;
    switch (random() % 4) {
      case 0: break;
      case 1: next = letters(random, random() % 60); break;
      case 2: if (!next.empty()) next[random() % next.size()] = std::byte{'Z'}; break;
      case 3: next.insert(next.begin() + static_cast<std::ptrdiff_t>(random() % (next.size() + 1)), 7, std::byte{'Y'}); break;
    }
    Bytes change, rebuilt = bytes("what was there");
    splice(base, next, change);
    REQUIRE(unsplice(base, change, 1000, rebuilt));
    REQUIRE(rebuilt == next);
    REQUIRE(change.size() <= next.size() + 4);
    if (next == base) REQUIRE(change.size() <= 3);
  }
}

TEST_CASE("one field of a large text goes as a splice of a few bytes") {
  std::mt19937_64 random(2);
  const Bytes base = letters(random, 100 << 10);
  Bytes next = base;
  next[50'000] = std::byte{'Z'};
  Bytes change;
  splice(base, next, change);
  CHECK(change.size() == 3 + 3 + 1);
}

TEST_CASE("P14 a splice that fits no such base, or makes too much, is refused") {
  const Bytes base = bytes("0123456789");
  Bytes out;
  const auto fits = [&](std::initializer_list<int> raw, std::size_t limit = 100) {
    Bytes change;
    for (const int b : raw) change.push_back(static_cast<std::byte>(b));
    return unsplice(base, change, limit, out);
  };
  CHECK(fits({0x00, 0x00}));
  CHECK(out.empty());
  CHECK(fits({0x05, 0x05}));
  CHECK(fits({0x0a, 0x00}));
  CHECK_FALSE(fits({0x05, 0x06}));  // more than there is
  CHECK_FALSE(fits({0x0b, 0x00}));
  CHECK_FALSE(fits({0x00, 0x0b}));
  CHECK_FALSE(fits({0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}));  // would wrap around
  CHECK_FALSE(fits({0x05}));
  CHECK_FALSE(fits({0x20, 0x00}));  // a negative number
  CHECK_FALSE(fits({}));
  CHECK(fits({0x05, 0x05}, 10));
  CHECK_FALSE(fits({0x05, 0x05}, 9));
  CHECK_FALSE(fits({0x05, 0x05, 'x'}, 10));
}

TEST_CASE("the sum of rebuilt data is XXH3 of 64 bits") {
  CHECK(checksum(bytes("")) == 0x2d06800538d394c2);  // the specification's own value for nothing
  CHECK(checksum(bytes("{\"c\":34}")) == 4449134067650763105u);
}

TEST_CASE("what is compressed comes back, with and without a prefix, and never takes less than a third") {
  REQUIRE(Compressor::available());
  Compressor compressor;
  std::mt19937_64 random(3);
  for (const std::size_t size : {0, 1, 100, 600, 5000, 100'000}) {
    for (const bool dull : {false, true}) {
      const Bytes data = dull ? Bytes(size, std::byte{'x'}) : letters(random, size);
      Bytes prefix = data;
      for (std::size_t i = 0; i < prefix.size(); i += 200) prefix[i] = std::byte{'!'};
      Bytes packed, rebuilt;
      REQUIRE(compressor.compress(data, {}, size + 100, packed));
      CHECK(3 * packed.size() >= size);
      REQUIRE(compressor.expand(packed, {}, size, rebuilt));
      CHECK(rebuilt == data);
      if (size > 0) CHECK_FALSE(compressor.expand(packed, {}, size - 1, rebuilt));
      if (size == 0) continue;
      Bytes with;
      REQUIRE(compressor.compress(data, prefix, size + 100, with));
      if (size > 1000 && !dull) CHECK(3 * with.size() < 2 * packed.size());
      REQUIRE(compressor.expand(with, prefix, size, rebuilt));
      CHECK(rebuilt == data);
    }
  }
}

TEST_CASE("what would not become small enough is not compressed") {
  Compressor compressor;
  std::mt19937_64 random(4);
  Bytes noise(4000);
  for (auto& b : noise) b = static_cast<std::byte>(random());
  Bytes packed;
  CHECK_FALSE(compressor.compress(noise, {}, 3600, packed));
  CHECK(compressor.compress(noise, {}, 5000, packed));
  CHECK_FALSE(compressor.compress(Bytes(4000, std::byte{'x'}), {}, 1000, packed));  // a third is the least
}

TEST_CASE("P14 compressed data that is none, or claims more than three times its size, is refused") {
  Compressor compressor;
  const Bytes data(3000, std::byte{'x'});
  Bytes packed, out;
  REQUIRE(compressor.compress(data, {}, 2000, packed));
  REQUIRE(compressor.expand(packed, {}, 1 << 20, out));
  Bytes bare = packed;
  bare.resize(30);  // without what fills it up
  CHECK_FALSE(compressor.expand(bare, {}, 1 << 20, out));
  for (std::size_t cut = 0; cut < 30; ++cut) CHECK_FALSE(compressor.expand(std::span(packed).first(cut), {}, 1 << 20, out));
  CHECK_FALSE(compressor.expand(bytes("no such data at all, but long enough"), {}, 1 << 20, out));
  std::mt19937_64 random(5);
  for (int i = 0; i < 20'000; ++i) {  // whatever comes of it, nothing breaks
    Bytes bent = packed;
    bent[random() % 30] = static_cast<std::byte>(random());
    compressor.expand(bent, {}, 1 << 16, out);
    CHECK(out.size() <= 1 << 16);
  }
}

}  // namespace codec_difference_test
