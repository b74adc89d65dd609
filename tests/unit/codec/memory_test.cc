#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <new>

#include "exchange/codec/codec.h"
#include "exchange/codec/layout.h"
#include "tests/unit/codec/golden.h"
#include "tests/unit/codec/random_frame.h"

using namespace mla::codec;
using namespace mla::codec::test;

namespace {

// What this program has allocated. The size stands in front of each block.
constexpr std::size_t kFront = alignof(std::max_align_t);
std::atomic<std::size_t> g_live{0}, g_peak{0}, g_calls{0};

void* counted(std::size_t size) {
  void* block = std::malloc(size + kFront);
  if (block == nullptr) throw std::bad_alloc();
  *static_cast<std::size_t*>(block) = size;
  const std::size_t live = g_live += size;
  if (live > g_peak) g_peak = live;
  ++g_calls;
  return static_cast<char*>(block) + kFront;
}

void uncounted(void* pointer) {
  if (pointer == nullptr) return;
  void* block = static_cast<char*>(pointer) - kFront;
  g_live -= *static_cast<std::size_t*>(block);
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
// A sanitizer's runtime brings these too, and they would not come to ours.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counted(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return counted(size);
}
void operator delete(void* pointer) noexcept {
  uncounted(pointer);
}
void operator delete[](void* pointer) noexcept {
  uncounted(pointer);
}
void operator delete(void* pointer, std::size_t) noexcept {
  uncounted(pointer);
}
void operator delete[](void* pointer, std::size_t) noexcept {
  uncounted(pointer);
}

namespace {

// Lists of small numbers take more room as values than on the wire, and are short: 16 codecs of 32 B each,
// before their text, are the greatest; then 3 versions of 16 × 8 B.
constexpr std::size_t kConstant = 1024;

/// Peak allocation while all frames of a message are read, each into a frame of its own.
std::size_t peak_of(const std::vector<std::byte>& message) {
  Decoder decoder(message);
  std::size_t peak = 0;
  while (true) {
    Frame frame;
    g_peak = g_live.load();
    const std::size_t before = g_live;
    const Decoder::Outcome outcome = decoder.next(frame);
    peak = std::max(peak, g_peak - before);
    if (outcome != Decoder::Outcome::frame) return peak;
  }
}

std::vector<std::byte> nested(std::size_t depth) {
  std::vector<std::byte> message(depth, std::byte{0x81});
  message.push_back(std::byte{0});
  return message;
}

}  // namespace

TEST_CASE("the counter of allocations counts") {
  g_peak = g_live.load();
  const std::size_t before = g_live;
  { std::vector<std::byte> block(1 << 20); }
  CHECK(g_peak - before == 1 << 20);
  CHECK(g_live == before);
}

TEST_CASE("P14 reading a golden message allocates no more than its size and a constant") {
  for (const Golden& g : load_golden(MLA_GOLDEN_FILE)) {
    INFO(g.name);
    CHECK(peak_of(g.message) <= g.message.size() + kConstant);
  }
}

TEST_CASE("P14 lengths that lie allocate nothing") {
  // Every string, list and count of every golden message, claimed to be longer than it is.
  std::size_t lies = 0;
  for (const Golden& g : load_golden(MLA_GOLDEN_FILE)) {
    INFO(g.name);
    for (std::size_t at = 0; at < g.message.size(); ++at) {
      const unsigned major = static_cast<unsigned>(g.message[at]) >> 5;
      if (major < 2 || major > 5) continue;
      for (const char* length :
           {"ffffffffffffffff", "0000000100000000", "0000000020000000", "0000000000010000"}) {
        std::vector<std::byte> message(g.message.begin(),
                                       g.message.begin() + static_cast<std::ptrdiff_t>(at));
        message.push_back(static_cast<std::byte>(major << 5 | 27));
        for (const std::byte b : from_hex(length)) message.push_back(b);
        message.insert(message.end(), g.message.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                       g.message.end());
        CHECK(peak_of(message) <= message.size() + kConstant);
        ++lies;
      }
    }
  }
  CHECK(lies > 1000);
}

TEST_CASE("P14 deep nesting allocates nothing") {
  for (const std::size_t depth : {1, 16, 17, 1000, 100000}) CHECK(peak_of(nested(depth)) == 0);
  std::vector<std::byte> unknown = from_hex("8200");
  for (const std::byte b : nested(100000)) unknown.push_back(b);
  CHECK(peak_of(unknown) == 0);
}

TEST_CASE("P14 long lists of small items allocate no more than the message and a constant") {
  // Lists of 60000 small items where few are allowed; the message really has them.
  for (const char* start :
       {"82181d", "83183a01", "8a18180101010101602001", "8c0101010180", "8a181801010101016080"}) {
    std::vector<std::byte> message = from_hex(start);
    for (const std::byte b : from_hex("99ea60")) message.push_back(b);
    message.resize(message.size() + 60000, std::byte{0x60});
    INFO(start);
    CHECK(peak_of(message) <= message.size() + kConstant);
    CHECK(peak_of(message) <= kConstant);
  }
}

TEST_CASE("P14 mutated messages allocate no more than their size and a constant") {
  const std::uint64_t seed = seed_or(3);
  std::cout << "MLA_SEED=" << seed << '\n';
  Random random(seed);
  const std::vector<Golden> golden = load_golden(MLA_GOLDEN_FILE);
  for (int i = 0; i < 50000; ++i) {
    std::vector<std::byte> message = golden[random.below(golden.size())].message;
    for (std::size_t n = 1 + random.below(4); n > 0 && !message.empty(); --n) {
      message[random.below(message.size())] = static_cast<std::byte>(random.next());
    }
    REQUIRE(peak_of(message) <= message.size() + kConstant);
  }
}

TEST_CASE("a state is copied once when it is sent, into room that is there or is made once") {
  const Outgoing state{.payload = std::make_shared<mla::Payload>(mla::Payload{{"JSON"}, std::vector<std::byte>(60000, std::byte{1})})};
  std::vector<std::byte> out;
  const std::size_t calls = g_calls;
  encode(state, {}, 0, out);
  CHECK(g_calls == calls + 1);
  out.clear();
  encode(state, {}, 0, out);
  CHECK(g_calls == calls + 1);
}

TEST_CASE("a state read into a frame that held one allocates nothing when it fits") {
  StateFrame state;
  state.format = {"JSON"};
  state.body.resize(1000);
  std::vector<std::byte> message;
  encode(state, message);
  encode(state, message);
  Decoder decoder(message);
  Frame frame;
  REQUIRE(decoder.next(frame) == Decoder::Outcome::frame);
  const std::size_t calls = g_calls;
  REQUIRE(decoder.next(frame) == Decoder::Outcome::frame);
  CHECK(g_calls == calls);
  CHECK(std::get<StateFrame>(frame) == state);
}
