#include "tests/sim/balance_world.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <vector>

#include "tests/sim/net.h"
#include "tests/sim/random.h"

namespace mla::sim {

namespace {

constexpr double kUneven = 1.2, kTooManyMoves = 1.5;  // as promised
constexpr auto kQuiet = seconds(10);
constexpr auto kLongEnough = seconds(60);  // for a twentieth of all to move each second, from any beginning
constexpr std::size_t kMostExposers = 64, kMostObjects = 1280;

const TagDescriptor kHerd{"T"};

class Herd {
 public:
  Herd(std::uint64_t seed, bool verbose, Counts& counts)
      : random_(seed * 0x9e3779b97f4a7c15ull + 3),
        merging_(seed * 0xd1342543de82ef95ull + 5),
        verbose_(verbose),
        counts_(counts) {}

  std::string run() {
    const std::size_t k = random_.chance(.1) ? kMostExposers - 1 : 2 + random_.below(random_.chance(.3) ? 30 : 7);
    objects_ = std::min<std::size_t>(kMostObjects, (k + 1) * (12 + random_.below(30)));
    const int inner = static_cast<int>(random_.below(5));
    const std::size_t spare = 3;  // exchanges for those who come later
    nodes_ = 1 + inner + static_cast<int>(k + spare);
    net_.emplace(nodes_);
    // The first is the root; the inner ones hang anywhere above; exposers live at leaves and, some, at inner ones.
    for (int i = 1; i <= inner; ++i) net_->link(i, static_cast<int>(random_.below(static_cast<std::uint64_t>(i))));
    for (std::size_t i = 0; i < k + spare; ++i) {
      const int leaf = 1 + inner + static_cast<int>(i);
      net_->link(leaf, static_cast<int>(random_.below(static_cast<std::uint64_t>(inner) + 1)));
      places_.push_back(leaf);
    }
    for (std::size_t i = 0; i < objects_; ++i) {
      const int where = static_cast<int>(random_.below(static_cast<std::uint64_t>(inner) + 1));
      net_->open(where, ContractKind::object_observe, ObjectDescriptor({kHerd}, Json(static_cast<int>(i))), {});
    }
    capacity_ = 1 + static_cast<std::uint32_t>(random_.below(3));
    for (std::size_t i = 0; i < k; ++i) {
      come();
      net_->pass(milliseconds(random_.below(1500)));
    }
    net_->pass(kLongEnough);
    if (auto broken = even("at first"); !broken.empty()) return broken;
    const int changes = 1 + static_cast<int>(random_.below(3));
    for (int i = 0; i < changes; ++i)
      if (auto broken = change(); !broken.empty()) return broken;
    return merge();
  }

 private:
  struct Exposer {
    int at;
    ContractId contract;
  };

  std::string change() {
    const bool more = exposers_.size() < 3 || (random_.chance(.5) && !places_.empty());
    const std::size_t k = exposers_.size();
    const std::uint64_t before = elections();
    std::string what;
    if (more) {
      if (places_.empty()) return {};
      come();
      what = "one more of " + std::to_string(k);
    } else {
      const std::size_t i = random_.below(k);
      const Exposer gone = exposers_[i];
      exposers_.erase(exposers_.begin() + static_cast<std::ptrdiff_t>(i));
      if (random_.chance(.5)) {
        net_->command(gone.at, engine::DropContract{gone.contract});
        what = "one less of " + std::to_string(k) + ", which dropped its contract";
      } else {
        net_->cut(gone.at);
        what = "one less of " + std::to_string(k) + ", which died";
      }
    }
    net_->pass(kQuiet);
    ++counts_[more ? "P8: one exposer more" : "P8: one exposer less"];
    const std::uint64_t moved = elections() - before;
    const double must = static_cast<double>(objects_) / static_cast<double>(more ? k + 1 : k);
    if (verbose_) std::printf("%s: %llu of %zu moved, %.1f must\n", what.c_str(), static_cast<unsigned long long>(moved), objects_, must);
    if (static_cast<double>(moved) > kTooManyMoves * must)
      return "P8: " + what + " moved " + std::to_string(moved) + " objects, where " + std::to_string(must) + " do";
    return even(what);
  }

  /// The root is lost, and what was below it goes on by itself; then it is back. Who is elected takes its time.
  std::string merge() {
    std::vector<int> tops;
    for (int i = 1; i < nodes_; ++i)
      if (net_->link_of(i, 0) != LinkId{}) tops.push_back(i);
    net_->cut(0);
    net_->pass(seconds(5));
    for (int i = 0; i < nodes_; ++i) (*net_)[i].publishes = false;
    for (int top : tops) {
      net_->link(top, 0);
      net_->pass(milliseconds(merging_.below(40)));
    }
    net_->pass(milliseconds(100 + merging_.below(400)));
    for (int i = 0; i < nodes_; ++i) {
      (*net_)[i].publishes = true;
      if (!(*net_)[i].sinks.empty()) net_->publish(i, "late");
    }
    net_->pass(kLongEnough);
    ++counts_["P8: trees joined"];
    return even("the root is back");
  }

  void come() {
    const std::size_t i = random_.below(places_.size());
    const int at = places_[i];
    places_.erase(places_.begin() + static_cast<std::ptrdiff_t>(i));
    exposers_.push_back({at, net_->open(at, ContractKind::tag_expose, {}, kHerd, {.capacity = capacity_})});
  }

  std::uint64_t elections() {
    std::uint64_t sum = 0;
    for (int i = 0; i < nodes_; ++i) sum += (*net_)[i].elections;
    return sum;
  }

  std::string even(const std::string& when) {
    std::size_t most = 0, sum = 0;
    for (const Exposer& x : exposers_) most = std::max(most, (*net_)[x.at].sinks.size()), sum += (*net_)[x.at].sinks.size();
    ++counts_["P8: shares compared"];
    if (sum != objects_)
      return "P8: " + when + ", " + std::to_string(sum) + " of " + std::to_string(objects_) + " objects are produced";
    const double mean = static_cast<double>(objects_) / static_cast<double>(exposers_.size());
    if (verbose_) std::printf("%s: most %zu, mean %.1f\n", when.c_str(), most, mean);
    if (static_cast<double>(most) > kUneven * mean + 1e-9)
      return "P8: " + when + ", one of " + std::to_string(exposers_.size()) + " equal exposers has " + std::to_string(most) +
             " objects, the mean is " + std::to_string(mean);
    return {};
  }

  Random random_, merging_;
  const bool verbose_;
  Counts& counts_;
  std::optional<Net> net_;
  int nodes_ = 0;
  std::size_t objects_ = 0;
  std::uint32_t capacity_ = 1;
  std::vector<int> places_;
  std::vector<Exposer> exposers_;
};

}  // namespace

std::string balance_world(std::uint64_t seed, bool verbose, Counts& counts) { return Herd(seed, verbose, counts).run(); }

}  // namespace mla::sim
