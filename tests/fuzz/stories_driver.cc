#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "tests/fuzz/engine_world.h"
#include "tests/unit/codec/golden.h"
#include "tests/unit/codec/random_frame.h"

// A main for engine_fuzz.cc where there is no libFuzzer: makes inputs from a seed, and mutates those it has.
//
//   engine_fuzz EXECUTIONS [SEED]   the seed is printed; the same seed does the same
//   engine_fuzz --hex HEX           one input, as a failure printed it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" const char* __asan_default_options() {
  return "abort_on_error=1:handle_segv=0:malloc_context_size=2:quarantine_size_mb=8";
}
extern "C" const char* __ubsan_default_options() {
  return "abort_on_error=1:print_stacktrace=1";
}

namespace {

using mla::codec::test::Random;
using Input = std::vector<std::uint8_t>;

const Input* g_input = nullptr;  // what runs now, for the handler

void print_input(int signal) {
  std::signal(signal, SIG_DFL);
  constexpr std::string_view kBefore = "\nreplay with: --hex ";
  (void)!write(STDERR_FILENO, kBefore.data(), kBefore.size());
  for (const std::uint8_t b : *g_input) {
    const char hex[2] = {"0123456789abcdef"[b >> 4], "0123456789abcdef"[b & 15]};
    (void)!write(STDERR_FILENO, hex, 2);
  }
  (void)!write(STDERR_FILENO, "\n", 1);
  std::raise(signal);
}

void run(const Input& input) {
  g_input = &input;
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

/// Most stories are short, so that many are told; some are long.
Input story(Random& random) {
  Input input(random.below(256) == 0 ? 200 + random.below(1800) : 8 + random.below(40));
  for (auto& b : input) b = static_cast<std::uint8_t>(random.next());
  return input;
}

void mutate(Input& input, Random& random) {
  for (std::uint64_t n = 1 + random.below(4); n > 0; --n) {
    const std::size_t at = random.below(input.size());
    switch (random.below(3)) {
      case 0:
        input[at] = static_cast<std::uint8_t>(random.next());
        break;
      case 1:
        input[at] ^= static_cast<std::uint8_t>(1u << random.below(8));
        break;
      default: {  // a piece again, so that something happens twice
        const std::size_t size = std::min<std::size_t>(1 + random.below(24), input.size() - at);
        const Input piece(input.begin() + static_cast<std::ptrdiff_t>(at),
                          input.begin() + static_cast<std::ptrdiff_t>(at + size));
        input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), piece.begin(), piece.end());
      }
    }
  }
  if (input.size() > 72) input.resize(72);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: %s EXECUTIONS [SEED] | --hex HEX\n", argv[0]), 2;
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, print_input);
  if (std::string_view(argv[1]) == "--hex" && argc > 2) {
    Input input;
    for (const std::byte b : mla::codec::test::from_hex(argv[2])) input.push_back(static_cast<std::uint8_t>(b));
    run(input);
    return 0;
  }
  const std::uint64_t executions = std::strtoull(argv[1], nullptr, 0);
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : mla::codec::test::seed_or(1);
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  Random random(seed);
  const auto start = std::chrono::steady_clock::now();
  Input input = story(random);
  for (std::uint64_t i = 0; i < executions; ++i) {
    if (random.below(4) == 0)
      input = story(random);
    else
      mutate(input, random);
    run(input);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const auto& r = mla::engine::test::reached();
  std::printf(
      "%llu executions, %llu events, %llu frames in %.1f s; links ready %llu, closed %llu; states kept %llu, "
      "delivered %llu; elected %llu; steps with epochs %llu; parts %llu\n",
      static_cast<unsigned long long>(executions), static_cast<unsigned long long>(r.events),
      static_cast<unsigned long long>(r.frames), took.count(), static_cast<unsigned long long>(r.links_ready),
      static_cast<unsigned long long>(r.links_closed), static_cast<unsigned long long>(r.states_accepted),
      static_cast<unsigned long long>(r.delivered), static_cast<unsigned long long>(r.elected),
      static_cast<unsigned long long>(r.epochs_minted), static_cast<unsigned long long>(r.parts));
  // Bytes that reach nothing would find nothing.
  const bool deep = r.links_ready > executions / 10 && r.states_accepted > executions / 10 &&
                    r.delivered > executions / 100 && r.elected > executions / 20 &&
                    r.epochs_minted > executions / 10 && r.parts > executions / 1000;
  if (!deep) std::fprintf(stderr, "the stories stay at the surface\n");
  return deep ? 0 : 1;
}
