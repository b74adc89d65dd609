#pragma once
#include <mla/epoch.h>
#include <mla/version.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "contracts/ids.h"

namespace mla::sim {

class Reader;

/// What the checks that span several events remember. *value*
struct Watched {
  using Time = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

  // P1, ages: who holds what as synchronized, and until when anybody did
  using State = std::tuple<std::string, Epoch, Version>;
  std::map<std::pair<int, std::string>, State> synchronized;
  struct Span {
    Time first, last;
  };
  std::map<State, Span> seen;

  // P8: moves of each exchange for balance
  struct Moves {
    std::uint64_t life = 0, sum = 0;
    std::deque<std::pair<Time, std::uint64_t>> lately;
  };
  std::map<int, Moves> moves;

  // P7: epochs that each exchange began
  std::map<int, Moves> epochs;

  // P8: who was told last that another contract takes over, because of one that came, went or wrote (of_others)
  bool of_others = false;
  struct Replaced {
    int node = -1;
    std::uint64_t event = 0;
    std::string object;
    std::uint64_t contract = 0;
  } replaced;

  // P6: objects whose writer was told in this step to stop, since another contract has the term
  std::map<std::string, Epoch> told_to_stop;

  // P3: user code that reads now and then, by contract
  std::map<std::uint64_t, std::shared_ptr<Reader>> readers;

  // P9: within a subtree that is cut off, who is synchronized on what, and who writes it
  std::set<std::pair<std::uint64_t, std::string>> observers;  // contract, object
  std::set<std::pair<int, SinkId>> writers;                   // exchange, sink
};

}  // namespace mla::sim
