#include "exchange/core/few.h"

#include <catch2/catch.hpp>
#include <memory>
#include <random>
#include <vector>

namespace few_test {

using mla::core::Few;
using Item = std::unique_ptr<int>;

TEST_CASE("Few is a list as any other") {
  Few<Item> few;
  std::vector<int> model;
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const auto at = static_cast<std::ptrdiff_t>(random() % (model.size() + 1));
    // Now long, now short, and empty again and again.
    const bool grows = random() % 100 < (i / 50 % 2 ? 60u : 35u);
    if (grows) {
      *few.emplace(few.begin() + at) = std::make_unique<int>(i);
      model.insert(model.begin() + at, i);
    } else if (random() % 20 == 0) {
      const auto odd = [](int value) { return value % 2 == 1; };
      erase_if(few, [&](const Item& item) { return odd(*item); });
      std::erase_if(model, odd);
    } else if (at < static_cast<std::ptrdiff_t>(model.size())) {
      few.erase(few.begin() + at);
      model.erase(model.begin() + at);
    }
    REQUIRE(few.size() == model.size());
    REQUIRE(few.empty() == model.empty());
    bool same = true;
    for (std::size_t k = 0; k < model.size(); ++k) same &= few[k] && *few[k] == model[k];
    REQUIRE(same);
    if (!model.empty()) REQUIRE(*few.back() == model.back());
  }
}

}  // namespace few_test
