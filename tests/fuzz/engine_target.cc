#include <cstddef>
#include <cstdint>
#include <cstdio>

#include "tests/fuzz/engine_world.h"

// Any bytes as the story of one engine: see engine_world.h for what must hold.
namespace {

/// Told at the end of the run: a bound that nothing comes near shows little.
struct Spare {
  ~Spare() {
    std::fprintf(stderr, "nearest to the bound of memory: %lld B\n",
                 static_cast<long long>(mla::engine::test::reached().least_spare));
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Spare spare;
  mla::engine::test::Choices choices({data, size});
  mla::engine::test::World world(choices);
  world.run();
  world.finish();
  return 0;
}
