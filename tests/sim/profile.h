#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

namespace mla::sim {

/// The shape of a world: how large it is, what it has at all, how often what happens in it. Everything else follows
/// from the seed. A shape makes a kind of constellation frequent; it is never a script of one. *value*
struct Profile {
  std::string_view name;
  std::string_view about;

  struct Range {
    int least, most;
  };
  Range nodes{2, 6};
  Range threads{1, 1};  // exchanges of one process: a tree of their own, that lives and dies together
  Range rounds{1, 3};  // of chaos, healing and quiet
  int steps = 0;       // of chaos in a round; 0: as many as come in 1 to 6 seconds
  std::chrono::milliseconds longest_step{60};

  std::chrono::milliseconds longest_stall{2500};
  std::size_t room = 0;  // bytes that a wire takes at a time; 0: 100000, or 3000 where wires are slow

  double several_objects = .5;  // three objects under two tags; else one
  int herd = 0;                 // more objects under the first tag, all observed by the first exchange
  double tag_contracts = .4;    // of all contracts, in worlds with tags
  double observers = .5;        // of all contracts
  double options = 0;           // of all contracts: those with an interval, that wait, or that linger
  double many_pieces = .3;      // of all states, in worlds with big ones
  double idle = .05;            // of all exposers: those that take on nothing, at first
  double hours = 0;             // of all observers: those that want a state an hour
  bool options_judged = false;  // nothing else happens that could excuse what an option forbids

  // How likely a world has it at all.
  struct Features {
    double user_versions = .5, tags = .6, crashes = .6, loops = .3, priorities = .5, slow = .5, pauses = .5, big = .2;
    double clocks = .5;  // of a node: a clock of another speed
  } features;

  // What a step of chaos is, by weight.
  struct Weights {
    int open = 28, drop = 12, produce = 22, dial = 12, cut = 6, stall = 4, reparent = 3, crash = 2, pause = 3, capacity = 2,
        hostile = 3, nothing = 3, circle = 0;
    int sum() const {
      return open + drop + produce + dial + cut + stall + reparent + crash + pause + capacity + hostile + nothing + circle;
    }
  } weights;

  int calm_steps = 25;     // after all rounds, in a tree where nothing breaks
  std::chrono::milliseconds longest_calm_step{400};
  bool rising = false;     // each exposer has a higher priority than all before
  bool autonomy = false;   // then: whole subtrees are cut off, and come back
  std::array<std::string_view, 4> must_happen{};  // in a hundred seeds
  bool differences = false;  // states of any size leave as differences or compressed, where the far side reads that
  bool turns = false;      // a node hears what came in a while in one step, whichever links it came on
  std::chrono::milliseconds longest_ear{0};  // user code hears of its terms so much later, and acts on what it knew before
  bool guests = false;     // hostile peers also write states that nobody asked them for
};

/// The one that all others are departures from; seeds without a profile are of this one.
extern const Profile kAnyWorld;
std::span<const Profile> profiles();  ///< all others
const Profile* find_profile(std::string_view name);

}  // namespace mla::sim
