#include "tests/sim/counts.h"

#include <algorithm>
#include <array>

namespace mla::sim {

namespace {

// Each about half of what 500 seeds were seen to bring; where the bound is 100, no less would say enough.
constexpr Bound kBounds[] = {
    // faults
    {"cuts", 1200},
    {"half-open links", 500},
    {"links lost for the child first", 60},
    {"links lost for the parent first", 60},
    {"links deaf one way", 120},
    {"links that slow down", 120},
    {"slow links", 1500},
    {"stalls", 1200},
    {"re-parentings", 300},
    {"crashes", 500},
    {"processes that shut down", 40},
    {"pauses", 600},
    {"clocks of another speed", 700},
    {"malformed messages on a link", 70},
    {"hostile peers", 1300},
    {"declined", 180},
    {"capacity changes", 1000},
    {"close link_silent", 2000},
    {"close would_loop", 100},
    {"close replaced", 300},
    {"close bad_frame", 400},
    {"close unexpected_frame", 400},
    // transitions
    {"hand-overs", 1500},
    {"hand-overs under load", 1000},
    {"hand-over time-outs", 300},
    {"exposers avoided", 250},
    {"terms superseded before they had sent", 200},
    {"terms continued by the same sink", 3000},
    {"preemptions", 250},
    {"moves for balance", 800},
    {"fail-overs seen", 3000},
    {"merges", 400},
    {"merges with two exposers", 1000},
    {"regents", 2000},
    {"regents that ended", 2000},
    {"re-elections asked for from below", 250},
    {"states fenced", 100},
    {"states not newer", 100},
    {"refused as stale", 500},
    {"refused as ended", 20},
    {"stale sinks", 700},
    {"pulls", 600},
    {"states carried", 500},
    {"states kept without a parent", 80},
    {"states in pieces", 700},
    {"states cut off between their pieces", 60},
    {"objects ended", 600},
    {"standing declined", 50},
    {"standing waiting", 2500},
    {"standing unexposed", 1700},
    {"standing stale", 7000},
    {"withdrawn unobserved", 500},
    {"withdrawn handed_over", 2000},
    {"withdrawn declined", 500},
    {"withdrawn contract_dropped", 1700},
    {"frames TAG", 6000},
    {"frames INTEREST", 20000},
    {"frames GIVEUP", 1200},
    {"frames STARTED", 800},
    {"frames ASSIGN", 4000},
    {"frames WANT", 700},
    {"frames FLOOR", 900},
    {"frames WITHDRAW", 3500},
    {"frames END", 350},
    {"frames PULL", 600},
    {"frames STANDING", 1600},
    {"frames FRESH", 3500},
    {"frames PATH", 2300},
    {"frames RELEASE", 3000},
    // preconditions
    {"checked with an exposer", 1200},
    {"checked without an exposer", 100},
    {"checked at synchronized", 7000},
    {"checked at stale", 100},
    {"checked at unexposed", 100},
    {"calm steps", 5000},
    {"merges of healthy trees", 12},
    {"confirmations by several exchanges", 20},
    {"publications that moved before confirmation", 20},
    {"confirmed at quiet", 20},
    {"contracts that wait", 20},
    {"contracts that linger", 20},
    {"contracts with an interval", 20},
    {"interval changes", 20},
    {"states under an interval", 20},
};

struct Within {
  const char* kind;
  bool contract;  // it speaks of one
  std::uint64_t least;
};
constexpr Within kWithin[] = {
    {"a state", true, 40},        {"a standing", true, 40},     {"an end", true, 4},        {"an election", true, 50},
    {"another term", false, 50},  {"a withdrawal", true, 20},   {"an answer", false, 15},   {"a stale sink", false, 15},
    {"a confirmation", false, 2}, {"a link", false, 20},        {"a lost link", false, 20},
};
constexpr std::array kAnswers{"opened", "dropped", "dropped itself", "published", "declined", "set a capacity"};

std::vector<Bound> all_bounds() {
  static std::vector<std::string> names;  // what the bounds' views look at
  names.reserve(std::size(kWithin) * kAnswers.size());
  std::vector<Bound> result(std::begin(kBounds), std::end(kBounds));
  for (const Within& w : kWithin)
    for (std::size_t i = 0; i < kAnswers.size(); ++i) {
      if (i == 2 && !w.contract) continue;
      names.push_back(std::string("from within ") + w.kind + ": " + kAnswers[i]);
      result.push_back({names.back(), w.least});
    }
  return result;
}

}  // namespace

const std::vector<Bound>& bounds() {
  static const std::vector<Bound> kAll = all_bounds();
  return kAll;
}

std::vector<std::string> below_bounds(const Counts& counts, std::uint64_t seeds) {
  std::vector<std::string> result;
  if (seeds < 100) return result;
  for (const Bound& b : bounds()) {
    const std::uint64_t least = std::max<std::uint64_t>(1, b.least * std::min<std::uint64_t>(seeds, 500) / 500);
    const auto it = counts.find(std::string(b.what));
    const std::uint64_t n = it == counts.end() ? 0 : it->second;
    if (n < least) result.push_back(std::string(b.what) + ": " + std::to_string(n) + ", not " + std::to_string(least));
  }
  return result;
}

}  // namespace mla::sim
