// What reads and writes the heads of CBOR items in WebAssembly is held equal to libcbor: here over all short inputs and
// all edges, in tests/fuzz/heads_target.cc over any bytes.
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "exchange/codec/cbor_heads_libcbor.h"
#include "exchange/codec/cbor_heads_plain.h"
#include "exchange/codec/cbor_writer.h"
#include "tests/unit/codec/golden.h"

namespace cbor_heads_test {

using namespace mla::codec;
using Type = CborItem::Type;

namespace {

struct Head {
  Type type = Type::bad;
  std::uint64_t value = 0;
  std::size_t offset = 0;  // of a string's bytes
  std::size_t length = 0;
  bool operator==(const Head&) const = default;
};

template <auto kRead>
Head read(std::span<const std::byte> input) {
  CborItem item;
  Head head;
  head.length = kRead(input, item);
  head.type = item.type;
  const bool string = item.type == Type::bytes || item.type == Type::text;
  if (item.type != Type::bad && item.type != Type::null && item.type != Type::other) head.value = item.value;
  if (string) head.offset = static_cast<std::size_t>(item.data - input.data());
  return head;
}

bool agree(std::span<const std::byte> input) {
  return read<libcbor::read>(input) == read<plain::read>(input);
}

/// What the reader reads on the spot is what libcbor reads, is passed when it is of the type asked for, and only then.
bool reads_on_the_spot(std::span<const std::byte> input) {
  const Head head = read<libcbor::read>(input);
  const auto alike = [&](Type type, auto take) {
    CborReader reader(input);
    const bool taken = take(reader);
    return taken == (head.type == type) && input.size() - reader.rest().size() == (taken ? head.length : 0);
  };
  std::uint64_t value = head.value;
  std::span<const std::byte> bytes;
  return alike(Type::uint, [&](CborReader& r) { return r.uint(value); }) && value == head.value &&
         alike(Type::array, [&](CborReader& r) { return r.array(value); }) && value == head.value &&
         alike(Type::bytes, [&](CborReader& r) { return r.bytes(bytes); }) &&
         (head.type != Type::bytes || (bytes.data() == input.data() + head.offset && bytes.size() == head.value)) &&
         alike(Type::null, [&](CborReader& r) { return r.null(); });
}

constexpr std::uint64_t kEdges[] = {0,          1,          22,         23,         24,
                                    25,         254,        255,        256,        257,
                                    0x7fff,     0xfffe,     0xffff,     0x10000,    0x7fffffff,
                                    0x80000000, 0xfffffffe, 0xffffffff, 0x100000000, 0x7fffffffffffffff,
                                    0x8000000000000000, 0xfffffffffffffffe, 0xffffffffffffffff};

template <auto kWrite, class Value>
std::vector<unsigned char> written(Value value) {
  std::array<unsigned char, plain::kMaxHead> out{};
  const std::size_t size = kWrite(value, out.data());
  return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size)};
}

}  // namespace

TEST_CASE("CBOR without a library reads every input of three bytes as libcbor does") {
  std::array<std::byte, 3> input{};
  std::uint32_t differ = 0, differ_on_the_spot = 0, taken = 0;
  for (std::uint32_t i = 0; i < 1u << 24; ++i) {
    for (std::size_t b = 0; b < 3; ++b) input[b] = static_cast<std::byte>(i >> (16 - 8 * b));
    const Head head = read<libcbor::read>(input);
    if (head != read<plain::read>(input)) ++differ;
    if (!reads_on_the_spot(input)) ++differ_on_the_spot;
    if (head.length > 0) ++taken;
  }
  CHECK(differ == 0);
  CHECK(differ_on_the_spot == 0);
  CHECK(taken > 1u << 22);
  CHECK(taken < 1u << 24);
}

TEST_CASE("CBOR without a library reads every head with every edge of its argument as libcbor does, cut anywhere") {
  std::vector<std::byte> input(64);
  for (unsigned initial = 0; initial < 256; ++initial) {
    for (const std::uint64_t edge : kEdges) {
      input[0] = static_cast<std::byte>(initial);
      const unsigned info = initial & 0x1f;
      const std::size_t width = info < 24 || info > 27 ? 0 : std::size_t{1} << (info - 24);
      for (std::size_t i = 0; i < width; ++i) input[width - i] = static_cast<std::byte>(edge >> (8 * i));
      for (std::size_t size = 0; size <= input.size(); ++size) {
        CAPTURE(initial, edge, size);
        REQUIRE(agree(std::span(input).first(size)));
        REQUIRE(reads_on_the_spot(std::span(input).first(size)));
      }
    }
  }
}

TEST_CASE("CBOR without a library writes every head as libcbor does") {
  for (const std::uint64_t edge : kEdges) {
    CAPTURE(edge);
    const auto size = static_cast<std::size_t>(edge);
    CHECK(written<libcbor::write_uint>(edge) == written<plain::write_uint>(edge));
    CHECK(written<libcbor::write_negative>(edge) == written<plain::write_negative>(edge));
    CHECK(written<libcbor::write_array>(size) == written<plain::write_array>(size));
    CHECK(written<libcbor::write_text>(size) == written<plain::write_text>(size));
    CHECK(written<libcbor::write_bytes>(size) == written<plain::write_bytes>(size));
  }
  for (const bool value : {false, true})
    CHECK(written<libcbor::write_boolean>(value) == written<plain::write_boolean>(value));
  std::array<unsigned char, plain::kMaxHead> one{}, other{};
  CHECK(libcbor::write_null(one.data()) == plain::write_null(other.data()));
  CHECK(one == other);
}

TEST_CASE("the writer writes as libcbor does what it writes on the spot") {
  const auto by_writer = [](auto put) {
    std::vector<std::byte> bytes;
    put(*std::make_unique<CborWriter>(bytes));
    std::vector<unsigned char> out;
    for (const std::byte b : bytes) out.push_back(std::to_integer<unsigned char>(b));
    return out;
  };
  for (const std::uint64_t edge : kEdges) {
    CAPTURE(edge);
    const auto size = static_cast<std::size_t>(edge);
    CHECK(by_writer([&](CborWriter& w) { w.uint(edge); }) == written<libcbor::write_uint>(edge));
    CHECK(by_writer([&](CborWriter& w) { w.array(size); }) == written<libcbor::write_array>(size));
    if (edge > 0xffff) continue;
    const std::vector<std::byte> data(size, std::byte{7});
    auto bytes = by_writer([&](CborWriter& w) { w.bytes(data); });
    REQUIRE(bytes.size() > size);
    bytes.resize(bytes.size() - size);
    CHECK(bytes == written<libcbor::write_bytes>(size));
  }
  CHECK(by_writer([](CborWriter& w) { w.null(); }) == std::vector<unsigned char>{0xf6});
}

TEST_CASE("CBOR without a library reads every golden message as libcbor does, from every byte on") {
  const auto vectors = test::load_golden(MLA_GOLDEN_FILE);
  REQUIRE(vectors.size() >= 50);
  for (const test::Golden& golden : vectors) {
    CAPTURE(golden.name);
    for (std::size_t from = 0; from <= golden.message.size(); ++from)
      REQUIRE(agree(std::span(golden.message).subspan(from)));
  }
}

}  // namespace cbor_heads_test
