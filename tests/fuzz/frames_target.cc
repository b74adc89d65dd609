#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "exchange/codec/codec.h"
#include "tests/fuzz/frame_bounds.h"
#include "tests/fuzz/heap_meter.h"
#include "tests/fuzz/require.h"

// Any bytes as one message of a link. Nothing may crash, and whatever is read must be within its bounds, must not depend
// on what the frame held before, must come back the same when it is sent on, and takes no more memory than it has bytes,
// and a constant for the short lists.
using mla::codec::Decoder;
using mla::codec::Frame;
using mla::test::HeapMeter;
using mla::test::require;

namespace {

constexpr std::int64_t kListBytes = 1024;  // 16 codecs of 32 B each are the longest of them

Decoder::Outcome next(Decoder& decoder, Frame& frame, HeapMeter& heap) {
  const HeapMeter::Counting counting(heap);
  return decoder.next(frame);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> message(reinterpret_cast<const std::byte*>(data), size);
  const auto bound = static_cast<std::int64_t>(size) + kListBytes;
  std::vector<std::byte> sent_on;
  std::vector<Frame> frames;
  Decoder decoder(message);
  Frame reused;
  Decoder::Outcome outcome;
  for (;;) {
    HeapMeter heap;
    Frame read;
    outcome = next(decoder, read, heap);
    require(heap.peak() <= bound, "a frame takes more memory than the message has bytes");
    if (outcome != Decoder::Outcome::frame) break;
    require(mla::codec::test::within_bounds(read), "a frame is out of bounds");
    mla::codec::encode(read, sent_on);
    frames.push_back(std::move(read));
    require(frames.size() <= size / 2, "more frames than a message can hold");
  }
  require(decoder.next(reused) == outcome, "the end is not final");

  Decoder again(sent_on), over_another(message);
  for (const Frame& frame : frames) {
    Frame fresh;
    require(again.next(fresh) == Decoder::Outcome::frame, "what was read cannot be sent on");
    require(fresh == frame, "what was sent on reads differently");
    require(over_another.next(reused) == Decoder::Outcome::frame && reused == frame,
            "a frame depends on the one before");
  }
  Frame none;
  require(again.next(none) == Decoder::Outcome::done, "what was sent on has an odd end");
  require(again.skipped() == 0, "a frame of ours was skipped");
  return 0;
}
