#include "exchange/session/handle_table.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "exchange/names/names.h"

namespace handle_table_test {

using namespace mla;
using namespace mla::session;
using codec::Handle;

TEST_CASE("a table by handle is a map, whatever the numbers, of many and of few") {
  const std::uint64_t most = GENERATE(40, 4);
  names::Names names;
  HandleTable table;
  HandleSet set;
  std::map<std::uint64_t, names::Name*> model;
  std::mt19937_64 random(1);
  names::Name* const known[] = {&names.of("[[],1]"), &names.of("[[],2]")};
  for (int i = 0; i < 20000; ++i) {
    // Neighbours, gaps and the ends of the range.
    const std::uint64_t near = random() % most;
    const Handle handle{random() % 3 == 0 ? ~near : random() % 2 ? near : near * 1000};
    names::Name* const name = known[random() % 2];
    const bool there = model.count(handle.value) != 0;
    CHECK(table.find(handle) == (there ? model[handle.value] : nullptr));
    CHECK(set.contains(handle) == there);
    if (random() % 2) {
      CHECK(table.insert(handle, name) == !there);
      CHECK(set.insert(handle) == !there);
      model.try_emplace(handle.value, name);
    } else {
      CHECK(table.erase(handle) == (there ? model[handle.value] : nullptr));
      CHECK(set.erase(handle) == there);
      model.erase(handle.value);
    }
    REQUIRE(table.size() == model.size());
  }
  std::size_t seen = 0, in_set = 0;
  table.for_each([&](names::Name&) { ++seen; });
  set.for_each([&](Handle handle) { in_set += model.count(handle.value); });
  CHECK(seen == model.size());
  CHECK(in_set == model.size());
}

}  // namespace handle_table_test
