#include "contracts/containers.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

namespace containers_test {

using namespace mla;

TEST_CASE("A table keyed by text is searched with a view of it") {
  FlatMap<std::string, int> map;
  map["temp"] = 1;
  const std::string_view longer = "temperature";
  CHECK(map.contains(longer.substr(0, 4)));
  CHECK_FALSE(map.contains(longer));
  FlatSet<std::string> set{"a"};
  CHECK(set.find(std::string_view("a")) != set.end());
  CHECK(set.contains("a"));
}

TEST_CASE("Ids, epochs and descriptors are keys") {
  enum class Colour : std::uint8_t { red, blue };
  FlatMap<NodeId, int> nodes{{NodeId{7}, 1}};
  FlatMap<Epoch, int> epochs{{Epoch{1, NodeId{2}}, 1}};
  FlatMap<std::uint64_t, int> numbers{{5, 1}};
  FlatMap<Colour, int> colours{{Colour::blue, 1}};
  FlatMap<TagDescriptor, int> tags{{TagDescriptor("demo"), 1}};
  FlatMap<ObjectDescriptor, int> objects{{ObjectDescriptor{{"b", "a"}, 1}, 1}};
  CHECK(nodes.contains(NodeId{7}));
  CHECK_FALSE(nodes.contains(NodeId{8}));
  CHECK(epochs.contains(Epoch{1, NodeId{2}}));
  CHECK_FALSE(epochs.contains(Epoch{2, NodeId{1}}));
  CHECK(numbers.contains(5));
  CHECK_FALSE(colours.contains(Colour::red));
  CHECK(tags.contains(TagDescriptor("demo")));
  CHECK(objects.contains(ObjectDescriptor{{"a", "b", "a"}, 1.0}));
  CHECK_FALSE(objects.contains(ObjectDescriptor{{"a"}, 1}));
}

TEST_CASE("Elements are erased by a condition in one way for both kinds of table") {
  FlatMap<int, int> map;
  for (int i = 0; i < 10; ++i) map[i] = i;
  erase_if(map, [](const auto& item) { return item.second % 2 == 0; });
  CHECK(map.size() == 5);
  CHECK(map.contains(1));
  CHECK_FALSE(map.contains(2));
}

}  // namespace containers_test
