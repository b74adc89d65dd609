#include <chrono>
#include <cstdio>

#include "exchange/codec/codec.h"

// What a state costs: `ninja codec_bench` in a release build with tests, then run it. No test; nothing is judged.
using namespace mla::codec;

namespace {

template <class Body>
void measure(const char* what, Body body) {
  using Clock = std::chrono::steady_clock;
  double best = 1e9;
  for (int round = 0; round < 20; ++round) {
    constexpr int kTimes = 50000;
    const auto start = Clock::now();
    for (int i = 0; i < kTimes; ++i) body();
    const std::chrono::duration<double, std::nano> took = Clock::now() - start;
    best = std::min(best, took.count() / kTimes);
  }
  std::printf("%-50s %7.1f ns\n", what, best);
}

}  // namespace

int main() {
  for (const std::size_t size : {100, 1000, 60000}) {
    const Outgoing state{
        .handle = {1234},
        .stamp = {{17, {0x0123456789abcdef}}, {17, 123456}},
        .nth = 123456,
        .payload = std::make_shared<mla::Payload>(mla::Payload{{"JSON"}, std::vector<std::byte>(size, std::byte{'x'})})};
    std::vector<std::byte> message;
    encode(state, {}, 0, message);
    std::printf("state of %zu bytes, %zu on the wire\n", size, message.size());

    std::vector<std::byte> out;
    out.reserve(message.size());
    measure("  encode, into room", [&] {
      out.clear();
      encode(state, {}, 0, out);
    });
    measure("  encode, into a new vector", [&] {
      std::vector<std::byte> fresh;
      encode(state, {}, 0, fresh);
    });
    Frame frame;
    measure("  decode, into the frame before", [&] { (void)Decoder(message).next(frame); });
    measure("  decode, into a new frame", [&] {
      Frame fresh;
      (void)Decoder(message).next(fresh);
    });
    measure("  decode, body moved away", [&] {
      (void)Decoder(message).next(frame);
      const std::vector<std::byte> taken = std::move(std::get<StateFrame>(frame).body);
    });
  }
}
