#include <mla/epoch.h>
#include <mla/version.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <random>
#include <vector>

namespace version_test {

using namespace mla;

namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kGreatest = std::numeric_limits<std::int64_t>::max();

// Few different items and lengths, so that common prefixes, ends of range and equal versions occur often.
class Versions {
 public:
  explicit Versions(unsigned seed) : generator_(seed) {}
  std::vector<std::int64_t> items() {
    constexpr std::int64_t kItems[] = {kLeast, -1, 0, 1, kGreatest - 1, kGreatest, kGreatest};
    const std::size_t longest = generator_() % 2 ? 3 : Version::kMaxItems;
    std::vector<std::int64_t> items(generator_() % (longest + 1));
    for (auto& item : items) item = kItems[generator_() % std::size(kItems)];
    if (generator_() % 4 == 0)
      std::fill(items.begin() + static_cast<std::ptrdiff_t>(items.size() / 2), items.end(), kGreatest);
    return items;
  }

 private:
  std::mt19937 generator_;
};

std::vector<std::int64_t> list(const Version& version) {
  return {version.items().begin(), version.items().end()};
}

}  // namespace

TEST_CASE("Versions are ordered item by item, a prefix being older, the empty one oldest") {
  const std::vector<Version> rising = {{},     {kLeast},  {-1},       {0},    {0, kLeast},
                                       {0, 0}, {0, 0, 0}, {0, 1},     {3, 7}, {3, 7, -5},
                                       {3, 8}, {4},       {kGreatest}};
  for (std::size_t i = 0; i < rising.size(); ++i) {
    for (std::size_t j = 0; j < rising.size(); ++j) {
      CHECK((rising[i] <=> rising[j]) == (i <=> j));
      CHECK((rising[i] == rising[j]) == (i == j));
    }
  }
}

TEST_CASE("The next version adds one to the last item, or an item where that one is at its end") {
  CHECK(Version{}.next() == Version{0});
  CHECK(Version{3, 7}.next() == Version{3, 8});
  CHECK(Version{-1}.next() == Version{0});
  CHECK(Version{kGreatest}.next() == Version{kGreatest, 0});
  CHECK(Version{1, 2, 3, kGreatest}.next() == Version{1, 2, 3, kGreatest, 0});
}

TEST_CASE("The next version of a full one carries upward, and the last version of all has none") {
  std::vector<std::int64_t> items(Version::kMaxItems, kGreatest);
  CHECK(Version::from(items)->next() == *Version::from(items));
  items[2] = 5;
  CHECK(Version::from(items)->next() == Version{kGreatest, kGreatest, 6});
}

TEST_CASE("More than sixteen items are no version") {
  CHECK(Version::from(std::vector<std::int64_t>(16, 1)).has_value());
  CHECK_FALSE(Version::from(std::vector<std::int64_t>(17, 1)).has_value());
  CHECK(Version{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}.items().size() == 16);
}

TEST_CASE("Versions print as JSON arrays") {
  CHECK(to_string(Version{}) == "[]");
  CHECK(to_string(Version{3, 7}) == "[3,7]");
  CHECK(to_string(Version{kLeast, 0, kGreatest}) == "[-9223372036854775808,0,9223372036854775807]");
}

TEST_CASE("P2: versions behave as lists of numbers do, and next is always newer") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  Versions versions(seed);
  for (int i = 0; i < 5000; ++i) {
    const auto a = versions.items(), b = versions.items();
    CAPTURE(a, b);
    const Version x = *Version::from(a), y = *Version::from(b);
    REQUIRE(list(x) == a);
    REQUIRE((x < y) == (a < b));
    REQUIRE((x == y) == (a == b));
    const bool last = a.size() == Version::kMaxItems &&
                      std::all_of(a.begin(), a.end(), [](auto item) { return item == kGreatest; });
    REQUIRE((last ? x.next() == x : x.next() > x));
    REQUIRE(x.next().items().size() <= Version::kMaxItems);
  }
}

TEST_CASE("Versions keep their items when they are copied, moved and assigned in any order") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  Versions versions(seed);
  std::mt19937 generator(seed);
  std::vector<Version> kept(6);
  std::vector<std::vector<std::int64_t>> expected(6);
  for (int i = 0; i < 5000; ++i) {
    const std::size_t to = generator() % 6, from = generator() % 6;
    switch (generator() % 5) {
      case 0:
        expected[to] = versions.items();
        kept[to] = *Version::from(expected[to]);
        break;
      case 1:
        kept[to] = kept[from];
        expected[to] = expected[from];
        break;
      case 2:
        kept[to] = std::move(kept[from]);
        expected[to] = expected[from];
        if (to != from) expected[from].clear();
        break;
      case 3: {
        const Version copy(kept[from]);
        REQUIRE(list(copy) == expected[from]);
        break;
      }
      default: {
        Version moved(std::move(kept[from]));
        REQUIRE(list(moved) == expected[from]);
        REQUIRE(kept[from].empty());
        kept[from] = moved;
      }
    }
    for (std::size_t k = 0; k < 6; ++k) REQUIRE(list(kept[k]) == expected[k]);
  }
}

TEST_CASE("P4: epochs are ordered by counter, then by minter, and a tie joins to something above both") {
  const Epoch a{3, NodeId{9}}, b{3, NodeId{1}}, c{4, NodeId{0}};
  CHECK(b < a);
  CHECK(a < c);
  CHECK(Epoch{} < b);
  CHECK_FALSE(Epoch{});
  CHECK(b);
  CHECK(join(a, a) == a);
  CHECK(join(a, c) == c);
  CHECK(join(c, a) == c);
  CHECK(join(a, b) == Epoch{4, NodeId{0}});
  CHECK(join(a, Epoch{}) == a);
  CHECK(to_string(a) == "3@0000000000000009");
}

}  // namespace version_test
