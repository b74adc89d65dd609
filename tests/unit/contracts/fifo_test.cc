#include "contracts/fifo.h"

#include <catch2/catch.hpp>
#include <deque>
#include <random>

namespace mla {

TEST_CASE("fifo: behaves as a deque does, whatever is pushed, popped and removed") {
  std::mt19937 random(7);
  Fifo<int> fifo;
  std::deque<int> model;
  for (int step = 0; step < 20000; ++step) {
    const auto what = random() % (step % 2000 < 1000 ? 5 : 12);
    const int item = static_cast<int>(random() % 50);
    if (what < 3) {
      fifo.push_back(item);
      model.push_back(item);
    } else if (what == 3) {
      fifo.remove(item);
      std::erase(model, item);
    } else if (what == 4 && !model.empty()) {
      const auto at = static_cast<std::ptrdiff_t>(random() % model.size());
      fifo.erase(fifo.begin() + at);
      model.erase(model.begin() + at);
    } else if (!model.empty()) {
      fifo.pop_front();
      model.pop_front();
    }
    REQUIRE(fifo.empty() == model.empty());
    REQUIRE(fifo.size() == model.size());
    if (!model.empty()) REQUIRE(fifo.front() == model.front());
    REQUIRE(std::equal(fifo.begin(), fifo.end(), model.begin(), model.end()));
    REQUIRE(std::equal(fifo.rbegin(), fifo.rend(), model.rbegin(), model.rend()));
  }
}

}  // namespace mla
