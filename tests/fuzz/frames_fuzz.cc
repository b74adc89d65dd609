#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

#include "exchange/codec/codec.h"
#include "tests/fuzz/frame_bounds.h"

// Any bytes as one message of a link. Nothing may crash, and whatever is read must be within its bounds, must
// not depend on what the frame held before, and must come back the same when it is sent on. With clang:
// clang++ -fsanitize=fuzzer,address and this file without fuzz_driver.cc.
using mla::codec::Decoder;
using mla::codec::Frame;

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "frames_fuzz: %s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> message(reinterpret_cast<const std::byte*>(data), size);
  std::vector<std::byte> sent_on;
  std::vector<Frame> frames;
  Decoder decoder(message);
  Frame reused;
  Decoder::Outcome outcome;
  while ((outcome = decoder.next(reused)) == Decoder::Outcome::frame) {
    require(mla::codec::test::within_bounds(reused), "a frame is out of bounds");
    mla::codec::encode(reused, sent_on);
    frames.push_back(reused);
    require(frames.size() <= size / 2, "more frames than a message can hold");
  }
  require(decoder.next(reused) == outcome, "the end is not final");

  Decoder again(sent_on), alone(message);
  for (const Frame& frame : frames) {
    Frame fresh;
    require(again.next(fresh) == Decoder::Outcome::frame, "what was read cannot be sent on");
    require(fresh == frame, "what was sent on reads differently");
    Frame first;
    require(alone.next(first) == Decoder::Outcome::frame && first == frame,
            "a frame depends on the one before");
  }
  Frame none;
  require(again.next(none) == Decoder::Outcome::done, "what was sent on has an odd end");
  require(again.skipped() == 0, "a frame of ours was skipped");
  return 0;
}
