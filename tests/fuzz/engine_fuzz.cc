#include <cstddef>
#include <cstdint>

#include "tests/fuzz/engine_world.h"

// Any bytes as the story of one engine: see engine_world.h for what must hold. With clang:
// clang++ -fsanitize=fuzzer,address and these files without stories_driver.cc.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mla::engine::test::Choices choices({data, size});
  mla::engine::test::World world(choices);
  world.run();
  world.finish();
  return 0;
}
