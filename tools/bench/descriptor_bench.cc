// What it costs to bring a descriptor into canonical form, parsed from text as it comes from a user. Prints nanoseconds each.
//   descriptor_bench [TIMES]
#include <mla/descriptor.h>
#include <mla/json.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/bench/measured.h"

using namespace mla;

namespace {

constexpr std::array<std::string_view, 4> kTexts{
    R"("temp")",
    R"({"room": 17, "floor": -2, "kind": "temperature"})",
    R"([1.5, 1e15, "h\u00e9llo \ud83d\ude00", {"b": [true, null], "a": 0.1}])",
    R"({"sensor":{"site":"north","rack":12,"unit":3},"series":["p50","p99","p99.9"],"window_s":60})",
};

MLA_MEASURED std::size_t canonicalize(std::size_t times) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < times; ++i) {
    auto json = Json::parse(kTexts[i % kTexts.size()]);
    if (!json) return 0;
    bytes += ObjectDescriptor({{"bench"}, {"host"}}, std::move(*json)).canonical().size();
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t n = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200'000;
  const auto start = std::chrono::steady_clock::now();
  const std::size_t bytes = canonicalize(n);
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  std::printf("%zu descriptors, %zu bytes, %.0f ns each\n", n, bytes, took.count() / static_cast<double>(n));
  return bytes ? 0 : 1;
}
