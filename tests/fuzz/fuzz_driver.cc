#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "exchange/codec/codec.h"
#include "tests/unit/codec/golden.h"
#include "tests/unit/codec/random_frame.h"

// A main for a libFuzzer target where there is no libFuzzer: mutates the golden messages and random frames
// from a seed.
//
//   fuzz EXECUTIONS [SEED]     the seed is printed; the same seed does the same
//   fuzz --hex HEX             one input, as a crash printed it
//
// The input ends where an unreadable page begins, so that also a library built without checks cannot read
// beyond it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// A finding ends in abort(), where the handler below prints the input.
extern "C" const char* __asan_default_options() {
  return "abort_on_error=1:handle_segv=0";
}
extern "C" const char* __ubsan_default_options() {
  return "abort_on_error=1:print_stacktrace=1";
}

namespace {

using namespace mla::codec;
using namespace mla::codec::test;
using Bytes = std::vector<std::byte>;

constexpr std::size_t kMaxInput = 4096;

const std::byte* g_input = nullptr;  // what runs now, for the handler
std::size_t g_size = 0;

void print_input(int signal) {
  std::signal(signal, SIG_DFL);
  constexpr std::string_view kBefore = "\nreplay with: --hex ";
  (void)!write(STDERR_FILENO, kBefore.data(), kBefore.size());
  for (std::size_t i = 0; i < g_size; ++i) {
    const auto b = static_cast<unsigned>(g_input[i]);
    const char hex[2] = {"0123456789abcdef"[b >> 4], "0123456789abcdef"[b & 15]};
    (void)!write(STDERR_FILENO, hex, 2);
  }
  (void)!write(STDERR_FILENO, "\n", 1);
  std::raise(signal);
}

/// Runs inputs with their end at the edge of readable memory. *loop-confined*
class Edge {
 public:
  Edge() {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    room_ = (kMaxInput + page - 1) / page * page;
    void* memory = mmap(nullptr, room_ + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    begin_ = static_cast<std::byte*>(memory);
    if (mprotect(begin_ + room_, page, PROT_NONE) != 0) std::abort();
  }
  void run(const Bytes& input) {
    g_size = std::min(input.size(), room_);
    std::byte* start = begin_ + room_ - g_size;
    if (g_size > 0) std::memcpy(start, input.data(), g_size);
    g_input = start;
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(start), g_size);
  }

 private:
  std::byte* begin_ = nullptr;
  std::size_t room_ = 0;
};

/// Heads and values that parsers of CBOR get wrong.
const std::vector<Bytes>& dictionary() {
  static const std::vector<Bytes> words = [] {
    std::vector<Bytes> out;
    for (const char* hex : {"9bffffffffffffffff",
                            "9b0000000020000000",
                            "bb8000000000000000",
                            "5bffffffffffffffff",
                            "7bffffffffffffffff",
                            "5a7fffffff",
                            "1bffffffffffffffff",
                            "3bffffffffffffffff",
                            "1b8000000000000000",
                            "3b7fffffffffffffff",
                            "9fff",
                            "5f4100ff",
                            "bfff",
                            "ff",
                            "f6",
                            "f5",
                            "f4",
                            "f7",
                            "f97c00",
                            "80",
                            "81",
                            "9818",
                            "c1",
                            "a0",
                            "60",
                            "40",
                            "61ff",
                            "62c3a9",
                            "1818",
                            "00",
                            "20",
                            "8105",
                            "820500",
                            "81818181818181818181818181818181"}) {
      out.push_back(from_hex(hex));
    }
    return out;
  }();
  return words;
}

void mutate(Bytes& input, Random& random, const std::vector<Bytes>& corpus) {
  const auto at = [&] { return input.begin() + static_cast<std::ptrdiff_t>(random.below(input.size() + 1)); };
  const std::size_t place = input.empty() ? 0 : random.below(input.size());
  switch (input.empty() ? 4 : random.below(9)) {
    case 0:
      input[place] ^= static_cast<std::byte>(1u << random.below(8));
      break;
    case 1:
      input[place] = static_cast<std::byte>(random.next());
      break;
    case 2:
      input[place] = static_cast<std::byte>(static_cast<unsigned>(input[place]) + (random.coin() ? 1 : 255));
      break;
    case 3:
      input.resize(place);
      break;
    case 4: {
      const Bytes& word = dictionary()[random.below(dictionary().size())];
      input.insert(at(), word.begin(), word.end());
      break;
    }
    case 5: {
      const Bytes& word = dictionary()[random.below(dictionary().size())];
      std::copy_n(word.begin(), std::min(word.size(), input.size() - place),
                  input.begin() + static_cast<std::ptrdiff_t>(place));
      break;
    }
    case 6: {
      const std::size_t size = std::min<std::size_t>(1 + random.below(8), input.size() - place);
      input.erase(input.begin() + static_cast<std::ptrdiff_t>(place),
                  input.begin() + static_cast<std::ptrdiff_t>(place + size));
      break;
    }
    case 7: {
      const Bytes& other = corpus[random.below(corpus.size())];
      if (other.empty()) break;
      const std::size_t from = random.below(other.size());
      const std::size_t size = std::min<std::size_t>(1 + random.below(64), other.size() - from);
      const auto begin = other.begin() + static_cast<std::ptrdiff_t>(from);
      input.insert(at(), begin, begin + static_cast<std::ptrdiff_t>(size));
      break;
    }
    default: {
      const Bytes& other = corpus[random.below(corpus.size())];
      input.insert(input.end(), other.begin(), other.end());
      break;
    }
  }
  if (input.size() > kMaxInput) input.resize(kMaxInput);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: %s EXECUTIONS [SEED] | --hex HEX\n", argv[0]), 2;
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, print_input);
  Edge edge;
  if (std::string_view(argv[1]) == "--hex" && argc > 2) {
    edge.run(from_hex(argv[2]));
    return 0;
  }
  const std::uint64_t executions = std::strtoull(argv[1], nullptr, 0);
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : seed_or(1);
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  Random random(seed);

  std::vector<Bytes> corpus;
  for (const Golden& g : load_golden(MLA_GOLDEN_FILE)) corpus.push_back(g.message);
  for (int i = 0; i < 500; ++i) {
    Bytes message;
    encode(random_frame(random, random.below(std::variant_size_v<Frame>)), message);
    if (message.size() <= kMaxInput / 4) corpus.push_back(std::move(message));
  }
  if (corpus.size() < 100) return std::fprintf(stderr, "the golden messages are missing\n"), 1;

  const auto start = std::chrono::steady_clock::now();
  std::uint64_t whole =
      0;  // executions whose message was still well-formed: the mutations must not break all
  for (std::uint64_t i = 0; i < executions; ++i) {
    Bytes input = corpus[random.below(corpus.size())];
    for (std::uint64_t n = random.below(6); n > 0; --n) mutate(input, random, corpus);
    edge.run(input);
    if (!decode_all(input).malformed) ++whole;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%llu executions, %llu well-formed, in %.1f s\n", static_cast<unsigned long long>(executions),
              static_cast<unsigned long long>(whole), took.count());
  return executions > 0 && whole > executions / 20 && whole < executions ? 0 : 1;
}
